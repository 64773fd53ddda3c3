"""Writes of the demo: moving its clock day by day, starting over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from config.demo import days as dated
from config.demo import reset, world
from config.demo.models import DemoClock, DemoDay
from portal import clock, ids, queue
from portal.errors import Conflict, RuleBroken
from portal.history import services as history

if TYPE_CHECKING:
    from portal.people.models import User

LONGEST = timedelta(days=400)


@transaction.atomic
def ask_days(*, days: int, by: User | None) -> None:
    """Ask for so many days: a job plays each of them, with all its dated work, before the next one begins.

    Raises RuleBroken beyond what the clock may move, Conflict while earlier days are still played.
    """
    row, _ = DemoClock.objects.select_for_update().get_or_create(pk=1)
    if DemoDay.objects.filter(done_at=None).exists():
        raise Conflict("El reloj todavía avanza. Espera a que termine y vuelve a pedirlo.", code="clock_moves")
    _check_range(row, days)
    asked = ids.uuid7()
    DemoDay.objects.bulk_create(DemoDay(asked=asked, number=number, of=days, by=by) for number in range(1, days + 1))
    history.record(action="demo.days_asked", subject=row, by=by, at=clock.now(), details={"days": days})
    queue.kick("demo_days")


@transaction.atomic
def retry_days(*, by: User | None) -> None:
    """Play the day at which the clock stopped again, and then those after it; nothing where it did not stop."""
    row, _ = DemoClock.objects.select_for_update().get_or_create(pk=1)
    stopped = DemoDay.objects.filter(done_at=None, parked_at__isnull=False).order_by("pk").first()
    if stopped is None:
        return
    queue.retry(stopped)
    history.record(action="demo.day_retried", subject=row, by=by, at=clock.now(), details={"day": stopped.number})
    queue.kick("demo_days")


def play_day(day: DemoDay) -> None:
    """The clock moves by one day, once; then everything that is dated happens, in its order; then the day is over."""
    with transaction.atomic():
        if DemoDay.objects.filter(pk=day.pk, moved=False).update(moved=True):
            move_clock(days=1, by=day.by)
    dated.play()
    queue.finish(day)


def _check_range(row: DemoClock, days: int) -> None:
    if days < 1 or row.offset + timedelta(days=days) > LONGEST:
        raise RuleBroken(
            "El reloj solo avanza, de 1 a 400 días en total. Empieza de cero para volver a hoy.",
            code="clock_range",
            field="days",
        )


@transaction.atomic
def move_clock(*, days: int, by: User | None) -> DemoClock:
    """Move the simulated clock forward by whole days; it never goes back (docs/domain.md 3)."""
    DemoClock.objects.get_or_create(pk=1)
    row = DemoClock.objects.select_for_update().get(pk=1)
    _check_range(row, days)
    row.offset += timedelta(days=days)
    row.save(update_fields=["offset"])
    history.record(action="demo.clock_moved", subject=row, by=by, at=clock.now(), details={"days": days})
    return row


def start_over() -> None:
    """Empty the world and build it again; a few seconds."""
    reset.empty()
    world.load()
