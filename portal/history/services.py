"""Every write of this room: record an act, record a reading, seal both in order."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser as User  # people stands above this room
from django.db import connection, models, transaction

from portal import clock
from portal.history import context, head, keys, rules, selectors
from portal.history.guard import recording_access
from portal.history.models import AccessEvent, AuditEvent, AuditSeal, Recorded
from portal.prepared import insert, insert_columns

log = logging.getLogger("cauce.history")

R = TypeVar("R", bound=Recorded)
BATCH = 500
# "Cauce" in ASCII: the advisory lock of the one drain that may seal.
LOCK = 0x4361756365
# No transaction of ours lives this long; below it, an unsealed row can only be a refused one.
LATE_COMMIT = timedelta(hours=6)


def record(
    *,
    action: str,
    subject: models.Model,
    by: User | None,
    at: datetime,
    details: Mapping[str, Any] | None = None,
    reason: str = "",
    party_id: UUID | None = None,
) -> AuditEvent:
    """Record one act, as the last line of a service and inside its transaction (AD-01, AD-04).

    `action` is `room.act`; `by` a User or None (the system); details hold ids, states and amounts as text. A whole
    CLABE, RFC or CURP in a text is masked, controls are escaped (AD-05). Raises ValueError for text above 500
    characters or details above 4,000 bytes, TypeError for a float: bugs of the caller.
    """
    event = AuditEvent(
        action=action, details=rules.safe_details(details or {}), **_common(subject, by, at, reason, party_id)
    )
    return _signed(event)


@dataclass(frozen=True, slots=True)
class Act:
    """One of many acts that are recorded at once, on a row by its model and key; what it says is as in `record`."""

    action: str
    subject: type[models.Model]
    key: Any
    details: Mapping[str, Any] = field(default_factory=dict)


def record_many(*, acts: Sequence[Act], by: User | None, at: datetime) -> None:
    """Record many acts, each as `record` records one, in one statement; nobody is given the events."""
    if not acts:
        return
    row = AuditEvent(**_common(acts[0].subject(), by, at, "", None))
    columns: dict[str, Any] = {field.attname: getattr(row, field.attname) for field in AuditEvent._meta.concrete_fields}
    told = {name: list[Any]() for name in ("uid", "action", "subject_type", "subject_id", "details", "hmac")}
    for one in acts:  # the same event says each of them in turn: of a thousand acts no thousand instances are made
        row.uid, row.action = uuid4(), one.action
        row.subject_type, row.subject_id = one.subject._meta.label_lower, str(one.key)
        row.details = rules.safe_details(one.details)
        row.hmac = rules.sign(keys.event_key(), row.facts())
        for name, column in told.items():
            column.append(getattr(row, name))
    insert_columns(AuditEvent, columns | told)


def record_access(
    *, subject: models.Model, by: User, at: datetime, reason: str = "", party_id: UUID | None = None
) -> AccessEvent:
    """Record that a person read something. Works in a GET: its own short transaction, the guard's third table."""
    with recording_access(), transaction.atomic():
        return _signed(AccessEvent(**_common(subject, by, at, reason, party_id)))


def record_export(*, name: str, model: type[models.Model], file: str = "csv", by: User, at: datetime) -> AccessEvent:
    """Record that a person took a list away (AD-01): `name` is the list's, `model` what its rows are.

    `file` is csv, xlsx, pdf, or json of the API.

    The filter is not kept: what somebody searched for may be a patient's name (AD-05). Works in a GET.
    """
    facts = _common(model(), by, at, "", None) | {"subject_id": f"{file}:{name}"}
    with recording_access(), transaction.atomic():
        return _signed(AccessEvent(**facts))


def _common(subject: models.Model, by: User | None, at: datetime, reason: str, party_id: UUID | None) -> dict[str, Any]:
    origin = context.current()
    person = by if getattr(by, "pk", None) else None
    return {
        "at": at,
        "real_at": clock.real_now(),
        "by": person,
        "acting_as": " ".join(sorted(str(role) for role in getattr(person, "roles", ())))[:200],
        "subject_type": subject._meta.label_lower,
        "subject_id": str(subject.pk),
        "party_id": party_id,
        "reason": rules.safe_text(reason),
        "request_id": origin.request_id,
        "ip": origin.ip,
    }


def _signed(row: R) -> R:
    row.hmac = rules.sign(keys.event_key(), row.facts())
    insert(row)
    return row


def seal_events() -> int:
    """Seal every committed row that has no seal yet, in order, one drain at a time (advisory lock). Real time.

    A row whose own signature fails gets no seal: it stays visible as a fault for `audit-verify`. Returns the number of
    seals; 0 at once when another drain is at work.
    """
    sealed = 0
    for model in (AuditEvent, AccessEvent):
        after: int | None = 0
        while after is not None:
            count, after = _seal_batch(model, after=after)
            sealed += count
    if sealed:
        head.write(AuditSeal.objects.latest("number"))
    return sealed


@transaction.atomic
def _seal_batch(model: type[AuditEvent] | type[AccessEvent], *, after: int) -> tuple[int, int | None]:
    """Seal up to one batch of rows above `after`. Returns (seals, where to go on or None at the end)."""
    if not _alone():
        return 0, None
    last = AuditSeal.objects.order_by("-number").first()
    waiting = selectors.unsealed(model, since=last.sealed_at - LATE_COMMIT if last else None)
    rows = list(waiting.filter(pk__gt=after).order_by("pk")[:BATCH])
    number, previous = (last.number, last.hmac) if last else (0, rules.GENESIS)
    seals, at = [], clock.real_now()
    for row in rows:
        if not rules.signature_holds(keys.event_key(), row.facts(), row.hmac):
            log.error("refused to seal %s %s: its signature fails, run audit-verify", model._meta.db_table, row.pk)
            continue
        number += 1
        link = rules.Link(number, model._meta.db_table, row.pk, row.hmac, previous)
        seal = AuditSeal(
            number=number, previous_hmac=previous, hmac=rules.sign(keys.seal_key(), link.facts()), sealed_at=at
        )
        setattr(seal, "event" if isinstance(row, AuditEvent) else "access", row)
        seals.append(seal)
        previous = seal.hmac
    AuditSeal.objects.bulk_create(seals)
    return len(seals), rows[-1].pk if len(rows) == BATCH else None


def _alone() -> bool:
    """Take the drain's advisory lock until the transaction ends; False when somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])
