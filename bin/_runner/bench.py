"""bin/bench: goals measured on this machine, one row each. Later issues register their rows here."""

from collections.abc import Callable
from dataclasses import dataclass

from .say import say


@dataclass(frozen=True)
class Row:
    """One goal: what, in which unit, the reference, and the measurement."""

    name: str
    unit: str
    reference: float
    measure: Callable[[], float]


ROWS: list[Row] = []


def run(arguments: list[str]) -> int:
    """Print the table; 1 when a row misses its goal."""
    say(f"{'meta':<48} {'nuestro':>10} {'referencia':>10} {'unidad':<8}")
    missed = 0
    for row in ROWS:
        ours = row.measure()
        missed += ours > row.reference
        say(f"{row.name:<48} {ours:>10.2f} {row.reference:>10.2f} {row.unit:<8}")
    if not ROWS:
        say("Todavía no hay metas registradas: nada se midió.")
    return 1 if missed else 0
