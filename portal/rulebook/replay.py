"""The rule simulator (N2): replay the last papers under a draft rule before it is published. Reads only.

A vertical registers, in its `apps.py`, a function per code prefix: given the draft and how many papers, it answers what
each would have been worth then and what it was worth. The floor never knows what a paper is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.declared import Declared
from portal.rulebook.rules import Draft

LAST = 200


@dataclass(frozen=True, slots=True)
class ReplayLine:
    """One paper: name, address ("" where no reader of rules may go), and whose it is.

    The same figure, in one currency, as it was and under the draft.
    """

    label: str
    href: str
    before: Decimal
    after: Decimal
    who: str = ""

    @property
    def difference(self) -> Decimal:
        """What the draft adds; negative when it takes away."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Replay:
    """The whole simulation: how many papers were read and those whose figure changes, largest change first."""

    read: int
    changed: tuple[ReplayLine, ...]

    @property
    def in_words(self) -> str:
        """How many papers it was tried on, and how many would change."""
        if not self.read:
            return "Todavía no hay trámites con que probarla."
        if self.read == 1:
            return f"Hay un trámite con que probarla y {'cambiaría' if self.changed else 'no cambiaría'}."
        many = len(self.changed)
        return f"De los últimos {self.read:,} trámites, {'uno cambiaría' if many == 1 else f'{many:,} cambiarían'}."

    @property
    def total(self) -> Decimal:
        """The sum of all differences."""
        return sum((line.difference for line in self.changed), Decimal(0))

    @property
    def people(self) -> list[tuple[str, Decimal, bool]]:
        """Who gains (True) and who loses (False), and how much in all; the largest sum first."""
        sums: dict[str, Decimal] = {}
        for line in self.changed:
            sums[line.who] = sums.get(line.who, Decimal(0)) + line.difference
        rows = [(who, abs(total), total > 0) for who, total in sums.items() if who]
        return sorted(rows, key=lambda row: (-row[1], row[0]))


@dataclass(frozen=True, slots=True)
class Recount:
    """Stored figures of a rule computed again at the version each was made with: how many, and those that differ."""

    read: int
    differing: tuple[str, ...]


ReplayFunction = Callable[[Draft, int], Sequence[ReplayLine]]
RecountFunction = Callable[[str], Recount]
_recounts: Declared[RecountFunction] = Declared("the recount of")
_functions: Declared[ReplayFunction] = Declared("the replay of")


def register_replay(prefix: str, function: ReplayFunction) -> None:
    """Let a vertical replay drafts of the codes that start with `prefix`."""
    _functions.declare(prefix, function)


def register_recount(prefix: str, function: RecountFunction) -> None:
    """Let a vertical compute again what it stored by the codes that start with `prefix`."""
    _recounts.declare(prefix, function)


def recount(code: str) -> Recount | None:
    """Everything that was computed by a rule, computed again; None when nobody stores figures of it (N2)."""
    function = next((found for prefix, found in _recounts.items() if code.startswith(prefix)), None)
    return function(code) if function else None


def replay(draft: Draft, *, last: int = LAST) -> Replay | None:
    """The simulation of a draft, or None when nobody can replay this code."""
    function = next((found for prefix, found in _functions.items() if draft.code.startswith(prefix)), None)
    if function is None:
        return None
    lines = function(draft, last)
    changed = sorted((line for line in lines if line.difference), key=lambda line: -abs(line.difference))
    return Replay(read=len(lines), changed=tuple(changed))
