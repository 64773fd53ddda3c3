"""How bin/bench measures: ours and the bare work in turns, in one process, and the median of the pairs' ratios.

A machine that is busy with something else slows both of a pair; seconds alone would say nothing. They take turns call
by call, also within a pair of many calls: thirty of one after each other find the processor's caches filled by
themselves, which no real file finds, and a burst of somebody else's work meets one side alone.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

PAIRS = 15
TIMES = int(os.environ.get("CAUCE_TEST_TIMES", "1"))  # of its small size: how long the lists are
Act, Clock = Callable[[], object], Callable[[], float]


class Goal(NamedTuple):
    """What a row must keep to (`≤` or `≥`): `limit` never, `goal` in a release."""

    sign: str
    limit: float
    goal: float


def compare(
    name: str, ours: Act, bare: Act, *, pairs: int = PAIRS, repeat: int = 1, cpu: bool = False
) -> tuple[float, float]:
    """Print the row `name`, the median ratio of pairs, each of `repeat` turns; (ratio, seconds of ours).

    `cpu` counts this process's own processor time, for work that waits for nobody: a busy machine then changes little.
    """
    gc.collect()
    gc.freeze()  # what the rows before left is not this one's to look through
    clock = time.process_time if cpu else time.perf_counter
    for act in (ours, bare):
        _timed(act, clock)
    took = [_pair(ours, bare, repeat, clock) for _ in range(pairs)]
    ratio = statistics.median(mine / other for mine, other in took)
    mine, other = (statistics.median(column) for column in zip(*took, strict=True))
    say(name, ratio, mine, other)
    return ratio, mine


def compare_p95(name: str, ours: Act, bare: Act, *, runs: int = 60) -> None:
    """Print the ratio of the 95th percentiles of `runs` alternating calls each."""
    gc.collect()
    gc.freeze()  # a collection of the whole process would be the slowest call of one of them by chance
    for act in (ours, bare):
        _timed(act, time.perf_counter)
    took = [_pair(ours, bare, 1, time.perf_counter) for _ in range(runs)]
    high = [statistics.quantiles(column, n=20)[-1] for column in zip(*took, strict=True)]
    say(name, high[0] / high[1], *high)


def _pair(ours: Act, bare: Act, repeat: int, clock: Clock) -> tuple[float, float]:
    """Seconds of a call of each, of `repeat` turns."""
    took = [(_timed(ours, clock), _timed(bare, clock)) for _ in range(repeat)]
    mine, other = (sum(column) / repeat for column in zip(*took, strict=True))
    return mine, other


def _timed(act: Act, clock: Clock) -> float:
    began = clock()
    act()
    return clock() - began


def say(name: str, measured: float, ours: float = 0.0, bare: float = 0.0) -> None:
    """One row for bin/bench: name, what was measured, seconds of ours and of the bare work."""
    print(f"{name}\t{measured:.4f}\t{ours * 1000:.3f}\t{bare * 1000:.3f}", flush=True)
