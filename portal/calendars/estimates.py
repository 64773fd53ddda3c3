"""How long it will take, by what it took before, with the record of how often that was right (N8). Pure.

Business minutes of decided cases, in the order in which they were decided: nearest rank over the newest ones, nothing
while they are too few, and always the proof beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """Minutes within which half and four fifths of the last `n` cases were decided."""

    n: int
    p50: int
    p80: int


@dataclass(frozen=True, slots=True)
class Track:
    """Of `tested` cases, how many were decided within the P80 that stood when they came."""

    tested: int
    hits: int

    @property
    def percent(self) -> int:
        """Hits in a hundred, rounded down: a record is never told better than it is."""
        return self.hits * 100 // self.tested


def nearest_rank(values: Sequence[int], percent: int) -> int:
    """The percentile (1 to 100) by nearest rank: the smallest value that so many of a hundred do not exceed."""
    return sorted(values)[-(-percent * len(values) // 100) - 1]


def estimate(history: Sequence[int], *, least: int, window: int) -> Estimate | None:
    """P50 and P80 of the newest `window` cases; None while there are fewer than `least`."""
    newest = history[-window:]
    if len(newest) < max(least, 1):
        return None
    return Estimate(len(newest), nearest_rank(newest, 50), nearest_rank(newest, 80))


def track_record(history: Sequence[int], *, least: int, window: int) -> Track | None:
    """Each case after the first `least` against the P80 of the at most `window` before it; None while there is none."""
    tested = range(max(least, 1), len(history))
    if not tested:
        return None
    hits = sum(history[case] <= nearest_rank(history[max(0, case - window) : case], 80) for case in tested)
    return Track(len(tested), hits)
