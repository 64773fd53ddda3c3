"""Business time against a minute-by-minute walk; deadlines in both readings (domain 3, N5)."""

# ruff: noqa: DTZ001 - naive on purpose: the calendar's own wall clock (docs/domain.md 3)

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendars import rules
from portal.calendars.rules import DayKind, Schedule
from portal.calendars.shipped import CALENDARS, public_holidays
from portal.errors import RuleBroken

MINUTE = timedelta(minutes=1)
YEARS = range(2015, 2036)


def shipped(code):
    one = next(found for found in CALENDARS if found.code == code)
    closed = dict(public_holidays(one.country, YEARS))
    weekly = {weekday: one.hours for weekday in range(5)}
    return Schedule(
        one.code, one.label, one.zone, weekly, frozenset(closed), ((date(2026, 12, 21), date(2026, 12, 24)),)
    )


SCHEDULES = {code: shipped(code) for code in ("mx-office", "imss-counter", "cl-office")}


def is_open(schedule, moment):
    """The walk's own idea of one open minute, written apart from the rules."""
    if moment.weekday() > 4 or moment.date() in schedule.holidays:
        return False
    if date(2026, 12, 21) <= moment.date() <= date(2026, 12, 24):
        return False
    clock = (moment.hour, moment.minute)
    if schedule.code == "imss-counter":
        return (8, 0) <= clock < (14, 0) or (14, 30) <= clock < (20, 0)
    return (9, 0) <= clock < (18, 0)


def walked(schedule, start, end):
    count = 0
    while start < end:
        count += is_open(schedule, start)
        start += MINUTE
    return count


def cases():
    dice = random.Random(32)
    starts = [
        datetime(2026, 4, 30, 17, 30),
        datetime(2026, 9, 5, 12, 0),
        datetime(2026, 4, 3, 20, 0),
        datetime(2026, 12, 18, 13, 59),
    ]
    for code in SCHEDULES:
        for start in starts:
            yield code, start, start + timedelta(days=5, hours=3, minutes=17)
        for _ in range(22):
            start = datetime(2026, 1, 1) + dice.randrange(365 * 1440) * MINUTE
            yield code, start, start + dice.randrange(7 * 1440) * MINUTE


@pytest.mark.parametrize(("code", "start", "end"), list(cases()))
def test_elapsed_and_due_agree_with_a_walk_minute_by_minute(code, start, end):
    schedule = SCHEDULES[code]
    minutes = walked(schedule, start, end)
    assert rules.elapsed_minutes(schedule, start, end) == minutes
    if minutes:
        due = rules.due_after_minutes(schedule, start, minutes)
        assert due <= end
        assert walked(schedule, start, due) == minutes
        assert is_open(schedule, due - MINUTE)


def test_the_half_hour_between_two_openings_is_not_counted():
    counter = SCHEDULES["imss-counter"]
    assert rules.elapsed_minutes(counter, datetime(2026, 11, 23, 13, 50), datetime(2026, 11, 23, 14, 40)) == 20


def test_landing_on_closing_time_stays_there():
    counter = SCHEDULES["imss-counter"]
    assert rules.due_after_minutes(counter, datetime(2026, 11, 23, 13, 0), 60) == datetime(2026, 11, 23, 14, 0)
    assert rules.due_after_minutes(counter, datetime(2026, 11, 23, 13, 0), 61) == datetime(2026, 11, 23, 14, 31)
    assert rules.due_after_minutes(counter, datetime(2026, 11, 27, 19, 0), 60) == datetime(2026, 11, 27, 20, 0)


def test_zero_minutes_are_due_at_once_even_when_closed():
    sunday = datetime(2026, 11, 22, 3, 0)
    assert rules.due_after_minutes(SCHEDULES["mx-office"], sunday, 0) == sunday


@pytest.mark.parametrize(("change", "hours"), [(date(2026, 4, 4), 18), (date(2026, 9, 5), 18)])
def test_chiles_clock_change_moves_no_opening_hour(change, hours):
    """The change falls on the night of Saturday: Friday and Monday keep their nine hours each, in real time too."""
    office, zone = SCHEDULES["cl-office"], ZoneInfo("America/Santiago")
    friday = datetime.combine(change - timedelta(days=1), datetime.min.time(), zone)
    if friday.date() in office.holidays:
        friday -= timedelta(days=1)
    tuesday = datetime.combine(change + timedelta(days=3), datetime.min.time(), zone)
    assert rules.elapsed(office, friday.astimezone(UTC), tuesday.astimezone(UTC)) == timedelta(hours=hours)
    assert friday.utcoffset() != tuesday.utcoffset()


def test_aware_instants_are_read_on_the_calendars_wall_clock():
    office = SCHEDULES["cl-office"]
    start = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # 09:00 in Santiago
    due = rules.due_after_minutes(office, start, 60)
    assert due == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    assert due.tzinfo == ZoneInfo("America/Santiago")


