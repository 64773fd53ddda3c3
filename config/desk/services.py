"""Writes of the roof's own pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portal import queue
from portal.errors import Conflict
from portal.history.services import record
from portal.people.models import User
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
