"""Telling people: rows now, mail later."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Value
from django.template.loader import render_to_string
from django.urls import reverse

from portal import clock, queue, vault
from portal.access import Permission
from portal.errors import RuleBroken
from portal.history.services import record
from portal.notices import rules
from portal.notices.models import DailyDigest, Enclosure, MailPreference, Notice
from portal.prepared import insert_new, prepared
from portal.work import registry
from portal.work import selectors as work

User = Any  # people stands above this room: the type is named where it may be
Addresses = Callable[[UUID], list[str]]
_addresses: Addresses = lambda user_id: []  # noqa: E731 - people registers the real one at start


class Holders(Protocol):
    """Who holds a permission on a date."""

    def __call__(self, permission: Permission, *, on: date) -> Iterable[Any]: ...


_holders: Holders = lambda permission, *, on: []  # noqa: E731 - people registers the real one at start


def register_holders(loader: Holders) -> None:
    """Let `people` say who holds a permission on a date: whoever works on a queue is told of it."""
    global _holders  # noqa: PLW0603 - registered once at start
    _holders = loader


_Enclosed = tuple[UUID | None, UUID | None]  # an issued document, or a stored file
Rendered = Callable[[], QuerySet[Any]]
Load = Callable[[UUID], tuple[str, bytes]]
_rendered: Rendered = Enclosure.objects.none
_load: Load = lambda document: ("", b"")  # noqa: E731 - papers registers the real ones at start
_load_file: Load = lambda file: ("", b"")  # noqa: E731


def register_documents(*, rendered: Rendered, load: Load, load_file: Load) -> None:
    """Let `papers` say which issued documents have their PDF (their keys), and give the name and bytes of one, or of a
    stored file.
    """
    global _rendered, _load, _load_file
    _rendered, _load, _load_file = rendered, load, load_file


def ready() -> Q:
    """Notices that may be mailed: all that goes with them is rendered."""
    papers = Enclosure.objects.filter(notice=OuterRef("pk"), document__isnull=False)
    return Q(~Exists(papers.exclude(document__in=_rendered())))


def attached_to(notice: Notice) -> list[tuple[str, bytes]]:
    """(name, PDF) of each paper that goes with a notice's mail, in the order in which they were attached."""
    keys = notice.enclosures.order_by("pk").values_list("document_id", "file_id")
    return [_load(document) if document else _load_file(file) for document, file in keys if document or file]


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