def test_the_end_before_the_start_is_told():
    with pytest.raises(RuleBroken, match="anterior al inicio"):
        rules.elapsed(SCHEDULES["mx-office"], datetime(2026, 1, 2), datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: rules.due_after_minutes(s, datetime(2026, 1, 1), -1),
        lambda s: rules.due_after_business_days(s, date(2026, 1, 1), -1),
        lambda s: rules.due_after_natural_days(date(2026, 1, 1), -1),
    ],
)
def test_a_negative_term_is_told(ask):
    with pytest.raises(RuleBroken, match="negativo"):
        ask(SCHEDULES["mx-office"])


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: rules.due_after_minutes(s, datetime(2026, 1, 1), 1),
        lambda s: rules.due_after_business_days(s, date(2026, 1, 1), 1),
        lambda s: rules.roll(s, date(2026, 1, 1)),
    ],
)
def test_a_calendar_that_never_opens_ends_with_a_sentence(ask):
    with pytest.raises(RuleBroken, match="no abre"):
        ask(Schedule("never", "Nunca", "America/Mexico_City", {}))


@pytest.mark.parametrize(
    ("code", "start", "days", "due"),
    [
        ("mx-office", date(2026, 11, 22), 0, date(2026, 11, 22)),  # Sunday is its own day 0
        ("mx-office", date(2026, 11, 22), 1, date(2026, 11, 23)),
        ("mx-office", date(2026, 4, 30), 1, date(2026, 5, 4)),  # 1 May and the weekend
        ("mx-office", date(2026, 11, 13), 1, date(2026, 11, 17)),  # third Monday of November
        ("mx-office", date(2026, 12, 18), 1, date(2026, 12, 28)),  # closing period, Christmas, weekend
        ("mx-office", date(2024, 9, 30), 1, date(2024, 10, 2)),  # 1 October every six years
        ("cl-office", date(2022, 9, 15), 1, date(2022, 9, 20)),  # one-off of 16 September, 18-19 September
        ("mx-office", date(2026, 11, 23), 10, date(2026, 12, 7)),
    ],
)
def test_business_days_count_from_day_zero(code, start, days, due):
    assert rules.due_after_business_days(SCHEDULES[code], start, days) == due


def test_worked_examples_of_natural_days():
    """S2: issue 2015-01-22 + 120 = 2015-05-22; term 2026-04-29, window of five days to 2026-05-04."""
    assert rules.due_after_natural_days(date(2015, 1, 22), 120) == date(2015, 5, 22)
    assert rules.due_after_natural_days(date(2026, 4, 29), 5) == date(2026, 5, 4)


@pytest.mark.parametrize("days", [5, 119, 120, 121])
def test_both_readings_of_a_term_stand_side_by_side(days):
    """C10: natural days govern strictly; the working reading and the rolled date are shown beside."""
    office = SCHEDULES["mx-office"]
    natural = rules.deadline(office, date(2026, 1, 2), days, DayKind.NATURAL)
    business = rules.deadline(office, date(2026, 1, 2), days, DayKind.BUSINESS)
    assert natural.due == date(2026, 1, 2) + timedelta(days=days)
    assert natural.rolled >= natural.due
    assert natural.moves is not rules.is_business_day(office, natural.due)
    assert business.due > natural.due
    assert business.rolled == business.due


@pytest.mark.parametrize(
    ("paid", "due"),
    [
        (date(2026, 11, 30), date(2026, 12, 5)),
        (date(2026, 12, 1), date(2027, 1, 5)),
        (date(2028, 1, 31), date(2028, 2, 5)),
    ],
)
def test_the_complement_is_due_on_day_five_of_the_next_month(paid, due):
    assert rules.day_of_next_month(paid, 5) == due


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2024, 5, 31), 3, date(2024, 2, 29)),
        (date(2026, 1, 15), 3, date(2025, 10, 15)),
        (date(2026, 3, 31), 3, date(2025, 12, 31)),
        (date(2026, 12, 1), 12, date(2025, 12, 1)),
    ],
)
def test_months_before_keep_the_day_or_the_months_last(day, months, before):
    assert rules.months_before(day, months) == before


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 1)).map(lambda m: m.replace(second=0, microsecond=0))
spans = st.integers(0, 30 * 1440)
codes = st.sampled_from(sorted(SCHEDULES))


@given(codes, moments, spans, spans)
def test_elapsed_is_additive_and_monotone(code, start, first, second):
    schedule = SCHEDULES[code]
    middle, end = start + first * MINUTE, start + (first + second) * MINUTE
    whole = rules.elapsed(schedule, start, end)
    assert whole == rules.elapsed(schedule, start, middle) + rules.elapsed(schedule, middle, end)
    assert whole == rules.elapsed_over(schedule, [(start, middle), (middle, end)])
    assert timedelta() <= whole <= end - start


@given(codes, moments, st.integers(1, 20_000), st.integers(0, 5_000))
def test_due_is_the_first_moment_that_reaches_the_term_and_never_goes_back(code, start, minutes, more):
    schedule = SCHEDULES[code]
    due = rules.due_after_minutes(schedule, start, minutes)
    assert rules.elapsed_minutes(schedule, start, due) == minutes
    assert rules.elapsed(schedule, start, due - MINUTE) < timedelta(minutes=minutes)
    assert rules.due_after_minutes(schedule, start, minutes + more) >= due


