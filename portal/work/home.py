"""A person's home: the panels of their workspaces and queues, the most urgent first, each thing once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from portal.access import Workspace
from portal.design import dates
from portal.work import rules, selectors
from portal.work.registry import Figure, Filled, Step, WorkItem, panels

SHOWN = 5  # things of a panel; the list shows the rest


@dataclass(frozen=True, slots=True)
class Line:
    """A thing as a home says it: whether it is late, and in words by when."""

    item: WorkItem
    late: bool
    when: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel as a home draws it."""

    name: str
    title: str
    lines: Sequence[Line]
    figures: Sequence[Figure]
    text: str
    act: tuple[str, str] | None
    steps: Sequence[Step] = ()
    links: Sequence[tuple[str, str]] = ()
    explanation: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """What comes next (None: nothing waits), the panels that hold something, and a line for each that holds nothing."""

    next: Line | None
    panels: Sequence[Shown]
    empty: Sequence[str]


def line(item: WorkItem, *, at: datetime) -> Line:
    """A thing with its promise in words."""
    late = rules.is_overdue(item.due, at=at)
    if item.due is None:
        return Line(item, late=False, when="")
    day = dates.instant(item.due) if isinstance(item.due, datetime) else dates.long(item.due)
    return Line(item, late, f"Vencido: se esperaba el {day}" if late else f"A más tardar el {day}")


def home(user: Any, *, at: datetime, places: Sequence[Workspace], queues: bool = True, narrowed: Any = None) -> Home:
    """All panels of these workspaces, their queues among them unless the page shows those itself.

    `narrowed` is the same person with less, for panels to read by; queues are the whole person's, to whom nothing of
    theirs is offered.
    """
    reader = narrowed or user
    read = [
        (one.name, one.title, one.read(reader, at), one.empty)
        for one in panels()
        if one.permission in reader.permissions and {*one.workspaces} & {*places}
    ]
    if queues:
        read += _queues(user, at, places)
    waiting = sorted(
        (item for _, _, filled, _ in read for item in filled.items), key=lambda one: selectors.urgency(one, at=at)
    )
    first = next((item for item in waiting if item.is_free), None)
    stepped = {step[3] for _, _, filled, _ in read for step in filled.steps}
    read = [one for one in read if not _stands_in(stepped, one[2])]
    drawn = [_shown(name, title, filled, first, at) for name, title, filled, _ in read if not filled.is_empty]
    order = {one.name: place for place, one in enumerate(sorted(drawn, key=lambda one: _most_urgent(one, at)))}
    return Home(
        next=line(first, at=at) if first else None,
        panels=sorted(drawn, key=lambda one: order[one.name]),
        empty=[empty for _, _, filled, empty in read if filled.is_empty and empty],
    )


def _stands_in(stepped: set[str], filled: Filled) -> bool:
    """Whether all things of a panel are steps of another panel's list of tasks already."""
    return not filled.steps and bool(filled.items) and all(item.href in stepped for item in filled.items)


def _most_urgent(shown: Shown, at: datetime) -> tuple[int, datetime, datetime]:
    """Panels without a thing come last, as they were declared."""
    return min((selectors.urgency(one.item, at=at) for one in shown.lines), default=(3, at, at))


def _shown(name: str, title: str, filled: Filled, first: WorkItem | None, at: datetime) -> Shown:
    """Without what is the next thing of all: that stands above."""
    items = sorted((item for item in filled.items if item is not first), key=lambda one: selectors.urgency(one, at=at))
    above = len(items) < len(filled.items) and not items and not filled.text and not filled.steps
    text = "Es lo siguiente, aquí arriba." if above else filled.text
    lines = [] if filled.steps else [line(item, at=at) for item in items[:SHOWN]]
    return Shown(name, title, lines, filled.figures, text, filled.act, filled.steps, filled.links, filled.explanation)


def _filled(load: selectors.Load, items: Sequence[WorkItem]) -> Filled:
    if not load.count:
        return Filled()
    return Filled(items, text=f"En espera: {load.count:,}.", act=("Ver la lista", load.queue.list_address))


def _queues(user: Any, at: datetime, places: Sequence[Workspace]) -> list[tuple[str, str, Filled, str]]:
    """A panel for each queue of these workspaces, with who has each thing."""
    mine = [one for one in selectors.loads(user, at=at) if one.queue.workspace in places]
    held = selectors.with_holders([item for one in mine for item in one.oldest], user)
    by_queue: dict[str, list[WorkItem]] = {}
    for item in held:
        by_queue.setdefault(item.kind, []).append(replace(item, act="Atender"))
    return [
        (
            one.queue.name,
            one.queue.label,
            _filled(one, by_queue.get(one.queue.name, [])),
            f"{one.queue.label}: nada.",
        )
        for one in mine
    ]
