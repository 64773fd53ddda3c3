"""Telling people: rows now, mail later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from portal import queue
from portal.notices.models import MailPreference, Notice

Addresses = Callable[[UUID], list[str]]
_addresses: Addresses = lambda user_id: []  # noqa: E731 - people registers the real one at start


def register_addresses(loader: Addresses) -> None:
    """Let `people` say to which confirmed addresses a person's mail goes."""
    global _addresses  # noqa: PLW0603 - registered once at start
    _addresses = loader


def addresses_of(user_id: UUID) -> list[str]:
    """Confirmed addresses of a person, primary first."""
    return _addresses(user_id)


def _render(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of `templates/emails/<kind>.txt`; its first line says `Asunto: …`."""
    text = render_to_string(f"emails/{kind}.txt", dict(context)).strip()
    first, _, body = text.partition("\n")
    if not first.startswith("Asunto: "):
        raise ValueError(f"emails/{kind}.txt does not start with «Asunto: »")
    subject = re.sub(r"\s+", " ", first.removeprefix("Asunto: ")).strip()
    return subject[:200], re.sub(r"\n{3,}", "\n\n", body.strip())


@transaction.atomic
def notify(
    *,
    user_ids: Iterable[UUID],
    kind: str,
    key: str,
    context: Mapping[str, Any],
    url: str,
    at: datetime,
    action_label: str = "Entra al portal",
) -> None:
    """Tell people once about one event: inbox at once, mail by the drain. `key` makes telling twice impossible.

    `url` is a path of this portal. The text is frozen here; mail carries folio and «entra al portal» only (PR-08).
    """
    title, body = _render(kind, context)
    people = set(user_ids)
    silent = set(MailPreference.objects.filter(user__in=people, kind=kind, by_mail=False).values_list("user_id", flat=True))
    rows = [
        Notice(
            user_id=user_id, kind=kind, key=key, title=title, body=body, action_label=action_label,
            action_url=f"{settings.BASE_URL}{url}", by_mail=user_id not in silent, created_at=at,
        )
        for user_id in sorted(people)
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    queue.kick("notices")
