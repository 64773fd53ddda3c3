"""How a value is written on a page: for each column one function, made once a list, because a page has many cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import quote

from portal.design import dates
from portal.listing.columns import Column, Drill, Kind, Link
from portal.money import format_money
from portal.zones import MEXICO_CITY

Values = Sequence[Any]  # one row, in the order of the listing's paths
Places = Mapping[str, int]  # where each path stands in it


class Cell(NamedTuple):
    """One cell as the table reads it: `text` is plain (the table escapes it), `exact` is machine time."""

    text: str
    kind: str
    label: str
    href: str = ""
    tone: str = ""
    exact: str = ""


def writer(column: Column, places: Places, narrowed: str = "") -> Callable[[Values], Cell]:
    """What writes one column's cells; `narrowed` (`?estado=…` or "") follows a link that carries the list's filters."""
    at, kind, label, nothing = places[column.alias], str(column.kind), column.label, column.nothing
    words, address, tones = _words(column, places), _address(column, places, narrowed), column.tones
    exact = _exact(column, places) if column.kind in {Kind.DATE, Kind.INSTANT} else None

    def write(values: Values) -> Cell:
        value = values[at]
        return Cell(
            nothing if value is None or value == "" else words(value, values),
            kind,
            label,
            address(values) if address else "",
            tones.get(value, "neutral") if kind == Kind.STATE else "",
            exact(value, values) if exact else "",
        )

    return write


def _words(column: Column, places: Places) -> Callable[[Any, Values], str]:
    """A value that is there in words, plain text; `values` are those of its row."""
    labels = column.labels
    if column.many:
        return lambda value, _: ", ".join(str(labels.get(one, one)) for one in str(value).split())
    if labels:
        return lambda value, _: str(labels.get(value, value))
    if column.kind == Kind.MONEY and column.currency_path:
        currency = places[column.currency_path]
        return lambda value, values: format_money(Decimal(value), values[currency])
    if column.kind == Kind.MONEY:
        return lambda value, _: format_money(Decimal(value), column.currency)
    zone = zone_of(column, places)
    if column.kind == Kind.INSTANT:
        return lambda value, values: (
            dates.instant(value, zone(values)) if isinstance(value, datetime) else dates.short(value)
        )
    if column.kind == Kind.DATE:
        return lambda value, values: dates.short(value, zone(values))
    if column.kind == Kind.NUMBER:
        return lambda value, _: f"{value:,}"
    return lambda value, _: str(value)


def zone_of(column: Column, places: Places) -> Callable[[Values], str]:
    """In which zone a row's instants are told."""
    if not column.zone_path:
        return lambda values: MEXICO_CITY
    at = places[column.zone_path]
    return lambda values: values[at] or MEXICO_CITY


def _address(column: Column, places: Places, narrowed: str) -> Callable[[Values], str] | None:
    """Where a cell leads; None for nowhere."""
    href = column.href
    if href is None:
        return None
    if isinstance(href, Drill):
        drill = href
        return lambda values: drill({path: values[at] for path, at in places.items()}, narrowed)
    if not isinstance(href, Link):
        return lambda values: href({path: values[at] for path, at in places.items()})
    at, link = places[href.path], href
    around: list[str] = []

    def address(values: Values) -> str:
        if not around:
            before, after = link.around(values[at])
            around.extend((before, after + narrowed if link.carries else after))
        return f"{around[0]}{quote(str(values[at]))}{around[1]}"

    return address


def _exact(column: Column, places: Places) -> Callable[[Any, Values], str]:
    """A day or an instant as a machine reads it."""
    zone = zone_of(column, places)

    def exact(value: Any, values: Values) -> str:
        if isinstance(value, datetime):
            return dates.as_local(value, zone(values)).isoformat(timespec="seconds")
        return value.isoformat() if isinstance(value, date) else ""

    return exact
