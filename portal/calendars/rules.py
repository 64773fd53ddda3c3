"""Business time and deadlines of one calendar. Pure: no database, no clock.

Everything is computed on the calendar's own wall clock (docs/rule-desk.md): an aware instant is
first brought into its zone, a naive one is taken as local. Intervals are half-open and given in minutes of the day
(0..1440), so a counter that closes from 14:00 to 14:30 is two intervals. Daylight saving moves no interval: 09:00 is
09:00 on both sides of the change; where the clock repeats an hour, its first pass is meant.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.errors import RuleBroken
from portal.zones import MEXICO_CITY, SANTIAGO

DAY = timedelta(days=1)
WHOLE_DAY = 24 * 60
# A calendar that never opens would be walked for ever: ten years of days end it with a sentence.
HORIZON_DAYS = 3660
LONGEST_TERM = {"minutos": HORIZON_DAYS * WHOLE_DAY, "días": HORIZON_DAYS}

WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


class DayKind(StrEnum):
    """How a term counts its days."""

    NATURAL = "natural"
    BUSINESS = "business"


class Kind(StrEnum):
    """Whose closed days a calendar imports: those of the labour law, or those of banks too."""

    LABOUR = "labour"
    BANK = "bank"


KIND_LABELS: dict[Kind, str] = {Kind.LABOUR: "Días de la ley laboral", Kind.BANK: "Días de los bancos"}

Interval = tuple[int, int]
# Start and end of a stretch in which a clock ran; None while it runs.
Segment = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A calendar as plain data: `weekly` maps 0 (Monday) .. 6 to intervals, `closings` are (first, last) included.

    `years` are those whose holidays are known; None where no country's are waited for: then every year counts.
    """

    code: str
    label: str
    zone: str
    weekly: Mapping[int, tuple[Interval, ...]]
    holidays: frozenset[date] = frozenset()
    closings: tuple[tuple[date, date], ...] = ()
    names: Mapping[date, str] = field(default_factory=dict)
    years: frozenset[int] | None = None

    def intervals_on(self, day: date) -> tuple[Interval, ...]:
        """Opening intervals of one date; empty when it is closed. Raises RuleBroken where its holidays are unknown."""
        if self.years is not None and day.year not in self.years:
            raise RuleBroken(
                f"El calendario «{self.label}» conoce los días inhábiles {years_text(self.years)} y este cómputo llega "
                f"a {day.year}. Revisa la fecha, o pide que agreguen ese año al calendario.",
                code="holidays_unknown",
            )
        if day in self.holidays or any(first <= day <= last for first, last in self.closings):
            return ()
        return self.weekly.get(day.weekday(), ())


@dataclass(frozen=True, slots=True)
class Deadline:
    """A term and both its readings: `due` is strict, `rolled` the next working day if `due` is none (domain 3)."""

    anchor: date
    days: int
    day_kind: DayKind
    calendar: str
    due: date
    rolled: date

    @property
    def moves(self) -> bool:
        """Whether the strict date falls on a day nobody works."""
        return self.due != self.rolled


def is_business_day(schedule: Schedule, day: date) -> bool:
    """Whether the calendar opens at all on a date."""
    return bool(schedule.intervals_on(day))


def local(schedule: Schedule, moment: datetime) -> datetime:
    """The moment on the calendar's wall clock, without zone."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(ZoneInfo(schedule.zone)).replace(tzinfo=None)


def _like(schedule: Schedule, wall: datetime, given: datetime) -> datetime:
    """A wall-clock answer in the form of the question: naive stays naive, aware gets the calendar's zone."""
    return wall if given.tzinfo is None else wall.replace(tzinfo=ZoneInfo(schedule.zone))


def _openings(schedule: Schedule, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    """Opening intervals of the dates first..last, in order."""
    day = first
    while day <= last:
        midnight = datetime.combine(day, time())
        for opens, closes in sorted(schedule.intervals_on(day)):
            yield midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes)
        day += DAY


def elapsed(schedule: Schedule, start: datetime, end: datetime) -> timedelta:
    """Business time inside [start, end). Raises RuleBroken when the end comes before the start."""
    begins, ends = local(schedule, start), local(schedule, end)
    if ends < begins:
        raise RuleBroken("El final es anterior al inicio. Revisa las dos fechas.", code="end_before_start")
    total = timedelta()
    for opens, closes in _openings(schedule, begins.date(), ends.date()):
        total += max(min(closes, ends) - max(opens, begins), timedelta())
    return total


def elapsed_minutes(schedule: Schedule, start: datetime, end: datetime) -> int:
    """Whole business minutes inside [start, end)."""
    return elapsed(schedule, start, end) // timedelta(minutes=1)


