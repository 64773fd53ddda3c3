"""What the page of one thing says first (`layouts/detail.html`): who moves next, by when, what lacks, the one act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.states import BALL_LABELS, DESK_BALL_LABELS, Ball, Stand


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock that runs: what is promised (`what`), by which day or instant, and where that comes from (a figure)."""

    what: str
    by: date | datetime
    late: bool = False
    figure: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a thing still needs, and the address where it is got or given."""

    what: str
    href: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Who holds the ball and since when, what is done next, every clock, what lacks, the one act and the others.

    `act` and `more` are (label, address); `folio` fills the contact form in, "" for a thing that has none.
    """

    ball: str
    since: date | datetime | None = None
    next: str = ""
    clocks: tuple[Clock, ...] = ()
    missing: tuple[Missing, ...] = ()
    act: tuple[str, str] | None = None
    more: tuple[tuple[str, str], ...] = ()
    folio: str = ""


def told_of(stand: Stand, *, desk: bool = False, **more: Any) -> Told:
    """What a machine says of a state: whose turn it is and, where the reader's, what they do; or as the `desk`."""
    if desk:
        return Told(DESK_BALL_LABELS[stand.ball], **({"next": stand.next if stand.ball is Ball.US else ""} | more))
    return Told(BALL_LABELS[stand.ball], **({"next": stand.next if stand.ball is Ball.YOU else ""} | more))
