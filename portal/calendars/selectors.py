"""Reading calendars: rows as the plain schedule that rules compute with."""

from __future__ import annotations

from portal.calendars import rules
from portal.calendars.models import Calendar
from portal.errors import RuleBroken


def calendar(code: str) -> rules.Schedule:
    """The schedule of a calendar, four queries. Raises RuleBroken for an unknown code."""
    row = Calendar.objects.prefetch_related("holidays", "intervals", "closings").filter(code=code).first()
    if row is None:
        raise RuleBroken(f"No existe el calendario «{code}».", code="calendar_unknown")
    return schedule_of(row)


def schedule_of(row: Calendar) -> rules.Schedule:
    """A calendar row (with its relations) as plain data."""
    weekly: dict[int, tuple[rules.Interval, ...]] = {}
    for interval in row.intervals.all():
        weekly[interval.weekday] = (*weekly.get(interval.weekday, ()), (interval.opens, interval.closes))
    observed = {holiday.date: holiday.name for holiday in row.holidays.all() if holiday.observed}
    return rules.Schedule(
        code=row.code,
        label=row.label,
        zone=row.zone,
        weekly=weekly,
        holidays=frozenset(observed),
        closings=tuple((closing.first, closing.last) for closing in row.closings.all()),
        names=observed,
    )
