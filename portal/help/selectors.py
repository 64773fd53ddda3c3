"""Reading messages: what waits for an answer."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from portal.access import Permission
from portal.help import rules
from portal.help.models import ContactMessage


def waiting_for(user: Any) -> list[tuple[str, int, str]]:
    """What waits for this person: (label, how many, address); nothing for people who do not answer."""
    if Permission.ANSWER_CONTACTS not in user.permissions:
        return []
    waiting = ContactMessage.objects.filter(state=rules.State.OPEN.value).count()
    return [("Mensajes por contestar", waiting, reverse("help:messages"))]
