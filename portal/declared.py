"""What apps declare at start: the one shape of a registry of rows (docs/shape.md). Pure.

A room keeps a `Declared` of each kind in its `rules`; the app that owns a row hands it over in its `apps.ready()`,
through a `register_…` of the room's `registry`. So a room knows no app, and no constraint of its tables does either:
services ask the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Row = TypeVar("Row")
Hears = TypeVar("Hears", bound=Callable[..., Any])


class Declared(dict[str, Row]):
    """Rows that apps declared, by name, in the order in which they came. `what` names the kind, for whoever errs."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def copy(self) -> Declared[Row]:
        """Another of the same rows, to which more may be declared without this one hearing of it."""
        other: Declared[Row] = Declared(self.what)
        other.update(self)
        return other

    def declare(self, name: str, row: Row) -> None:
        """Add a row; the same one again changes nothing. Raises ValueError, which stops the start, for another one."""
        if self.setdefault(name, row) != row:
            raise ValueError(f"two apps declare {self.what} {name!r}")


def hear(table: Declared[Hears], function: Hears) -> None:
    """Add a function that a room calls, under its own name in the code: each once, however often its app starts."""
    table.declare(f"{function.__module__}.{function.__qualname__}", function)
