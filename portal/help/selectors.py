"""Reading messages: what waits for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from portal.access import Permission
from portal.calendars.ics import Entry
from portal.help.models import ContactMessage
from portal.listing import search
from portal.people import selectors as people
from portal.rulebook.selectors import explain_due
from portal.text import is_like_folio

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 300


def is_own(message: ContactMessage, user: User, *, on: date) -> bool:
    """Whether a message is this person's own: they wrote it, or act for whoever did."""
    if message.user is None:
        return False
    own = people.own_party(message.user)
    return message.user == user or (own is not None and people.acts_for(user, own, on=on))


def has_open(user: User, kind: str) -> bool:
    """Whether a message of this kind, which this person wrote, waits for its answer."""
    return ContactMessage.objects.open().filter(user=user, kind=kind).exists()


def thread(message: ContactMessage) -> list[dict[str, Any]]:
    """What was written and what was answered, in order."""
    said = [{"by": message.name, "at": message.created_at, "text": message.body, "mine": False}]
    if message.answer:
        said.append({"by": "Respuesta", "at": message.met_at, "text": message.answer, "mine": True})
    return said


def subject_page(message: ContactMessage, user: Any) -> str:
    """Where this person sees the thing that a message is about; "" where they may not, or it names none."""
    folio = message.subject_folio
    return (is_like_folio(folio) and search.page_of(user, folio)) or ""


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