def elapsed_over(schedule: Schedule, segments: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """Business time of several segments: what ran between pauses (S3.32, S3.33)."""
    return sum((elapsed(schedule, start, end) for start, end in segments), timedelta())


def waited_text(schedule: Schedule, start: datetime, end: datetime) -> str:
    """Business time between two moments in the unit people use: `12 min`, `3 h`, `2 días hábiles`.

    `0 min` where the start is still to come: two servers' clocks are never quite together, and a list must stand.
    """
    end = max(start, end)
    first, last = local(schedule, start).date(), local(schedule, end).date()
    days = sum(is_business_day(schedule, first + DAY * number) for number in range(1, (last - first).days + 1))
    if days:
        return "1 día hábil" if days == 1 else f"{days} días hábiles"
    minutes = elapsed_minutes(schedule, start, end)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


def due_after_minutes(schedule: Schedule, start: datetime, minutes: int) -> datetime:
    """The first moment at which that much business time has passed; landing on closing time stays there.

    Zero minutes are due at once. Raises RuleBroken for a negative term or a calendar that does not open in ten years.
    """
    _check_count(minutes, "minutos")
    return _due_after(schedule, start, timedelta(minutes=minutes))


def reach(schedule: Schedule, segments: Sequence[Segment], minutes: int) -> datetime | None:
    """The moment at which business time over segments (what ran between pauses) reaches that many minutes (S3.33).

    Segments in order; the last one may run still. None when the clock stands before that: nothing can be promised.
    Raises RuleBroken for a negative term, or segments that end before they start or overlap.
    """
    _check_count(minutes, "minutos")
    left, before = timedelta(minutes=minutes), None
    for start, end in segments:
        if before is not None and local(schedule, start) < before:
            raise RuleBroken("Dos tramos se enciman. Revisa sus fechas.", code="segments_overlap")
        if end is None:
            return _due_after(schedule, start, left)
        usable = elapsed(schedule, start, end)
        if left <= usable:
            return _due_after(schedule, start, left)
        left, before = left - usable, local(schedule, end)
    return None


def _due_after(schedule: Schedule, start: datetime, left: timedelta) -> datetime:
    begins = local(schedule, start)
    if not left:
        return _like(schedule, begins, start)
    a_week = sum(closes - opens for intervals in schedule.weekly.values() for opens, closes in intervals)
    if a_week and left > timedelta(minutes=a_week * (HORIZON_DAYS // 7 + 1)):
        raise _too_long("minutos")  # told before the walk meets a year whose holidays are not known
    asked = left
    for opens, closes in _openings(schedule, begins.date(), begins.date() + HORIZON_DAYS * DAY):
        usable = max(closes - max(opens, begins), timedelta())
        if left <= usable:
            return _like(schedule, max(opens, begins) + left, start)
        left -= usable
    raise _never_opens(schedule) if left == asked else _too_long("minutos")


def due_after_business_days(schedule: Schedule, start: date, days: int) -> date:
    """The date that many business days later; the start's own day is day 0, worked or not."""
    _check_count(days, "días")
    day = start
    while days:
        day = _next_open(schedule, day)
        days -= 1
    return day


def due_after_natural_days(start: date, days: int) -> date:
    """The date that many days later; the start is day 0 (S2: 22 January + 120 = 22 May)."""
    _check_count(days, "días")
    return start + days * DAY


def roll(schedule: Schedule, day: date) -> date:
    """The date itself if worked, otherwise the next one that is."""
    return day if is_business_day(schedule, day) else _next_open(schedule, day)


def roll_moment(schedule: Schedule, moment: datetime) -> datetime:
    """The moment itself if its day is worked, otherwise the opening of the next day that is."""
    wall = local(schedule, moment)
    if is_business_day(schedule, wall.date()):
        return moment
    day = _next_open(schedule, wall.date())
    opens = min(schedule.intervals_on(day))[0]
    return _like(schedule, datetime.combine(day, time()) + timedelta(minutes=opens), moment)


def deadline(schedule: Schedule, anchor: date, days: int, day_kind: DayKind) -> Deadline:
    """A term in days with its strict and its rolled date."""
    if day_kind is DayKind.BUSINESS:
        due = due_after_business_days(schedule, anchor, days)
    else:
        due = due_after_natural_days(anchor, days)
    return Deadline(anchor, days, day_kind, schedule.code, due, roll(schedule, due))


def day_of_next_month(paid_on: date, day: int) -> date:
    """Day N of the month after a date, or that month's last: when a complement is due (domain 1.3). Natural days."""
    first = (paid_on.replace(day=1) + 31 * DAY).replace(day=1)
    return first.replace(day=min(day, monthrange(first.year, first.month)[1]))


@dataclass(frozen=True, slots=True)
class Reminders:
    """When a deadline is reminded of: days before (negative) or after its date, then `every` so many days (0: never).

    A repetition says nothing that the one before did not: of those that were missed only the newest counts.
    """

    days: tuple[int, ...]
    every: int = 0


def next_reminder(due_on: date, plan: Reminders, *, after: date) -> date | None:
    """The first day after `after` on which the plan reminds; None when there is none any more."""
    planned = sorted(due_on + days * DAY for days in set(plan.days))
    if coming := next((day for day in planned if day > after), None):
        return coming
    if not (plan.every and planned):
        return None
    return after + (plan.every - (after - planned[-1]).days % plan.every) * DAY


def reached(due_on: date, plan: Reminders, *, since: date, on: date) -> list[date]:
    """Days of the plan that have come, from the stored one on and in order: what a run after a pause has to tell.

    Each threshold once (JB-06); of the repetitions after the last threshold the newest one only.
    """
    days = [since]
    while (following := next_reminder(due_on, plan, after=days[-1])) is not None and following <= on:
        days.append(following)
    last = max((due_on + number * DAY for number in plan.days), default=due_on)
    thresholds, repeated = [day for day in days if day <= last], [day for day in days if day > last]
    return thresholds + repeated[-1:]


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or that month's last: for statements no older than N months (S0.6)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _next_open(schedule: Schedule, day: date) -> date:
    for _ in range(HORIZON_DAYS):
        day += DAY
        if is_business_day(schedule, day):
            return day
    raise _never_opens(schedule)


def _never_opens(schedule: Schedule) -> RuleBroken:
    return RuleBroken(
        f"El calendario «{schedule.label}» no abre ningún día en diez años. Revisa su horario.",
        code="calendar_never_opens",
    )


def _check_count(number: int, unit: str) -> None:
    if number < 0:
        raise RuleBroken(
            f"El plazo no puede ser negativo. Escribe los {unit} con un número desde 0.", code="negative_term"
        )
    if number > LONGEST_TERM[unit]:
        raise _too_long(unit)


def _too_long(unit: str) -> RuleBroken:
    return RuleBroken(f"El plazo pasa de diez años. Revisa los {unit}.", code="term_too_long")


def years_text(years: Iterable[int]) -> str:
    """`de 2015 a 2035`, `de 2015 a 2035 y de 2040`, `de ningún año`."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    told = [f"de {run[0]} a {run[-1]}" if len(run) > 1 else f"de {run[0]}" for run in runs]
    return " y ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told) or "de ningún año"


# --- a person's calendar address ------------------------------------------------------------------------------------


def digest(secret: str) -> str:
    """SHA-256 (hex) of the random secret in a calendar's address, as stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


# --- what people edit ----------------------------------------------------------------------------------------------


def clock_text(minute: int) -> str:
    """Minutes of the day as `08:00`; the end of the day is `24:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


# How people call the hour of a place.
ZONES = {MEXICO_CITY: "del centro de México", SANTIAGO: "de Chile"}


def zone_text(zone: str) -> str:
    """`del centro de México`; a zone that nobody named stays as it is."""
    return ZONES.get(zone, zone)


def intervals_text(intervals: Iterable[Interval]) -> str:
    """`08:00–14:00 y 14:30–20:00`, or `cerrado`."""
    return " y ".join(f"{clock_text(opens)}–{clock_text(closes)}" for opens, closes in sorted(intervals)) or "cerrado"


def week_text(schedule: Schedule) -> str:
    """The usual week in one line: runs of weekdays that share their hours."""
    runs: list[tuple[int, int, str]] = []
    for number in range(len(WEEKDAYS)):
        shown = intervals_text(schedule.weekly.get(number, ()))
        if runs and runs[-1][2] == shown:
            runs[-1] = (runs[-1][0], number, shown)
        else:
            runs.append((number, number, shown))
    parts = [f"{_run_text(first, last)} {shown}" for first, last, shown in runs if shown != "cerrado"]
    return "; ".join(parts) or "cerrado"


def _run_text(first: int, last: int) -> str:
    return WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]} a {WEEKDAYS[last]}"


def parse_intervals(text: str) -> tuple[Interval, ...]:
    """`08:00-14:00, 14:30-20:00` as intervals; empty = closed. Raises RuleBroken with an example."""
    cleaned = text.replace("–", "-").replace(" y ", ",").strip()
    if not cleaned or cleaned == "cerrado":
        return ()
    parts = [part.strip() for part in cleaned.split(",")]
    return check_intervals([_parse_interval(part) for part in parts])


def _parse_interval(part: str) -> Interval:
    sides = [side.strip() for side in part.split("-")]
    minutes = []
    for side in sides:
        hours, colon, rest = side.partition(":")
        if not (colon and hours.isdecimal() and rest.isdecimal() and len(rest) == 2 and int(rest) < 60):
            raise _bad_hours()
        minutes.append(int(hours) * 60 + int(rest))
    if len(minutes) != 2:  # an interval has two ends
        raise _bad_hours()
    return minutes[0], minutes[1]


def check_intervals(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """The intervals in order, none empty, none overlapping, all within the day. Raises RuleBroken."""
    ordered = tuple(sorted(intervals))
    within = all(0 <= opens < closes <= WHOLE_DAY for opens, closes in ordered)
    apart = all(left[1] <= right[0] for left, right in zip(ordered, ordered[1:], strict=False))
    if not within:
        raise _bad_hours()
    if not apart:
        raise RuleBroken("Dos horarios del mismo día se enciman. Sepáralos.", code="hours_overlap", field="hours")
    return ordered


def _bad_hours() -> RuleBroken:
    return RuleBroken(
        "El horario no se entiende. Escríbelo como 08:00-14:00, 14:30-20:00; déjalo vacío si ese día cierra.",
        code="hours_unreadable",
        field="hours",
    )
