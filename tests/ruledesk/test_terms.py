"""elapsed, due and calendars against a walk over every minute of real time (domain 3, N5)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.calendars.models import Calendar, ClosingPeriod

from .asking import ask, codes, lines, one

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ZONES = {"mx-office": "America/Mexico_City", "imss-counter": "America/Mexico_City", "cl-office": "America/Santiago"}
OPEN = {
    "mx-office": [("09:00", "18:00")],
    "imss-counter": [("08:00", "14:00"), ("14:30", "20:00")],
    "cl-office": [("09:00", "18:00")],
}
MINUTES = {
    code: [(int(opens[:2]) * 60 + int(opens[3:]), int(closes[:2]) * 60 + int(closes[3:])) for opens, closes in pairs]
    for code, pairs in OPEN.items()
}
# Written by hand from the laws, not from the library that fills the product's tables.
HOLIDAYS = {
    "MX": "2026-01-01 2026-02-02 2026-03-16 2026-05-01 2026-09-16 2026-11-16 2026-12-25 "
    "2024-10-01 2024-11-18 2024-12-25 2027-01-01",
    "CL": "2026-01-01 2026-04-03 2026-04-04 2026-05-01 2026-05-21 2026-06-21 2026-06-29 2026-07-16 2026-08-15 "
    "2026-09-18 2026-09-19 2026-10-12 2026-10-31 2026-11-01 2026-12-08 2026-12-25 2027-01-01",
}
CLOSED = {
    code: {date.fromisoformat(day) for day in HOLIDAYS["CL" if code == "cl-office" else "MX"].split()} for code in OPEN
}


def is_open(code: str, moment: datetime) -> bool:
    """Whether the office works in the minute that begins at this instant, by its own wall clock."""
    wall = moment.astimezone(ZoneInfo(ZONES[code]))
    if wall.weekday() > 4 or wall.date() in CLOSED[code]:
        return False
    minute = wall.hour * 60 + wall.minute
    return any(opens <= minute < closes for opens, closes in MINUTES[code])


def instant(code: str, wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(ZONES[code])).astimezone(UTC)


def walked(code: str, start: str, end: str) -> int:
    """Open minutes between two wall-clock moments, counted one by one through real time."""
    now, until, count = instant(code, start), instant(code, end), 0
    while now < until:
        count += is_open(code, now)
        now += MINUTE
    return count


def walked_due(code: str, start: str, minutes: int) -> str:
    """The end of the minute in which the term is used up: closing time is still the same day."""
    now = instant(code, start)
    while minutes:
        minutes -= is_open(code, now)
        now += MINUTE
    return f"{now.astimezone(ZoneInfo(ZONES[code])):%Y-%m-%d %H:%M}"


# Holidays, weekends, lunch gaps, both ends inside and outside of hours, Chile's two changes of clock in 2026.
SPANS = [
    ("mx-office", "2026-11-20 17:00", "2026-11-23 10:00"),
    ("mx-office", "2026-11-13 17:59", "2026-11-17 09:01"),
    ("mx-office", "2026-04-30 17:30", "2026-05-04 09:30"),
    ("mx-office", "2026-09-15 08:00", "2026-09-17 19:00"),
    ("mx-office", "2026-12-24 12:00", "2026-12-28 12:00"),
    ("mx-office", "2024-09-30 16:00", "2024-10-02 10:15"),
    ("mx-office", "2026-11-21 10:00", "2026-11-22 23:59"),
    ("mx-office", "2026-11-20 18:00", "2026-11-23 09:00"),
    ("mx-office", "2026-11-20 09:00", "2026-11-20 09:00"),
    ("mx-office", "2026-11-20 00:00", "2026-11-20 23:59"),
    ("imss-counter", "2026-11-20 13:30", "2026-11-20 15:00"),
    ("imss-counter", "2026-11-20 14:00", "2026-11-20 14:30"),
    ("imss-counter", "2026-11-20 14:10", "2026-11-20 14:20"),
    ("imss-counter", "2026-11-20 13:59", "2026-11-20 14:31"),
    ("imss-counter", "2026-11-13 19:45", "2026-11-17 08:15"),
    ("imss-counter", "2026-02-01 06:00", "2026-02-03 21:00"),
    ("imss-counter", "2026-03-13 20:00", "2026-03-17 08:00"),
    ("imss-counter", "2026-12-25 08:00", "2026-12-25 20:00"),
    ("imss-counter", "2026-12-31 19:00", "2027-01-04 09:00"),
    ("cl-office", "2026-04-02 17:00", "2026-04-06 10:00"),
    ("cl-office", "2026-04-01 09:00", "2026-04-07 18:00"),
    ("cl-office", "2026-09-04 17:00", "2026-09-07 10:00"),
    ("cl-office", "2026-09-03 12:00", "2026-09-08 12:00"),
    ("cl-office", "2026-09-17 17:00", "2026-09-21 09:30"),
    ("cl-office", "2026-06-26 12:00", "2026-06-30 12:00"),
    ("cl-office", "2026-10-09 09:30", "2026-10-13 09:30"),
    ("cl-office", "2026-12-07 18:00", "2026-12-09 09:00"),
    ("cl-office", "2026-12-31 12:00", "2027-01-04 12:00"),
]


def random_spans() -> list[tuple[str, str, str]]:
    dice, found = random.Random(1108), []
    for number in range(48):
        code = list(OPEN)[number % 3]
        start = datetime(2026, 1, 1) + dice.randrange(360 * 1440) * MINUTE  # noqa: DTZ001 - wall clock
        found.append((code, f"{start:%Y-%m-%d %H:%M}", f"{start + dice.randrange(4 * 1440) * MINUTE:%Y-%m-%d %H:%M}"))
    return found


EVERY_SPAN = SPANS + random_spans()


def test_n5_business_time_equals_a_walk_over_every_minute() -> None:
    assert len(EVERY_SPAN) >= 60
    asked = [{"calendar": code, "start": start, "end": end} for code, start, end in EVERY_SPAN]
    answers, ended = ask("elapsed", "-", stdin=lines(*asked))
    assert ended == 0
    assert answers == [{"minutes": walked(*span)} for span in EVERY_SPAN]


def test_n5_a_term_in_minutes_ends_where_the_walk_uses_it_up() -> None:
    dice = random.Random(35)
    asked = [(code, start, dice.randrange(1, 1100)) for code, start, _ in EVERY_SPAN if not start.startswith("2027")]
    asked = [one for one in asked if one[1] < "2026-12-20"]
    assert len(asked) >= 60
    questions = [{"calendar": code, "start": start, "minutes": count} for code, start, count in asked]
    answers, ended = ask("due", "-", stdin=lines(*questions))
    assert ended == 0
    expected = [walked_due(*one) for one in asked]
    assert answers == [{"due": due, "rolled": due} for due in expected]


@pytest.mark.parametrize(
    ("code", "start", "minutes", "due"),
    [
        ("mx-office", "2026-11-20 09:00", 540, "2026-11-20 18:00"),
        ("mx-office", "2026-11-20 09:00", 541, "2026-11-23 09:01"),
        ("imss-counter", "2026-11-20 13:00", 60, "2026-11-20 14:00"),
        ("imss-counter", "2026-11-20 13:00", 61, "2026-11-20 14:31"),
        ("imss-counter", "2026-11-20 14:15", 1, "2026-11-20 14:31"),
        ("cl-office", "2026-09-04 17:30", 60, "2026-09-07 09:30"),
        ("cl-office", "2026-04-02 17:30", 60, "2026-04-06 09:30"),
    ],
)
def test_landing_on_closing_time_stays_there(code: str, start: str, minutes: int, due: str) -> None:
    assert one("due", "--calendar", code, start, "--minutes", str(minutes)) == {"due": due, "rolled": due}


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-13", 1, "2026-11-17"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-11-16", 1, "2026-11-17"),
        ("2026-12-24", 1, "2026-12-28"),
        ("2026-04-30 17:59", 1, "2026-05-04"),
        ("2026-11-22T23:59", 10, "2026-12-04"),
    ],
)
def test_business_days_start_counting_the_day_after(start: str, days: int, due: str) -> None:
    assert one("due", "--calendar", "mx-office", start, "--business-days", str(days)) == {"due": due, "rolled": due}


@pytest.mark.parametrize(
    ("start", "days", "due", "rolled"),
    [
        ("2026-01-22", 120, "2026-05-22", "2026-05-22"),
        ("2024-02-28", 1, "2024-02-29", "2024-02-29"),
        ("2024-02-28", 2, "2024-03-01", "2024-03-01"),
        ("2023-02-28", 1, "2023-03-01", "2023-03-01"),
        ("2028-02-29", 365, "2029-02-28", "2029-02-28"),
        ("2028-02-29", 366, "2029-03-01", "2029-03-01"),
        ("2026-01-31", 28, "2026-02-28", "2026-03-02"),
        ("2026-03-31", 30, "2026-04-30", "2026-04-30"),
        ("2026-08-31", 30, "2026-09-30", "2026-09-30"),
        ("2026-12-31", 1, "2027-01-01", "2027-01-04"),
        ("2026-10-17", 30, "2026-11-16", "2026-11-17"),
        ("2026-11-22", 0, "2026-11-22", "2026-11-23"),
        ("2026-11-20 18:30", 1, "2026-11-21", "2026-11-23"),
    ],
)
def test_natural_days_over_leap_years_and_month_ends(start: str, days: int, due: str, rolled: str) -> None:
    answer = one("due", "--calendar", "mx-office", start, "--natural-days", str(days))
    assert answer == {"due": due, "rolled": rolled}
    assert date.fromisoformat(due) == date.fromisoformat(start[:10]) + days * DAY


def test_zero_minutes_are_due_at_once_and_roll_to_the_next_opening() -> None:
    asked = [
        {"calendar": "mx-office", "start": "2026-11-22 10:00", "minutes": 0},
        {"calendar": "imss-counter", "start": "2026-11-20T07:00", "minutes": 0},
    ]
    assert ask("due", "-", stdin=lines(*asked)) == (
        [
            {"due": "2026-11-22 10:00", "rolled": "2026-11-23 09:00"},
            {"due": "2026-11-20 07:00", "rolled": "2026-11-20 07:00"},
        ],
        0,
    )


def test_the_rows_of_a_calendar_decide_not_a_copy_in_the_code() -> None:
    ClosingPeriod.objects.create(
        calendar=Calendar.objects.get(code="mx-office"), first=date(2026, 11, 23), last=date(2026, 11, 27), reason="x"
    )
    assert one("due", "--calendar", "mx-office", "2026-11-20", "--business-days", "1")["due"] == "2026-11-30"
    assert one("elapsed", "--calendar", "mx-office", "2026-11-23 09:00", "2026-11-27 18:00") == {"minutes": 0}


def test_calendars_lists_all_with_hours_and_zone() -> None:
    answers, ended = ask("calendars")
    assert ended == 0
    banks = {"mx-bank": ZONES["mx-office"], "cl-bank": ZONES["cl-office"]}
    assert [(row["calendar"], row["zone"]) for row in answers] == [*ZONES.items(), *banks.items()]
    branches = {"mx-bank": [("08:30", "16:00")], "cl-bank": [("09:00", "14:00")]}
    for row in answers:
        hours = [list(pair) for pair in (OPEN | branches)[row["calendar"]]]
        assert row["weekly"] == {str(weekday): hours for weekday in range(5)}
        assert row["holidays"]["years"] == [2015, 2035]


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("elapsed", {"calendar": "mx-office", "start": "2026-11-23 09:00", "end": "2026-11-20 09:00"}, "end_before_start"),
    ("elapsed", {"calendar": "mars", "start": "2026-11-20 09:00", "end": "2026-11-20 09:00"}, "calendar_unknown"),
    ("elapsed", {"calendar": "\x00", "start": "2026-11-20 09:00", "end": "2026-11-20 09:00"}, "calendar_unknown"),
    ("elapsed", {"calendar": "mx-office", "start": "2026-11-20", "end": "2026-11-20 09:00"}, "moment_unreadable"),
    ("elapsed", {"calendar": "mx-office", "start": "2026-11-20 24:00", "end": "2026-11-21 09:00"}, "moment_unreadable"),
    (
        "elapsed",
        {"calendar": "mx-office", "start": "2026-11-20 09:00Z", "end": "2026-11-21 09:00"},
        "moment_unreadable",
    ),
    ("elapsed", {"calendar": "mx-office", "start": "2026-11-20 09:00"}, "datum_missing"),
    ("elapsed", {"calendar": "mx-office", "start": "0001-01-01 09:00", "end": "9999-12-31 09:00"}, "date_out_of_range"),
    ("due", {"calendar": "mx-office", "start": "2026-11-20 09:00"}, "term_missing"),
    ("due", {"calendar": "mx-office", "start": "2026-11-20 09:00", "minutes": 1, "natural_days": 1}, "term_missing"),
    ("due", {"calendar": "mx-office", "start": "2026-11-20 09:00", "minutes": "1.5"}, "number_unreadable"),
    ("due", {"calendar": "mx-office", "start": "2026-11-20 09:00", "minutes": "１"}, "number_unreadable"),
    ("due", {"calendar": "mx-office", "start": "2026-11-20 09:00", "minutes": True}, "datum_unreadable"),
    ("due", {"calendar": "mx-office", "start": "2026-11-20", "minutes": 5}, "moment_unreadable"),
    ("due", {"calendar": "mx-office", "start": "2026-11-20", "business_days": -1}, "negative_term"),
    ("due", {"calendar": "mx-office", "start": "2026-11-20", "natural_days": 10**9}, "term_too_long"),
    ("due", {"calendar": "mx-office", "start": "2026-11-20 09:00", "minutes": 2_000_000}, "term_too_long"),
    ("due", {"calendar": "", "start": "2026-11-20", "natural_days": 1}, "datum_missing"),
]


@pytest.mark.parametrize(("command", "question", "code"), BAD, ids=[f"{c}-{code}" for c, _, code in BAD])
def test_what_cannot_be_judged_fails_on_its_line_only(command: str, question: dict[str, Any], code: str) -> None:
    right = {"calendar": "mx-office", "start": "2026-11-20 09:00", "end": "2026-11-20 09:01", "natural_days": 0}
    answers, ended = ask(command, "-", stdin=lines(question, right))
    assert (codes(answers), ended) == ([code, ""], 2)
    assert answers[0]["error"]["message"].endswith(".")
