"""How a list's file was obtained, in words: what was asked, when, by whom, how many rows, which sums, which hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.design import dates
from portal.listing import copying
from portal.listing.columns import Column, Kind, Listing
from portal.money import format_money


@dataclass(frozen=True, slots=True)
class Told:
    """What «Cómo se obtuvo» says beside what is counted: filters in force as (label, text), when, by whom."""

    filters: Sequence[tuple[str, str]]
    at: datetime
    by: str


def untold(_rows: int) -> None:
    """Where nobody asks how many rows of a file are written."""


def how(
    listing: Listing, told: Told, *, rows: int, added: Sequence[tuple[str, str]], sha256: str
) -> list[tuple[str, str]]:
    """(name, text), so that somebody else can ask the same; `added` are the sums."""
    return [
        ("Lista", listing.title),
        *(told.filters or [("Filtros", "ninguno: la lista entera")]),
        ("Generado", f"{dates.instant(told.at)} (hora del centro de México)"),
        ("Por", told.by),
        ("Zona horaria", "la de cada renglón" if any(one.zone_path for one in listing.columns) else "centro de México"),
        ("Renglones", f"{rows:,}"),
        *((f"Suma de {label}", total) for label, total in added),
        ("SHA-256 de los renglones", sha256),
    ]


def sums(columns: Sequence[Column], question: tuple[bytes, list[str]], view: copying.Snapshot) -> list[tuple[str, str]]:
    """The sum of each column that has a total, one a currency, from the same rows."""
    wanted, aliases = question
    names = {alias: f"c{number}" for number, alias in enumerate(aliases)}
    listed = ", ".join(names.values()).encode()
    found: dict[str, list[tuple[str, str]]] = {}
    for currency, summed in _by_currency(columns, names).items():
        each = ", ".join(f"sum({names[column.alias]})" for column in summed)
        asked = f"SELECT {currency}, {each} FROM (".encode() + wanted  # all of them at once: a list may be dear to ask
        for money, *totals in view.rows(asked + b") AS listed (%s) GROUP BY 1 ORDER BY 1" % listed):
            for column, total in zip(summed, totals, strict=True):
                if total is not None:
                    found.setdefault(column.name, []).append((column.label, _told(column, total, money)))
    return [one for column in columns for one in found.get(column.name, ())]


def _by_currency(columns: Sequence[Column], names: Mapping[str, str]) -> dict[str, list[Column]]:
    """Columns with a total by where their currency stands."""
    found: dict[str, list[Column]] = {}
    for column in (one for one in columns if one.total):
        currency = names[column.currency_path] if column.currency_path else f"'{column.currency}'"
        found.setdefault(currency, []).append(column)
    return found


def _told(column: Column, total: Any, money: str) -> str:
    return format_money(Decimal(total), money) if column.kind == Kind.MONEY else f"{total:,}"
