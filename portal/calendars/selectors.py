"""Reading calendars: rows as the plain schedule that rules compute with."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from portal.calendars import registry, rules
from portal.calendars.models import Calendar, CalendarFeed, Due, DueQuerySet, Holiday
from portal.errors import RuleBroken
from portal.reading import once_a_reading


@once_a_reading
def calendar(code: str) -> rules.Schedule:
    """The schedule of a calendar: one query, four more after it changed. Raises RuleBroken for an unknown code."""
    stamp = Calendar.objects.filter(code=code).values_list("stamp", flat=True).first()
    if stamp is None:
        raise RuleBroken(f"No existe el calendario «{code}».", code="calendar_unknown")
    return _kept(code, stamp)


@lru_cache(maxsize=32)
def _kept(code: str, stamp: UUID) -> rules.Schedule:
    """What a process keeps of a calendar under its stamp.

    Rows are read after the stamp, so that they are as new as it or newer: a stamp never stands for older ones.
    """
    return schedule_of(with_days().get(code=code))


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
    for row in with_days():
        schedule = schedule_of(row)
        coming = min((day for day in schedule.holidays if day >= on), default=None)
        name = schedule.names[coming] if coming else ""
        found.append(Card(row, rules.week_text(schedule), coming, name))
    return found


def holidays_of(row: Calendar, *, year: int) -> list[Holiday]:
    """The year's days, worked ones that a person decided included, by date; no query where `row` came with them."""
    return sorted((day for day in row.holidays.all() if day.date.year == year), key=lambda day: day.date)


def with_days() -> QuerySet[Calendar]:
    """Calendars with all that a schedule is made of: four queries, however many they are."""
    return Calendar.objects.prefetch_related("holidays", "intervals", "closings").order_by("pk")


def live_feed(user: Any) -> CalendarFeed | None:
    """The calendar address of a person, without its secret, which nobody keeps."""
    return CalendarFeed.objects.filter(user=user, ended_at=None).first()


def feed_by(secret: str) -> CalendarFeed | None:
    """Whose calendar an address opens; None where it is unknown or ended, or that person may not enter any more."""
    feeds = CalendarFeed.objects.filter(ended_at=None, user__disabled_at=None).select_related("user")
    return feeds.filter(digest=rules.digest(secret)).first()


def to_remind(*, on: date) -> Iterator[Due]:
    """Deadlines of every registered table whose reminder has come, the oldest first, whatever table they stand in."""
    coming = (kind.model._default_manager.all() for kind in registry.kinds())
    due = (rows.to_remind(on=on).iterator(chunk_size=200) for rows in coming if isinstance(rows, DueQuerySet))
    yield from heapq.merge(*due, key=lambda row: row.next_reminder_on)
