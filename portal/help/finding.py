"""What of the help desk is found in the search: a message by its folio, by who wrote it or by what it is about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from portal.access import Permission, may
from portal.help import rules
from portal.help.models import ContactMessage
from portal.listing.search import Findable, Found, How, Name, as_email, as_folio, as_words
from portal.prepared import Asked


def _written_by(user_id: UUID | None) -> QuerySet[ContactMessage]:
    """Of one person, of everybody for None."""
    return (
        ContactMessage.objects.filter(user=user_id)
        if user_id
        else ContactMessage.objects.exclude(kind__in=[*rules.ELSEWHERE])
    )


def _of_whom(user: Any) -> tuple[Any, ...] | None:
    if may(user, Permission.ANSWER_CONTACTS):
        return (None,)
    return (user.pk,) if user.pk else None


FINDABLES = (
    Findable(
        "help.contactmessage",
        "Mensajes",
        (
            Name("folio", shape=as_folio({rules.FOLIO_PREFIX})),
            Name("subject_folio"),
            Name("email", How.START, as_email),
            Name("name", How.WORDS, as_words),
        ),
        Asked(_written_by, _of_whom),
        lambda row: Found(row.folio, row.name, reverse("help:message", args=[row.folio])),
        folio="folio",
    ),
)
