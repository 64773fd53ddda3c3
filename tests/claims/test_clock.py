"""A claim's clock against a walk over every minute, written apart from the product (S3.32, S3.33, N8, domain 6)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.rules.clock import Pause, Reading, read_clock, segments
from portal.calendars.rules import Schedule
from portal.errors import RuleBroken

MINUTE = timedelta(minutes=1)
START = datetime(2027, 1, 4, 9)  # noqa: DTZ001 - a calendar's wall clock
WEEK = {weekday: ((540, 840), (870, 1080)) for weekday in range(5)}
OFFICE = Schedule("x", "X", "America/Mexico_City", WEEK, frozenset({date(2027, 1, 6)}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-{text}")


def read(now: datetime, *pauses: Pause, promise: int = 600, history: tuple[int, ...] = (), **more: Any) -> Reading:
    told = {"submitted": START, "promise_minutes": promise, "history": history, "least": 2, "window": 3}
    return read_clock(OFFICE, pauses=pauses, now=now, **{**told, **more})


@cache
def opened(day: date) -> frozenset[int]:
    """The minutes of that day in which the office is open."""
    return frozenset(minute for one, other in OFFICE.intervals_on(day) for minute in range(one, other))


def walk(now: datetime, pauses: list[Pause], promise: int) -> tuple[int, bool, datetime | None]:
    """Minutes that ran before `now`, whether it runs, and when the promise is reached, asked of every minute."""
    minute, ran, due = START, 0, START if not promise else None
    running = not any(ends is None or ends > now for _, ends in pauses)
    known = pauses if running else [*pauses[:-1], (pauses[-1][0], None)]
    elapsed = 0
    while minute < now or (running and due is None and minute < START + timedelta(days=60)):
        paused = any(begins <= minute and (ends is None or minute < ends) for begins, ends in known)
        if minute.hour * 60 + minute.minute in opened(minute.date()) and not paused:
            ran += 1
            elapsed += minute < now
            due = minute + MINUTE if ran == promise else due
        minute += MINUTE
    return elapsed, running, due


MOMENTS = st.integers(0, 12 * 24 * 60).map(lambda one: START + one * MINUTE)


@st.composite
def clocks(draw: Any) -> tuple[list[Pause], datetime]:
    moments = sorted(draw(st.lists(MOMENTS, min_size=1, max_size=6)))
    now = draw(st.sampled_from([moments[-1], moments[-1] + draw(st.integers(0, 3000)) * MINUTE]))
    pauses: list[Pause] = [(moments[n], moments[n + 1]) for n in range(0, len(moments) - 1, 2)]
    if len(moments) % 2:
        pauses.append((moments[-1], draw(st.sampled_from([None, now + MINUTE]))))
    return pauses, now


@settings(max_examples=60, deadline=None)
@given(clocks(), st.integers(0, 2400), st.randoms())
def test_the_clock_agrees_with_a_walk_over_every_minute(
    asked: tuple[list[Pause], datetime], promise: int, chance: Any
) -> None:
    pauses, now = asked
    wanted = walk(now, pauses, promise)
    chance.shuffle(shuffled := [*pauses])
    found = read(now, *shuffled, promise=promise)
    assert (found.elapsed_minutes, found.running, found.promise_due) == wanted
    assert found.late == (wanted[2] is not None and now > wanted[2])


def test_n8_estimates_stand_on_the_last_cases_and_tell_their_record() -> None:
    none = read(START, history=(5,))
    assert (none.forecast, none.track) == (None, None)
    found = read(START + timedelta(hours=2), history=(900, 10, 60, 70, 80))
    assert found.forecast and (found.forecast.estimate.n, found.forecast.estimate.p50) == (3, 70)
    assert (found.forecast.p50_due, found.forecast.p80_due) == (at("01-04 10:10"), at("01-04 10:20"))
    assert found.forecast.past and found.track and (found.track.tested, found.track.hits) == (3, 2)
    assert not read(START + timedelta(minutes=80), history=(60, 70, 80)).forecast.past  # type: ignore[union-attr]
    paused = read(START + timedelta(hours=2), (START + timedelta(minutes=75), None), history=(60, 70, 80))
    assert paused.forecast and (paused.forecast.p50_due, paused.forecast.p80_due) == (at("01-04 10:10"), None)


def test_pauses_may_touch_and_last_no_time() -> None:
    noon = datetime.combine(START, time(12))
    ran = segments(START, [(noon, noon), (noon, noon + MINUTE), (noon + MINUTE, None)], noon + 5 * MINUTE)
    assert ran == [(START, noon), (noon, noon), (noon + MINUTE, noon + MINUTE)]


@pytest.mark.parametrize(
    ("now", "pauses", "more", "code"),
    [
        ("01-04 08:59", [], {}, "before_sending"),
        ("01-20 09:00", [("01-06 12:00", "01-05 12:00")], {}, "pause_reversed"),
        ("01-20 09:00", [("01-03 12:00", "01-05 12:00")], {}, "pause_before_sending"),
        ("01-20 09:00", [("01-05 12:00", "01-07 12:00"), ("01-06 12:00", None)], {}, "pauses_overlap"),
        ("01-20 09:00", [("01-05 12:00", None), ("01-06 12:00", "01-07 12:00")], {}, "pauses_overlap"),
        ("01-20 09:00", [("01-20 09:01", None)], {}, "pause_later"),
        ("01-20 09:00", [], {"history": (5, -1)}, "history_negative"),
        ("01-20 09:00", [], {"promise": -1}, "negative_term"),
    ],
)
def test_what_cannot_have_been_says_why(now: str, pauses: list[Any], more: dict[str, Any], code: str) -> None:
    told = [(at(begins), at(ends) if ends else None) for begins, ends in pauses]
    with pytest.raises(RuleBroken) as broken:
        read(at(now), *told, **more)
    assert broken.value.code == code
