"""A list as the API gives it: the same rows, places and sums as its page, as values instead of words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.design import dates
from portal.listing.cells import zone_of
from portal.listing.columns import Column, Kind
from portal.listing.paging import AFTER, BEFORE, COUNT_CAP, counted, edges, sums, window
from portal.listing.selection import Selection
from portal.money import round_money


def as_json(asked: Selection) -> dict[str, Any]:
    """One page of a list, of JSON's own types.

    `rows` have the row's `id` and name each column: money as {amount, currency} with the currency's decimals, days as
    ISO, instants as ISO in central Mexico or the row's own zone, states as their slugs, what is missing as null.
    `count` is null above 10,000 and `sums` with it. `antes` and `despues` are what to ask for under these names to have
    the pages around, or null.
    """
    shown = window(asked)
    count = len(shown.rows) if shown.is_whole else counted(asked)
    before, after = edges(asked, shown)
    columns, paths = [column for column in asked.listing.columns if column.export], asked.listing.paths
    places = [paths.index(path) for path in asked.listing.groups or (asked.listing.key,)]
    added = sums(asked, shown) if count <= COUNT_CAP else None
    totals = {column.name: column for column in columns if column.total}
    return {
        "rows": [
            {"id": "|".join(str(row[place]) for place in places)}
            | {column.name: _value(column, row, paths) for column in columns}
            for row in shown.rows
        ],
        "count": count if count <= COUNT_CAP else None,
        "sums": {name: _sum(totals[name], value) for name, value in added.items()} if added is not None else None,
        BEFORE: before or None,
        AFTER: after or None,
    }


def _value(column: Column, row: Sequence[Any], paths: list[str]) -> Any:
    value = row[paths.index(column.alias)]
    if value is None or value == "":
        return None
    if column.kind == Kind.MONEY:
        return _money(value, row[paths.index(column.currency_path)] if column.currency_path else column.currency)
    if column.many:
        return str(value).split()
    if isinstance(value, datetime):
        places = {path: at for at, path in enumerate(paths)}
        local = dates.as_local(value, zone_of(column, places)(row))
        return local.date().isoformat() if column.kind == Kind.DATE else local.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, bool | int | str) else str(value)


def _sum(column: Column, value: Any) -> Any:
    if value is None or column.kind != Kind.MONEY:
        return value
    return _money(value, column.currency)


def _money(amount: Any, currency: str) -> dict[str, str]:
    return {"amount": str(round_money(Decimal(amount), currency)), "currency": currency}
