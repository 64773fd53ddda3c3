"""A file of movements as `portal/imports` takes it in: read in the limited child, its rows typed there. Pure.

Each row of the file is a row here, also one of zero, which is skipped. A row in error bears its code and sentence in
the cell that is wrong, where its reader finds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.imports.rules.cells import Unreadable
from portal.imports.rules.formats import OwnFormat
from portal.imports.rules.layouts import Field, Layout
from portal.money import EXPONENT
from portal.text import decode_text
from portal.treasury.rules.movements import Moved, MovementFormat, MovementsRead
from portal.treasury.rules.movements_csv import ask_headings
from portal.treasury.rules.movements_reading import format_of, read_movements

MAX_ROWS = 25_000
COLUMNS = ("format", "currency", "on", "amount", "text", "reference", "tracking", "balance", "row")
_WRONG = "\x1f"
_CURRENCY = re.compile(r":60[FM]:[CD][0-9]{6}([A-Z]{3})")
_NO_ROW = {"on": "2000-01-01", "amount": "0.00"}
# What people say that a heading is → what `movements_csv` calls it.
_OF_BANKS = {"amount": "signed"}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A row of a file: what moved (its row is the item's), in which format, and in which currency if the file says."""

    moved: Moved
    format: str
    currency: str


def read_file(content: bytes, *, headings: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file by column. `headings`: what a sender's own headings mean.

    Raises RuleBroken for the file as a whole, `ForeignHeadings` for a table whose columns nobody knows.
    """
    mapping = {heading: _OF_BANKS.get(name, name) for heading, name in headings.items()}
    said = _CURRENCY.search(decode_text(content)[0]) if format_of(content) is MovementFormat.MT940 else None
    currency = said[1] if said and said[1] in EXPONENT else ""
    read = read_movements(content, currency=currency or "MXN", formats=set(MovementFormat), mapping=mapping)
    if read.format is MovementFormat.CSV and not read.moved and read.wrong:
        ask_headings(content, mapping)
    told = {"format": str(read.format), "currency": currency}
    rows = _rows(read)
    count = len(read.moved) + len(read.wrong) + read.skipped
    return [(number, told | rows.get(number, _NO_ROW)) for number in range(1, count + 1)]


def _rows(read: MovementsRead) -> dict[int, dict[str, str]]:
    """The cells of each row that is money or wrong."""
    rows = {
        one.row: {
            "on": one.on.isoformat(),
            "amount": str(one.amount),
            "text": one.text,
            "reference": one.reference,
            "tracking": one.tracking,
            "balance": one.balance,
        }
        for one in read.moved
    }
    for wrong in read.wrong:
        rows[wrong.row] = _NO_ROW | {wrong.field: f"{_WRONG}{wrong.code}{_WRONG}{wrong.message}"}
    return rows


def _unless_wrong(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A reader of what `read_file` made of a cell. Raises Unreadable with what it said of a wrong one."""

    def reader(cell: Any) -> Any:
        text = str(cell)
        if text.startswith(_WRONG):
            code, message = text[1:].split(_WRONG, 1)
            raise Unreadable(code, message)
        return read(text)

    return reader


def _build(
    *,
    format: str,
    currency: str,
    on: date,
    amount: Decimal,
    text: str,
    reference: str,
    tracking: str,
    balance: str,
    **_others: str,
) -> Arrived:
    return Arrived(Moved(0, on, amount, text, reference, tracking, balance), format, currency)


MOVEMENTS = Layout(
    fields=(
        Field("on", "Fecha", read=_unless_wrong(date.fromisoformat)),
        Field("amount", "Importe con signo", required=False, read=_unless_wrong(Decimal)),
        Field("in", "Abono", required=False, read=str),
        Field("out", "Cargo", required=False, read=str),
        Field("text", "Concepto", required=False, read=str),
        Field("reference", "Referencia", required=False, read=str),
        Field("tracking", "Clave de rastreo", required=False, read=str),
        Field("balance", "Saldo", required=False, read=str),
        Field("format", "Formato", required=False, read=str),
        Field("currency", "Moneda", required=False, read=str),
        Field("row", "Renglón", required=False, read=_unless_wrong(str)),
    ),
    build=_build,
    max_rows=MAX_ROWS,
    noun=("movimiento", "movimientos"),
    source=OwnFormat("portal.treasury.rules.movements_layout.read_file", COLUMNS, maps=True, typed=True),
)
