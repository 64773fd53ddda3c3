"""A kind of import of no app: things with a key and an amount, kept in a list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from portal.access import Permission
from portal.imports import registry
from portal.imports.registry import ImportSpec
from portal.imports.rules.layouts import Field, Item, Judged, Layout, Read, RowError, Total
from portal.imports.rules.readers import code, money, text

KIND = "test.things"


@dataclass(frozen=True)
class Thing:
    key: str
    amount: Decimal
    note: str = ""
    pin: str = ""


THINGS = Layout(
    fields=(
        Field("key", "clave", ("folio",), exact=True, read=code),
        Field("amount", "importe", read=money("MXN")),
        Field("note", "nota", required=False, read=text(20)),
        Field("pin", "pin", required=False, read=code),
    ),
    build=Thing,
    max_rows=5,
    totals=(Total("amount", "Por cuánto en total", "MXN"),),
    secret="pin",
)


@dataclass
class Shelf:
    """Where applied things stand; a key that stands is unchanged, one called MALA is always wrong."""

    things: list[Thing] = field(default_factory=list)

    def judge(self, *, sender: Any, subject_id: str, read: Read, on: Any) -> Judged:
        del sender, subject_id, on
        items = read.items
        known = {thing.key for thing in self.things}
        wrong = [item for item in items if item.value.key == "MALA"]
        fine = [item for item in items if item not in wrong]
        return Judged(
            tuple(item for item in fine if item.value.key not in known),
            sum(item.value.key in known for item in fine),
            errors=tuple(RowError(one.number, "key", "bad", "Cámbiala.", one.sheet_row) for one in wrong),
        )

    def apply(self, *, run: Any, judged: Judged, items: Any, by: Any, at: Any) -> None:
        assert run.state == "applied" and len(items) >= len(judged.new) and by and at
        self.things += [item.value for item in judged.new]

    @staticmethod
    def declare(spec: ImportSpec) -> None:
        """In place of the one before: the fixture gives the registry back."""
        registry._specs[KIND] = spec

    def spec(self, **changes: Any) -> ImportSpec:
        made = ImportSpec(
            kind=KIND,
            title="Cosas",
            permission=Permission.IMPORT_ORDERS,
            layout=THINGS,
            judge=self.judge,
            apply=self.apply,
            purpose="things",
            start="billing:import_orders",
            done=lambda run: f"/hecho/{run.pk}/",
        )
        return replace(made, **changes)


def rows(*things: Thing) -> Read:
    return Read(tuple(Item(number, thing) for number, thing in enumerate(things, start=1)))
