"""The rule simulator (N2): replay the last papers under a draft rule before it is published. Reads only.

A vertical registers, in its `apps.py`, a function per code prefix: given the draft and how many papers, it answers what
each would have been worth then and what it was worth. The floor never knows what a paper is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.rulebook.rules import Draft

LAST = 200


@dataclass(frozen=True, slots=True)
class ReplayLine:
    """One paper: its name and address, and the same figure (same currency) as it was and under the draft."""

    label: str
    href: str
    before: Decimal
    after: Decimal

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
    def total(self) -> Decimal:
        """The sum of all differences."""
        return sum((line.difference for line in self.changed), Decimal(0))


ReplayFunction = Callable[[Draft, int], Sequence[ReplayLine]]
_functions: dict[str, ReplayFunction] = {}


def register_replay(prefix: str, function: ReplayFunction) -> None:
    """Let a vertical replay drafts of the codes that start with `prefix`."""
    _functions[prefix] = function


def replay(draft: Draft, *, last: int = LAST) -> Replay | None:
    """The simulation of a draft, or None when nobody can replay this code."""
    function = next((found for prefix, found in _functions.items() if draft.code.startswith(prefix)), None)
    if function is None:
        return None
    lines = function(draft, last)
    changed = sorted((line for line in lines if line.difference), key=lambda line: -abs(line.difference))
    return Replay(read=len(lines), changed=tuple(changed))
