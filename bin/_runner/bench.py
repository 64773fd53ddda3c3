"""bin/bench: what the portal costs beside the bare library under it, on this machine, on a throw-away database.

Ratios of one run compare; seconds of two machines do not. Rows are made in tests/bench/measure.py.
"""

import os
import subprocess

from . import ground, install
from .places import PYTHON, ROOT
from .processes import stop_on_signals
from .say import Stop, say

# Goal of a row: a ratio not above it. A row without one is only told.
GOALS = {"G7": 1.5, "G8": 6.0, "G11": 4.0, "G14": 1.25, "G16": 12.0, "G18": 1.5}
HEAD = f"{'meta':<52} {'medido':>10} {'meta ≤':>8} {'nuestro ms':>11} {'a secas ms':>11}"


def run(arguments: list[str]) -> int:
    """Print the table; arguments name some of cfdi, paper, login, listing, audit. 0 unless the measuring itself failed.

    Nothing is asserted: a busy machine may miss a goal, and the row says so with an exclamation mark.
    """
    stop_on_signals()
    install.system(*install.TO_RUN)
    install.environment(dev=False)
    with ground.throw_away() as environment:
        environment |= {"LOG_LEVEL": "ERROR", "CAUCE_TEST_DATABASE": f"bench_{os.getpid()}"}
        return _measured([str(PYTHON), "-m", "tests.bench.measure", *arguments], environment)


def _measured(command: list[str], environment: dict[str, str]) -> int:
    say(HEAD)
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as measuring:
        rows = sum(_row(line) for line in measuring.stdout or ())
    if measuring.returncode or not rows:
        raise Stop("No se pudo medir. Lo que falló está arriba.")
    return 0


def _row(line: str) -> bool:
    """Print one measurement; False for a line that is none."""
    parts = line.rstrip("\n").split("\t")
    if len(parts) != 4:
        return False
    name, (measured, ours, bare) = parts[0], map(float, parts[1:])
    goal = GOALS.get(name.split()[0])
    missed = "!" if goal is not None and measured > goal else " "
    times = f"{ours:>11.2f} {bare:>11.2f}" if ours else f"{'':>11} {'':>11}"
    say(f"{name:<52} {measured:>10.2f}{missed} {goal if goal is not None else '':>7} {times}")
    return True
