"""Reading calendars: rows as the plain schedule that rules compute with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.calendars import rules
from portal.calendars.models import Calendar, Holiday
from portal.errors import RuleBroken


def calendar(code: str) -> rules.Schedule:
    """The schedule of a calendar, four queries. Raises RuleBroken for an unknown code."""
    row = Calendar.objects.prefetch_related("holidays", "intervals", "closings").filter(code=code).first()
    if row is None:
        raise RuleBroken(f"No existe el calendario «{code}».", code="calendar_unknown")
    return schedule_of(row)


def codes() -> list[str]:
    """Every calendar's code, in the order in which they came."""
    return list(Calendar.objects.order_by("pk").values_list("code", flat=True))


def schedule_of(row: Calendar) -> rules.Schedule:
    """A calendar row (with its relations) as plain data."""
    weekly: dict[int, tuple[rules.Interval, ...]] = {}
    for interval in row.intervals.all():
        weekly[interval.weekday] = (*weekly.get(interval.weekday, ()), (interval.opens, interval.closes))
    weekly = {weekday: tuple(sorted(intervals)) for weekday, intervals in weekly.items()}
    imported = frozenset(holiday.date.year for holiday in row.holidays.all() if not holiday.kept)
    observed = {holiday.date: holiday.name for holiday in row.holidays.all() if holiday.observed}
    return rules.Schedule(
        code=row.code,
        label=row.label,
        zone=row.zone,
        weekly=weekly,
        holidays=frozenset(observed),
        closings=tuple((closing.first, closing.last) for closing in row.closings.all()),
        names=observed,
        years=imported if row.country else None,
    )


@dataclass(frozen=True, slots=True)
class Card:
    """One calendar in the list."""

    calendar: Calendar
    hours: str
    next_closed: date | None
    next_name: str


def cards(*, on: date) -> list[Card]:
    """Every calendar with its usual hours and the next day it closes, four queries."""
    found = []
    for row in Calendar.objects.prefetch_related("holidays", "intervals", "closings").order_by("pk"):
        schedule = schedule_of(row)
        coming = min((day for day in schedule.holidays if day >= on), default=None)
        name = schedule.names[coming] if coming else ""
        found.append(Card(row, rules.week_text(schedule), coming, name))
    return found


def holidays_of(row: Calendar, *, year: int) -> list[Holiday]:
    """The year's days, worked ones that a person decided included, by date."""
    return list(row.holidays.filter(date__year=year).order_by("date"))
