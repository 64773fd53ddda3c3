"""What rooms with deadlines tell this one: which rows are to be reminded of, which dates a person may subscribe to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.calendars.ics import Entry
from portal.calendars.models import Due
from portal.calendars.rules import Reminders
from portal.declared import Declared, hear


@dataclass(frozen=True, slots=True)
class DueKind:
    """Deadlines of one table: when they are reminded of, and who is told what.

    `plan(due)` gives the days; `remind(due=, reached=, on=, at=)` runs in the transaction that stores the next one,
    with the row locked; `reached` are the planned days that have come, in order: one, or several after a pause.
    """

    model: type[Due]
    plan: Callable[[Any], Reminders]
    remind: Callable[..., None]


_kinds: Declared[DueKind] = Declared("the deadline of")
_feeds: Declared[Callable[[Any, date], Iterable[Entry]]] = Declared("the dates of")


def register_due(model: type[Due], *, plan: Callable[[Any], Reminders], remind: Callable[..., None]) -> None:
    """Have the deadlines of a table reminded of by the one task (`calendars.remind`)."""
    _kinds.declare(model._meta.label, DueKind(model, plan, remind))


def kind_of(model: type[Due]) -> DueKind:
    """How the deadlines of a table are reminded of."""
    return _kinds[model._meta.label]


def kinds() -> Iterator[DueKind]:
    """Every table with reminders."""
    yield from _kinds.values()


def register_feed(entries: Callable[[Any, date], Iterable[Entry]]) -> None:
    """Name a function (user, on) that gives the dates of a person's calendar: what they may see, nothing personal."""
    hear(_feeds, entries)


def entries_of(user: Any, *, on: date) -> list[Entry]:
    """Every date for one person's calendar, by day."""
    return sorted(
        (entry for tell in _feeds.values() for entry in tell(user, on)), key=lambda entry: (entry.on, entry.uid)
    )
