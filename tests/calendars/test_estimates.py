"""When a clock with pauses reaches its minutes, and what others took, with the proof (S3.29-S3.33, N8, domain 6)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendars import estimates, rules
from portal.calendars.estimates import Estimate, Track
from portal.errors import RuleBroken
from tests.calendars.test_rules import SCHEDULES, moments

OFFICE = SCHEDULES["mx-office"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-{text}")


def between(submitted: str, *pauses: tuple[str, str | None]) -> list[rules.Segment]:
    """What ran between pauses."""
    starts = [submitted, *(end for _start, end in pauses)]
    ends = [*(start for start, _end in pauses), None]
    return [(at(start), at(end) if end else None) for start, end in zip(starts, ends, strict=True) if start]


@pytest.mark.parametrize(
    ("segments", "minutes", "reached"),
    [
        (between("01-29 16:00"), 5400, "02-15 16:00"),  # Monday 1 February is a holiday; ten days of nine hours
        (between("01-30 11:00"), 5400, "02-15 18:00"),  # begun on a Saturday: it runs, though nobody works
        (between("01-04 09:00"), 5400, "01-15 18:00"),
        (between("01-04 09:00"), 0, "01-04 09:00"),
        (between("01-04 09:00", ("01-06 12:00", "01-11 10:30")), 5400, "01-20 16:30"),  # a pause is taken out
        (between("01-04 09:00", ("01-06 12:00", None)), 5400, None),  # nothing is promised while documents lack
        (between("01-04 09:00", ("01-06 12:00", None)), 1260, "01-06 12:00"),  # reached in the very minute of the pause
        (between("01-04 09:00", ("01-28 12:00", None)), 5400, "01-15 18:00"),  # gone by before the pause
        (between("01-04 09:00", ("01-07 09:00", "01-07 18:00")), 5400, "01-18 18:00"),
        ([], 5, None),
    ],
)
def test_s3_33_a_promise_is_reached_over_what_ran_between_pauses(segments, minutes, reached) -> None:
    assert rules.reach(OFFICE, segments, minutes) == (at(reached) if reached else None)


@pytest.mark.parametrize(
    ("segments", "minutes", "code"),
    [
        ([(at("01-06 12:00"), at("01-05 12:00"))], 5, "end_before_start"),
        ([(at("01-04 09:00"), at("01-04 12:00")), (at("01-04 11:00"), None)], 600, "segments_overlap"),
        ([(at("01-04 09:00"), None)], -1, "negative_term"),
    ],
)
def test_segments_that_cannot_be_are_told(segments, minutes, code) -> None:
    with pytest.raises(RuleBroken) as told:
        rules.reach(OFFICE, segments, minutes)
    assert told.value.code == code


@given(
    moments,
    st.lists(st.tuples(st.integers(1, 4000), st.integers(0, 4000)), min_size=1, max_size=5),
    st.integers(1, 9000),
)
def test_reach_is_the_first_moment_at_which_the_clock_shows_its_minutes(start, stretches, minutes) -> None:
    segments, here = [], start
    for ran, stood in stretches:
        segments.append((here, here + timedelta(minutes=ran)))
        here += timedelta(minutes=ran + stood)
    reached = rules.reach(OFFICE, segments, minutes)
    total = rules.elapsed_over(OFFICE, segments)
    assert (reached is None) is (total < timedelta(minutes=minutes))
    if reached is not None:
        shown = [(a, min(b, reached)) for a, b in segments if a < reached]
        assert rules.elapsed_over(OFFICE, shown) == timedelta(minutes=minutes)
        assert rules.reach(OFFICE, [*segments[:-1], (segments[-1][0], None)], minutes) == reached


TWENTY = [100 * number for number in range(1, 21)]


@pytest.mark.parametrize(
    ("history", "found", "track"),
    [
        (TWENTY[:19], None, None),  # too few
        (TWENTY, Estimate(20, 1000, 1600), None),  # the 10th and the 16th; nothing tested yet
        ([*TWENTY, 1600, 1601], Estimate(22, 1100, 1601), Track(2, 1)),  # each against the P80 before it
        ([9_999_999] * 20 + [1] * 200, Estimate(200, 1, 1), Track(200, 200)),  # only the newest count
    ],
)
def test_n8_an_estimate_stands_from_twenty_cases_on_with_its_record(history, found, track) -> None:
    assert estimates.estimate(history, least=20, window=200) == found
    assert estimates.track_record(history, least=20, window=200) == track


def test_n8_backtest_p80_covers_four_fifths_of_what_comes() -> None:
    dice = random.Random(8)
    history = [int(dice.lognormvariate(8, 0.8)) for _ in range(3000)]
    track = estimates.track_record(history, least=20, window=200)
    assert track is not None and track.tested == 2980 and 75 <= track.percent <= 85


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.integers(1, 100))
def test_nearest_rank_is_the_smallest_value_that_enough_do_not_exceed(values, percent) -> None:
    found = estimates.nearest_rank(values, percent)
    covered = {limit: 100 * sum(value <= limit for value in values) for limit in values}
    assert found == min(limit for limit in values if covered[limit] >= percent * len(values))
