"""What higher rooms tell the help pages: the table of findings, which only the roof can gather from every room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.errors import Finding


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Everything that may be said of one kind of paper."""

    title: str
    lead: str
    findings: Sequence[Finding]


_tellers: list[Callable[[], Sequence[FindingGroup]]] = []


def register_findings(tell: Callable[[], Sequence[FindingGroup]]) -> None:
    """Name the function that tells the table; called in an app's `ready`."""
    if tell not in _tellers:
        _tellers.append(tell)


def findings() -> list[FindingGroup]:
    """The whole table, in the order in which it was registered."""
    return [group for tell in _tellers for group in tell()]
