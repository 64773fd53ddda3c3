"""Telling people: rows now, mail later."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from portal import queue, vault
from portal.errors import RuleBroken
from portal.notices import rules
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


def _sealed(notice: Notice, secrets: Mapping[str, str]) -> str:
    """What must not rest in clear, bound to this notice."""
    plain = json.dumps(dict(secrets)).encode()
    return base64.b64encode(vault.encrypt(plain, purpose="notice", bound_to=f"notice:{notice.pk}")).decode()


def _render(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of `templates/emails/<kind>.txt`; its first line says `Asunto: …`."""
    rules.check_kind(kind)
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
    action_label: str = "",
) -> None:
    """Tell people once about one event: inbox at once, mail by the drain. `key` makes telling twice impossible.

    `url` is a path of this portal; without `action_label` the mail says «Entra al portal», the inbox «Ver».
    The text is frozen here; mail carries folio and «entra al portal» only (PR-08).
    """
    title, body = _render(kind, context)
    people = set(user_ids)
    silent = set(MailPreference.objects.filter(user__in=people, kind=kind).values_list("user_id", flat=True))
    rows = [
        Notice(
            user_id=user_id,
            kind=kind,
            key=key,
            title=title,
            body=body,
            action_label=action_label,
            action_url=f"{settings.BASE_URL}{url}",
            by_mail=user_id not in silent,
            created_at=at,
        )
        for user_id in sorted(people)
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    queue.kick("notices")


@transaction.atomic
def send_secret(
    *, user_id: UUID, kind: str, key: str, context: Mapping[str, Any], secret: str, url: str, at: datetime
) -> None:
    """Mail a one-time secret to the primary stored address only: never in the inbox, never to the second one (AU-07).

    Its template places it with `{{ secret }}`; at rest it is encrypted and goes when the mail went.
    """
    title, body = _render(kind, {**context, "secret": rules.SECRET_MARK})
    notice = Notice(
        user_id=user_id,
        kind=kind,
        key=key,
        title=title,
        body=body,
        action_label="Entrar",
        action_url=f"{settings.BASE_URL}{url}",
        in_inbox=False,
        created_at=at,
    )
    notice.sealed = _sealed(notice, {"secret": secret})
    notice.save(force_insert=True)
    queue.kick("notices")


@transaction.atomic
def write_to(
    *,
    address: str,
    kind: str,
    key: str,
    context: Mapping[str, Any],
    url: str,
    at: datetime,
    secret_url: str = "",
    action_label: str = "",
) -> None:
    """Mail an address that is no account yet. `secret_url`: a path with a token, encrypted at rest, for the button."""
    title, body = _render(kind, context)
    notice = Notice(
        address=address,
        kind=kind,
        key=key,
        title=title,
        body=body,
        action_label=action_label,
        action_url=f"{settings.BASE_URL}{url}",
        in_inbox=False,
        created_at=at,
    )
    if secret_url:
        notice.sealed = _sealed(notice, {"url": f"{settings.BASE_URL}{secret_url}"})
    notice.save(force_insert=True)
    queue.kick("notices")


@transaction.atomic
def mark_read(*, user_id: UUID, notice: Notice | None, at: datetime) -> int:
    """Mark one notice (or all, with None) as read; returns how many changed. Not audited: nobody else sees it."""
    waiting = Notice.objects.filter(user_id=user_id, read_at=None, in_inbox=True)
    if notice is not None:
        waiting = waiting.filter(pk=notice.pk)
    return waiting.update(read_at=at)


@transaction.atomic
def set_mail_preferences(*, user_id: UUID, silent: Iterable[str]) -> None:
    """Mail on or off per kind of event; those of one's own security cannot be switched off."""
    chosen = set(silent)
    if stray := chosen - {kind for kind, row in rules.KINDS.items() if row.is_optional}:
        raise RuleBroken(f"No existe el aviso «{min(stray)}». Elige de la lista.", code="unknown_kind")
    MailPreference.objects.filter(user_id=user_id).exclude(kind__in=chosen).delete()
    wishes = [MailPreference(user_id=user_id, kind=kind) for kind in sorted(chosen)]
    MailPreference.objects.bulk_create(wishes, ignore_conflicts=True)
