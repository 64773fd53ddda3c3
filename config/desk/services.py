"""Writes of the roof's own pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from config.desk import story
from portal import queue
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.rules import MAX_TEXT
from portal.history.services import record, record_access
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import GrantProposal, Party, User
from portal.queue import Claimable


@transaction.atomic
def retry_parked(*, drain: str, model: type[Claimable], pk: str, by: User, at: datetime) -> Claimable:
    """Give a parked row its tries back. Raises Conflict when it is not parked any more."""
    rows: Any = model._default_manager.select_for_update(of=("self",))  # type: ignore[attr-defined]
    try:
        row: Claimable | None = rows.filter(pk=pk, parked_at__isnull=False, done_at=None).first()
    except (ValueError, ValidationError):
        row = None
    if row is None:
        raise Conflict("Esa tarea ya no está apartada: alguien la reintentó antes.", code="not_parked")
    queue.retry(row)
    queue.kick(drain)
    record(action="desk.parked_retried", subject=row, by=by, at=at, details={"drain": drain})
    return row


def ask_for_role(*, user: User, role: str, insurer: str, reason: str, by: User, at: datetime) -> GrantProposal:
    """Ask for a role of staff in the organisation that runs the portal; `insurer` is the one it reaches, "" all."""
    operator = people.operator()
    if operator is None:
        raise RuleBroken("Falta la organización que opera el portal. Créala antes de dar permisos de la mesa.")
    scope = _insurer(insurer) if insurer else None
    return accounts.propose_grant(user=user, party=operator, role=Role(role), scope=scope, reason=reason, by=by, at=at)


def _insurer(pk: str) -> Party:
    """The insurer with this key. One that is not there would otherwise be every one."""
    try:
        found = people.insurers().filter(pk=pk).first()
    except ValidationError:
        found = None
    if found is None:
        raise RuleBroken("Elige una aseguradora de la lista.", code="no_insurer", field="insurer")
    return found


def open_story(*, user: User, reason: str, by: User, at: datetime) -> User:
    """Open one person's whole story for half an hour; who read it and what for is recorded (AD-02)."""
    record_access(subject=user, by=by, at=at, reason=f"{story.OPENED}{reason}"[:MAX_TEXT])
    return user