@given(codes, st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 60), st.integers(0, 60))
def test_business_days_add_up(code, start, first, second):
    schedule = SCHEDULES[code]
    step = rules.due_after_business_days(schedule, start, first)
    assert rules.due_after_business_days(schedule, step, second) == rules.due_after_business_days(
        schedule, start, first + second
    )
    assert rules.roll(schedule, rules.roll(schedule, start)) == rules.roll(schedule, start)


def test_every_shipped_zone_has_a_name_for_people():
    assert {one.zone for one in CALENDARS} <= set(rules.ZONES)
    assert rules.zone_text("Europe/Madrid") == "Europe/Madrid"


@pytest.mark.parametrize(
    ("text", "intervals"),
    [
        ("", ()),
        ("cerrado", ()),
        ("08:00-14:00, 14:30-20:00", ((480, 840), (870, 1200))),
        ("14:30–20:00 y 8:00–14:00", ((480, 840), (870, 1200))),
        ("00:00-24:00", ((0, 1440),)),
        ("09:00-12:00,12:00-13:00", ((540, 720), (720, 780))),
    ],
)
def test_hours_are_read_as_people_type_them(text, intervals):
    assert rules.parse_intervals(text) == intervals


@pytest.mark.parametrize(
    "text",
    [
        "8-14",
        "08:00",
        "14:00-08:00",
        "08:00-08:00",
        "08:00-25:00",
        "08:60-09:00",
        "08:00-12:00,11:00-13:00",
        "a:bc-d:ef",
        "1:2:3-4:00",
        "08:00-09:00-10:00",
    ],
)
def test_hours_that_make_no_sense_are_told(text):
    with pytest.raises(RuleBroken):
        rules.parse_intervals(text)


def test_a_week_is_told_in_runs():
    assert rules.week_text(SCHEDULES["imss-counter"]) == "lunes a viernes 08:00–14:00 y 14:30–20:00"
    assert rules.week_text(Schedule("s", "S", "America/Mexico_City", {5: ((540, 600),)})) == "sábado 09:00–10:00"
    assert rules.week_text(Schedule("s", "S", "America/Mexico_City", {})) == "cerrado"
    assert rules.intervals_text(()) == "cerrado"


def test_a_moment_rolls_to_the_opening_of_the_next_worked_day_and_keeps_its_form():
    office, counter = SCHEDULES["mx-office"], SCHEDULES["imss-counter"]
    sunday = datetime(2026, 11, 22, 10, 0)
    assert rules.roll_moment(office, sunday) == datetime(2026, 11, 23, 9, 0)
    assert rules.roll_moment(counter, sunday) == datetime(2026, 11, 23, 8, 0)
    assert rules.roll_moment(office, datetime(2026, 11, 20, 23, 0)) == datetime(2026, 11, 20, 23, 0)
    aware = rules.roll_moment(office, sunday.replace(tzinfo=ZoneInfo("America/Mexico_City")))
    assert aware.isoformat() == "2026-11-23T09:00:00-06:00"


@pytest.mark.parametrize("number", [10**9, 10**15])
def test_a_term_beyond_ten_years_is_refused_in_words_and_at_once(number):
    office = SCHEDULES["mx-office"]
    for ask in (
        lambda: rules.due_after_minutes(office, datetime(2026, 1, 1), number),
        lambda: rules.due_after_business_days(office, date(2026, 1, 1), number),
        lambda: rules.due_after_natural_days(date(2026, 1, 1), number),
        lambda: rules.due_after_minutes(office, datetime(2026, 1, 1), 2_000_000),
    ):
        with pytest.raises(RuleBroken) as refused:
            ask()
        assert refused.value.code == "term_too_long"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (datetime(2026, 11, 18, 10, 0), datetime(2026, 11, 18, 10, 0), "0 min"),
        (datetime(2026, 11, 18, 10, 0), datetime(2026, 11, 18, 9, 59), "0 min"),  # another server's clock is ahead
        (datetime(2026, 11, 19, 10, 0), datetime(2026, 11, 18, 10, 0), "0 min"),
        (datetime(2026, 11, 18, 10, 0), datetime(2026, 11, 18, 10, 59), "59 min"),
        (datetime(2026, 11, 18, 10, 0), datetime(2026, 11, 18, 12, 30), "2 h"),
        (datetime(2026, 11, 18, 17, 0), datetime(2026, 11, 19, 9, 5), "1 día hábil"),
        (datetime(2026, 11, 20, 17, 0), datetime(2026, 11, 22, 12, 0), "1 h"),  # Friday 17:00 to Sunday
        (datetime(2026, 11, 13, 17, 0), datetime(2026, 11, 18, 9, 0), "2 días hábiles"),  # Monday 16 is a holiday
    ],
)
def test_waiting_is_told_in_the_unit_people_use_and_never_counts_a_closed_day(start, end, said):
    assert rules.waited_text(SCHEDULES["mx-office"], start, end) == said
