"""Reading messages: what waits for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from portal.access import Permission
from portal.calendars.ics import Entry
from portal.help.models import ContactMessage
from portal.people import selectors as people
from portal.rulebook.selectors import explain_due

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 300


def is_own(message: ContactMessage, user: User, *, on: date) -> bool:
    """Whether a message is this person's own: they wrote it, or act for whoever did."""
    if message.user is None:
        return False
    own = people.own_party(message.user)
    return message.user == user or (own is not None and people.acts_for(user, own, on=on))


def due_figure(message: ContactMessage) -> dict[str, Any]:
    """Why a message is to be answered by its stored date."""
    return explain_due(
        title="Cuándo se responde",
        formula="día en que llegó + días hábiles de oficina",
        start=("Llegó el", message.anchor),
        due_on=message.due_on,
        due_rule=message.due_rule,
    )


def entries(user: Any, on: date) -> Iterator[Entry]:
    """Days by which messages are answered, for the calendar of who answers and of who wrote."""
    told = "Responder el mensaje" if Permission.ANSWER_CONTACTS in user.permissions else "Respuesta a tu mensaje"
    for row in ContactMessage.objects.visible_to(user).open().order_by("due_on", "pk")[:MOST]:
        yield Entry(str(row.pk), row.due_on, f"{told} {row.folio}", _page_of(row))


def _page_of(message: ContactMessage) -> str:
    return reverse("help:message", args=[message.folio])
