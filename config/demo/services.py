"""Writes of the demo: moving its clock, starting over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from config.demo import reset, world
from config.demo.models import DemoClock
from portal import clock
from portal.errors import RuleBroken
from portal.history import services as history

if TYPE_CHECKING:
    from portal.people.models import User

LONGEST = timedelta(days=400)


@transaction.atomic
def move_clock(*, days: int, by: User | None) -> DemoClock:
    """Move the simulated clock forward by whole days; it never goes back (docs/domain.md 3)."""
    DemoClock.objects.get_or_create(pk=1)
    row = DemoClock.objects.select_for_update().get(pk=1)
    if days < 1 or row.offset + timedelta(days=days) > LONGEST:
        raise RuleBroken(
            "El reloj solo avanza, de 1 a 400 días en total. Empieza de cero para volver a hoy.",
            code="clock_range",
            field="days",
        )
    row.offset += timedelta(days=days)
    row.save(update_fields=["offset"])
    history.record(action="demo.clock_moved", subject=row, by=by, at=clock.now(), details={"days": days})
    return row


def start_over() -> None:
    """Empty the world and build it again; a few seconds."""
    reset.empty()
    world.load()
