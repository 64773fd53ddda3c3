"""What of the room waits for people at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.access import Permission
from portal.help import rules
from portal.help.listings import MESSAGES
from portal.help.models import ContactMessage
from portal.listing import Link
from portal.people.selectors import parties_of
from portal.work.registry import Queue


def messages_to_answer(user: Any, at: datetime) -> QuerySet[ContactMessage]:
    """Messages that wait for this person's answer: neither their own nor of anybody they act for."""
    rows = ContactMessage.objects.open().exclude(user=user).exclude(kind__in=[*rules.ELSEWHERE])
    rows = rows.exclude(user__grants__party__in=parties_of(user))
    return rows.only("kind", "folio", "name", "created_at", "due_on")


MESSAGES_TO_ANSWER = Queue(
    name="help.contacts",
    label="Mensajes por contestar",
    permission=Permission.ANSWER_CONTACTS,
    rows=messages_to_answer,
    seen=ContactMessage.objects.visible_to,
    page="help:messages",
    query=f"estado={rules.State.OPEN}",
    listing=MESSAGES,
    since="created_at",
    due="due_on",
    title=lambda row: f"{rules.KINDS[row.kind]} {row.folio}",
    who=lambda row: row.name,
    href=Link("help:message", "folio"),
)
