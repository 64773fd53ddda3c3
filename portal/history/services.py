"""Every write of this room: record an act, record a reading, seal both in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction

from portal import clock
from portal.history import context, keys, rules
from portal.history.guard import recording_access
from portal.history.models import AccessEvent, AuditEvent, Recorded

R = TypeVar("R", bound=Recorded)


def record(
    *,
    action: str,
    subject: models.Model,
    by: Any,
    at: datetime,
    details: Mapping[str, Any] | None = None,
    reason: str = "",
    party_id: UUID | None = None,
) -> AuditEvent:
    """Record one act, as the last line of a service and inside its transaction (AD-01, AD-04).

    `action` is `room.act`; `by` a User or None (the system); details hold ids, states and amounts, never a full
    CLABE, RFC, CURP or clinical text (AD-05): such a value raises ValueError, a bug of the caller.
    """
    event = AuditEvent(action=action, details=rules.safe_details(details or {}), **_common(subject, by, at, reason, party_id))
    return _signed(event)


def record_access(
    *, subject: models.Model, by: Any, at: datetime, reason: str = "", party_id: UUID | None = None
) -> AccessEvent:
    """Record that a person read something. Works in a GET: its own short transaction, the guard's third table."""
    with recording_access(), transaction.atomic():
        return _signed(AccessEvent(**_common(subject, by, at, reason, party_id)))


def _common(subject: models.Model, by: Any, at: datetime, reason: str, party_id: UUID | None) -> dict[str, Any]:
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
    row.save(force_insert=True)
    return row
