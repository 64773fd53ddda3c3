"""Constraint → what breaks it, a module an app (`tests/test_constraints.py` gathers them): its `BREAKERS`.

Guards by trigger speak before a constraint can: they sleep for the statement that shows what the table itself refuses,
and so is another constraint of which the same row falls foul first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from portal import ids
from tests.guards import guards_asleep


@dataclass(frozen=True)
class Breaker:
    """A row that stands, and the values that break the constraint: in the row itself, or in a second one like it."""

    row: Callable[[], models.Model]
    change: Callable[[models.Model], dict[str, Any]] = field(default=lambda row: {})
    twin: bool = False
    without: tuple[str, ...] = ()


def changed(row: Callable[[], models.Model], *, without: tuple[str, ...] = (), **values: Any) -> Breaker:
    """The row itself, with these values."""
    return Breaker(row, lambda _row: values, without=without)


def same(row: Callable[[], models.Model], **values: Any) -> Breaker:
    """A second row like the first; `values` keep apart what another constraint would refuse first."""
    return Breaker(row, lambda _row: values, twin=True)


def itself(name: str) -> Callable[[models.Model], dict[str, Any]]:
    """The row's own key in a column that must name another."""
    return lambda row: {name: row.pk}


def copied(row: models.Model, values: dict[str, Any]) -> Any:
    """A new row like this one; written past services and guards."""
    kept = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if not one.primary_key}
    key = row._meta.pk
    fresh = {} if key is None or isinstance(key, models.AutoField) else {key.attname: ids.uuid7()}
    copy = type(row)(**(kept | fresh))
    for name, value in values.items():
        setattr(copy, name, value)
    with guards_asleep(type(row)):
        type(row)._base_manager.bulk_create([copy])
    return copy