def _render_mail(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of `templates/emails/<kind>.txt`; its first line says `Asunto: …`."""
    rules.check_kind(kind)
    text = render_to_string(f"emails/{kind}.txt", dict(context)).strip()
    first, _, body = text.partition("\n")
    if not first.startswith("Asunto: "):
        raise ValueError(f"emails/{kind}.txt does not start with «Asunto: »")
    subject = re.sub(r"\s+", " ", first.removeprefix("Asunto: ")).strip()
    return subject[:200], re.sub(r"\n{3,}", "\n\n", body.strip())


@dataclass(frozen=True, slots=True)
class Telling:
    """One event for its people: `key` makes telling one of them twice impossible, `url` is a path of this portal."""

    user_ids: Iterable[UUID]
    key: str
    context: Mapping[str, Any]
    url: str


def notify(
    *,
    user_ids: Iterable[UUID],
    kind: str,
    key: str,
    context: Mapping[str, Any],
    url: str,
    at: datetime,
    action_label: str = "",
    documents: Iterable[UUID] = (),
    files: Iterable[UUID] = (),
) -> None:
    """Tell people once about one event: inbox at once, mail by the drain. `key` makes telling twice impossible.

    `url` is a path of this portal; without `action_label` the mail says «Entra al portal», the inbox «Ver».
    The text is frozen here; mail carries folio and «entra al portal» only (PR-08). `documents` are issued documents and
    `files` stored PDFs (examined, accepted) that go with the mail to the primary address (ruling C17a): it waits until
    they are rendered, and for no daily one.
    """
    telling = Telling(user_ids, key, context, url)
    notify_many(kind=kind, tellings=[telling], at=at, action_label=action_label, documents=documents, files=files)


def notify_many(
    *,
    kind: str,
    tellings: Iterable[Telling],
    at: datetime,
    action_label: str = "",
    documents: Iterable[UUID] = (),
    files: Iterable[UUID] = (),
) -> None:
    """Tell many people of many events of one kind at once, each with its own text: four queries, however many.

    What each telling is, and what goes with it, is as in `notify`.
    """
    events = [(one, set(one.user_ids), *_render_mail(kind, one.context)) for one in tellings]
    silent, daily = _wishes({person for _one, people, _title, _body in events for person in people}, kind)
    enclosed: list[_Enclosed] = [*((one, None) for one in documents), *((None, one) for one in files)]
    if enclosed:  # the mail of the day has no room for papers: who is sent some gets them at once (C17a)
        daily = set()
    rows = [
        Notice(
            user_id=user_id,
            kind=kind,
            key=one.key,
            title=title,
            body=body,
            action_label=action_label,
            action_url=f"{settings.BASE_URL}{one.url}",
            by_mail=user_id not in silent | daily,
            in_digest=user_id in daily,
            created_at=at,
        )
        for one, people, title, body in events
        for user_id in sorted(people)
    ]
    with transaction.atomic(savepoint=False):
        insert_new(rows)
        _attach(rows, enclosed)
        queue.kick("notices")


def _wishes(people: set[UUID], kind: str) -> tuple[set[UUID], set[UUID]]:
    """(who wants no mail of this kind, who of the others wants it in their daily one).

    What guards the account, the money or the way in comes by itself and at once.
    """
    if not rules.KINDS[kind].is_optional:
        return set(), set()
    wished = _wished(kind, tuple(people))
    silent = {person for person, is_silent in wished if is_silent}
    return silent, {person for person, _is_silent in wished} - silent


@prepared
def _wished(kind: str, people: tuple[UUID, ...]) -> QuerySet[Any, Any]:
    """(person, whether they want no mail of this kind; else the daily one)."""
    silent, daily = (Value(told, BooleanField()) for told in (True, False))
    none = MailPreference.objects.filter(user__in=people, kind=kind).order_by().annotate(silent=silent)
    digest = DailyDigest.objects.filter(user__in=people).order_by().annotate(silent=daily)
    return none.values_list("user_id", "silent").union(digest.values_list("user_id", "silent"), all=True)


def _attach(rows: list[Notice], wanted: list[_Enclosed]) -> None:
    """Only to what was told now: a notice that stood before keeps what it had."""
    if not wanted:
        return
    told = Notice.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    Enclosure.objects.bulk_create(
        Enclosure(notice_id=notice, document_id=document, file_id=file) for notice in told for document, file in wanted
    )


@transaction.atomic
def send_secret(
    *, user_id: UUID, kind: str, key: str, context: Mapping[str, Any], secret: str, url: str, at: datetime
) -> None:
    """Mail a one-time secret to the primary stored address only: never in the inbox, never to the second one (AU-07).

    Its template places it with `{{ secret }}`; at rest it is encrypted and goes when the mail went.
    """
    title, body = _render_mail(kind, {**context, "secret": rules.SECRET_MARK})
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
    title, body = _render_mail(kind, context)
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
def set_mail_preferences(*, silent: Iterable[str], daily: bool = False, by: User, at: datetime) -> None:
    """Mail on or off per kind of event, each at once or `daily` in one mail; those of one's own security at once.

    Raises RuleBroken for a kind that nobody can switch off.
    """
    chosen = set(silent)
    if stray := chosen - {kind for kind, row in rules.KINDS.items() if row.is_optional}:
        raise RuleBroken(f"No existe el aviso «{min(stray)}». Elige de la lista.", code="unknown_kind")
    MailPreference.objects.filter(user=by).exclude(kind__in=chosen).delete()
    wishes = [MailPreference(user=by, kind=kind) for kind in sorted(chosen)]
    MailPreference.objects.bulk_create(wishes, ignore_conflicts=True)
    if daily:
        DailyDigest.objects.get_or_create(user=by)
    else:
        DailyDigest.objects.filter(user=by).delete()
    details = {"silent": sorted(chosen), "daily": daily}
    record(action="notices.mail_chosen", subject=by, by=by, at=at, details=details)


# --- one mail a day ------------------------------------------------------------------------------------------------


def send_digests(*, at: datetime) -> int:
    """Mail each person who wants one mail a day what they were told since the last one and have not read.

    Returns how many mails that makes; again at once it makes none.
    """
    waiting = Notice.objects.filter(in_digest=True, digested_at=None)
    people = list(waiting.order_by("user_id").values_list("user_id", flat=True).distinct())
    return sum(_digest(user_id=user_id, at=at) for user_id in people)


@transaction.atomic
def _digest(*, user_id: UUID, at: datetime) -> bool:
    rows = Notice.objects.select_for_update(of=("self",)).filter(user_id=user_id, in_digest=True, digested_at=None)
    told = list(rows.order_by("created_at", "pk").select_related("user"))
    Notice.objects.filter(pk__in=[row.pk for row in told]).update(digested_at=at)
    unread = [row for row in told if row.read_at is None]
    if not unread:
        return False
    waits = [(label, count) for label, count, _address in work.figures(unread[0].user, at=at) if count]
    title, body = _render_mail("digest", {"notices": unread, "work": waits})
    Notice.objects.create(
        user_id=user_id,
        kind="digest",
        key=f"digest:{unread[-1].pk}",
        title=title,
        body=body,
        action_label="Ver tus avisos",
        action_url=f"{settings.BASE_URL}{reverse('notices:inbox')}",
        in_inbox=False,
        created_at=at,
    )
    queue.kick("notices")
    return True


# --- who owns a queue ----------------------------------------------------------------------------------------------


def tell_of_work(*, at: datetime) -> int:
    """Tell whoever works on a queue that work arrived there, once until they read it or the day is over.

    Not of what is their own, nor of queues whose app tells by itself. Returns how many people were told; what nobody
    was told of in a missed hour is told in the next.
    """
    return sum(
        _tell_of(queue=one, person=person, at=at)
        for one in registry.queues()
        if one.told
        for person in _holders(one.permission, on=clock.date_in(at))
    )


def _tell_of(*, queue: registry.Queue, person: Any, at: datetime) -> bool:
    newest = work.newest(queue, person, at=at)
    if newest is None:
        return False
    begins = f"work:{queue.name}:"
    last = (
        Notice.objects.filter(user=person, kind="work_arrived", key__startswith=begins)
        .order_by("-created_at", "-pk")
        .first()
    )
    if last is not None:
        told = datetime.fromisoformat(last.key.removeprefix(begins))  # what came is often dated before it was told
        if newest <= told or (last.read_at is None and _same_day(last.created_at, at)):
            return False
    notify(
        user_ids=[person.pk],
        kind="work_arrived",
        key=f"{begins}{newest.isoformat()}",
        context={"queue": queue.label},
        url=queue.list_address,
        at=at,
        action_label="Ver lo que espera",
    )
    return True


def _same_day(one: datetime, other: datetime) -> bool:
    return clock.date_in(one) == clock.date_in(other)
