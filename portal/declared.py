"""What apps declare at start: the one shape of a registry of rows (docs/shape.md). Pure.

A room keeps a `Declared` of each kind in its `rules`; the app that owns a row hands it over in its `apps.ready()`,
through a `register_…` of the room's `registry`. So a room knows no app, and no constraint of its tables does either:
services ask the registry.
"""

from __future__ import annotations

from typing import TypeVar

Row = TypeVar("Row")


class Declared(dict[str, Row]):
    """Rows that apps declared, by name, in the order in which they came. `what` names the kind, for whoever errs."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def declare(self, name: str, row: Row) -> None:
        """Add a row; the same one again changes nothing. Raises ValueError, which stops the start, for another one."""
        if self.setdefault(name, row) != row:
            raise ValueError(f"two apps declare {self.what} {name!r}")
