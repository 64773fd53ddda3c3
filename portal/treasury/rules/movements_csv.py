"""Movements in a delimited text, as banks export it (domain 2.12). Pure.

UTF-8 with or without mark, Windows-1252; comma, semicolon, tab or bar. The heading is the first of the first 20 lines
with two known names; other headings need a mapping. Of several columns for the day the value date counts, else the
first; several texts are one text, of several references or keys the first that is filled counts. A blank cell beyond
the heading is no cell too many.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import islice

from portal.imports.rules.formats import ForeignHeadings
from portal.imports.rules.tables import LINES_ABOVE, SEPARATORS, heading_key
from portal.money import ZERO
from portal.text import decode_text
from portal.treasury.rules.movements import (
    Moved,
    MovementFormat,
    MovementsRead,
    WrongCell,
    WrongRow,
    check_any,
    is_filler,
    read_amount,
    read_day,
    refused,
)

HEADINGS: dict[str, tuple[str, ...]] = {
    "on": ("fecha", "fecha de operación", "fecha operación", "fecha valor", "fecha de pago", "día"),
    "text": ("concepto", "descripción", "detalle", "leyenda"),
    "reference": ("referencia", "referencia numérica", "referencia bancaria"),
    "tracking": ("clave de rastreo", "número de autorización", "autorización", "folio de rastreo"),
    "out": ("cargo", "cargos", "retiro", "retiros", "débito"),
    "in": ("abono", "abonos", "depósito", "depósitos", "crédito"),
    "signed": ("importe", "monto"),
    "balance": ("saldo",),
}
_NAMES = {heading_key(heading): name for name, headings in HEADINGS.items() for heading in headings}
_VALUE_DATE = heading_key("fecha valor")
_SIDES = ("out", "in", "signed")
_MONEY = (*_SIDES, "balance")
# What a person is asked to point at in a table with foreign headings: our word → its name here.
ASKED = {"on": "on", "amount": "signed"} | {name: name for name in ("in", "out", "text", "reference", "tracking")}
UNKNOWN = "Ninguna de las primeras líneas trae títulos conocidos, como Fecha y Abono. Di qué es cada columna."
_AT_LEAST = 2
MAX_ROWS = 125_000


def read_csv(content: bytes, *, mapping: Mapping[str, str] | None = None) -> MovementsRead:
    """The movements of a delimited text; `mapping`: a sender's own heading → one of `HEADINGS`.

    Raises RuleBroken for the file as a whole: `headings_unknown`, `headings_twice`, `not_a_table`, `too_many_rows`,
    `no_movements`.
    """
    text = decode_text(content)[0]
    if "\x00" in text:
        raise refused("not_a_table", "El archivo no es un CSV de texto. Guárdalo otra vez como CSV y vuelve a subirlo.")
    names = _names(mapping)
    lines = _lines(text, max(SEPARATORS, key=lambda separator: _most_known(text, separator, names)))
    place = next((at for at, line in enumerate(lines[:LINES_ABOVE]) if _known(line, names) >= _AT_LEAST), None)
    if place is None:
        if not text.strip():
            return check_any(MovementsRead(MovementFormat.CSV, ()))
        ask_headings(content, mapping)
        raise refused("headings_unknown", UNKNOWN)
    rows = [line for line in lines[place + 1 :] if any(map(str.strip, line))]
    if len(rows) > MAX_ROWS:
        raise refused("too_many_rows", f"El archivo trae más de {MAX_ROWS:,} renglones. Divídelo y súbelo por partes.")
    return check_any(_read_rows(rows, _columns(lines[place], names), len(lines[place])))


def _names(mapping: Mapping[str, str] | None) -> dict[str, str]:
    return _NAMES | {heading_key(heading): name for heading, name in (mapping or {}).items()}


def ask_headings(content: bytes, mapping: Mapping[str, str] | None = None) -> None:
    """Ask which column is which, where a table's heading has words that nobody knows. Raises ForeignHeadings.

    The heading is the line of the first 20 that has most cells, by the separator that gives most.
    """
    names, line = _names(mapping), list[str]()
    text = decode_text(content)[0]
    for separator in SEPARATORS:
        try:
            lines = islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), LINES_ABOVE)
            line = max([line, *lines], key=lambda cells: sum(bool(heading_key(cell)) for cell in cells))
        except csv.Error:
            continue
    known = {names[key] for cell in line if (key := heading_key(cell)) in names}
    foreign = [cell.strip() for cell in line if (key := heading_key(cell)) and key not in names]
    if len(known) + len(foreign) >= _AT_LEAST and foreign:
        lacking = [column for column, name in ASKED.items() if name not in known]
        raise ForeignHeadings(UNKNOWN, code="headings_unknown", foreign=foreign, lacking=lacking)


def _most_known(text: str, separator: str, names: Mapping[str, str]) -> int:
    try:
        lines = islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), LINES_ABOVE)
        return max((_known(line, names) for line in lines), default=0)
    except csv.Error:
        return 0


def _known(line: Sequence[str], names: Mapping[str, str]) -> int:
    """How many different columns a line names."""
    return len({names[key] for cell in line if (key := heading_key(cell)) in names})


def _lines(text: str, separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise refused(
            "not_a_table", "El archivo tiene comillas o renglones rotos. Descárgalo otra vez del banco y súbelo."
        ) from error


def _columns(heading: Sequence[str], names: Mapping[str, str]) -> dict[str, list[int]]:
    """Column → its places in a row: one for the day and for each kind of money, else as many as the heading has."""
    keys = [heading_key(cell) for cell in heading]
    found: dict[str, list[int]] = {name: [] for name in HEADINGS}
    for place, key in enumerate(keys):
        if name := names.get(key):
            found[name].append(place)
    days = [keys[place] for place in found["on"]]
    day = _VALUE_DATE if _VALUE_DATE in days else "".join(days[:1])
    found["on"] = [place for place in found["on"] if keys[place] == day]
    for name in ("on", *_MONEY):
        if len(found[name]) > 1:
            told = heading[found[name][-1]].strip()
            raise refused("headings_twice", f"El encabezado trae dos columnas para lo mismo: «{told}». Deja una sola.")
    return found


def _read_rows(rows: Sequence[Sequence[str]], columns: Mapping[str, Sequence[int]], width: int) -> MovementsRead:
    moved, wrong, skipped = [], [], 0
    for number, cells in enumerate(rows, start=1):
        try:
            one = _read_row(number, cells, columns, width)
        except WrongCell as fault:
            wrong.append(WrongRow(number, fault.field, fault.code, fault.message))
            continue
        if one.amount:
            moved.append(one)
        else:
            skipped += 1
    return MovementsRead(MovementFormat.CSV, tuple(moved), tuple(wrong), skipped)


def _read_row(number: int, cells: Sequence[str], columns: Mapping[str, Sequence[int]], width: int) -> Moved:
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        raise WrongCell(
            "row",
            "cells",
            f"El renglón tiene {len(cells)} celdas y el encabezado {width}. Revisa si un importe lleva coma.",
        )
    told = {name: [" ".join(cells[place].split()) for place in places] for name, places in columns.items()}
    return Moved(
        row=number,
        on=read_day("".join(told["on"])),
        amount=_amount({name: "".join(told[name]) for name in _SIDES}),
        text=" ".join(filter(None, told["text"])),
        reference=_first(told["reference"]),
        tracking=_first(told["tracking"]),
        balance="".join(told["balance"]),
    )


def _first(cells: Iterable[str]) -> str:
    return next((cell for cell in cells if not is_filler(cell)), "")


def _amount(told: Mapping[str, str]) -> Decimal:
    """The one side that is filled, negative where money went out; a side of zero is empty when another is filled."""
    filled = {side: read_amount(told[side]) for side in _SIDES if told[side]}
    if not filled:
        raise WrongCell("amount", "amount_missing", "El renglón no trae importe. Escríbelo en su columna.")
    if filled.get("in", ZERO) < 0:
        raise WrongCell("amount", "amount_unreadable", "Un abono no lleva signo menos. Revisa si es un cargo.")
    sides = {side: amount for side, amount in filled.items() if amount}
    if len(sides) > 1:
        raise WrongCell("amount", "amount_both_sides", "El renglón trae cargo y abono a la vez. Deja uno de los dos.")
    for side, amount in sides.items():
        return -abs(amount) if side == "out" else amount
    return ZERO
