"""Reading digital orders as an insurer writes them: one CSV or JSON shape, errors by row and field. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from billing.rules.intake import OrderRow, RowError
from portal.errors import RuleBroken
from portal.imports.rules.cells import Unreadable, check_letters, quoted, read_day, read_flag
from portal.imports.rules.tables import Column, read_table, without_column
from portal.text import clean_text

# The API's name of each datum, and the Spanish heading that people write for it.
TABLE = (
    Column("account", "cuenta"),
    Column("physician_rfc", "rfc_medico"),
    Column("patient", "paciente"),
    Column("service_on", "fecha_atencion"),
    Column("concept", "concepto", required=False),
    Column("fee", "honorario", ("honorarios",)),
    Column("coaseguro", "coaseguro"),
    Column("payable", "importe_a_pagar"),
    Column("authorised_by", "autorizada_por"),
    Column("signed_by_insured", "firma_asegurado"),
    Column("signed_by_physician", "firma_medico"),
    # No other heading: «codigo» is a procedure's in a real file, and what stands here proves an RFC.
    Column("physician_code", "codigo_medico", required=False),
)
OPTIONAL = {column.name for column in TABLE if not column.required}
COLUMNS = tuple(column.name for column in TABLE)
HEADINGS = {column.heading: column.name for column in TABLE}
FIELD_WORDS = {column.name: column.heading for column in TABLE}
MAX_ROWS = 5000
AMOUNT = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,2})?")
_MISSING = "Falta este dato. Agrégalo y manda otra vez la orden."


def _money(value: Any) -> Decimal:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Unreadable("bad_amount", 'Manda los importes como texto con punto decimal, por ejemplo "1500.00".')
    text = str(value).strip()
    if not AMOUNT.fullmatch(text):
        raise Unreadable(
            "bad_amount", f"«{quoted(text)}» no es un importe. Escríbelo como 1500.00, sin comas ni signos."
        )
    return Decimal(text).quantize(Decimal("0.01"))


def refuse_unknown(raw: Mapping[str, Any], known: Collection[str], where: str = "") -> None:
    """A field that nobody reads is a mistake of whoever sends it. Raises RuleBroken that names each."""
    if unknown := [f"«{where}{quoted(name)}»" for name in raw if name not in known]:
        raise RuleBroken(
            f"No conocemos {', '.join(unknown[:5])}. Quítalo o corrige su nombre: {', '.join(sorted(known))}.",
            code="unknown_field",
        )


def read_control(raw: Mapping[str, Any]) -> tuple[int, Decimal]:
    """The control totals of a delivery: how many orders, and their sum (MXN). Amounts as text, never as float."""
    refuse_unknown(raw, {"rows", "payable"}, "control.")
    rows = raw.get("rows")
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
        raise RuleBroken(
            "«control.rows» es cuántas órdenes mandas, un número entero. Corrígelo y manda la entrega otra vez.",
            code="bad_control",
        )
    try:
        return rows, _money(raw.get("payable"))
    except Unreadable as error:
        raise RuleBroken(f"«control.payable»: {error.message}", code="bad_control") from error


def _text(value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Unreadable("bad_text", "Manda este dato como texto.")
    return str(value).strip()


def _code(value: Any) -> str:
    return _text(value).upper()


def _flag(value: Any) -> bool:  # the paper says "digitalmente firmado" (S0.12)
    try:
        return read_flag(value)
    except Unreadable as error:
        raise Unreadable(error.code, "Escribe sí o no: dice si la firma es digital.") from error


def _words(limit: int) -> Any:
    def read(value: Any) -> str:
        try:
            text = _text(value)
            return clean_text(text, max_length=limit) if text else ""
        except RuleBroken as error:
            raise Unreadable(error.code, error.message) from error

    return read


_READERS: dict[str, Any] = {
    "account": _code,
    "physician_rfc": _code,
    "patient": _words(200),
    "service_on": read_day,
    "concept": _words(150),
    "fee": _money,
    "coaseguro": _money,
    "payable": _money,
    "authorised_by": _words(200),
    "signed_by_insured": _flag,
    "signed_by_physician": _flag,
    "physician_code": _text,
}


def read_rows(raw: Iterable[Mapping[str, Any]]) -> tuple[list[OrderRow], list[int], list[RowError]]:
    """Readable rows, their numbers (from 1) and every error of the others."""
    rows, numbers, errors = [], [], []
    for number, values in enumerate(raw, start=1):
        if number > MAX_ROWS:
            raise RuleBroken(
                f"Manda a lo más {MAX_ROWS:,} órdenes por entrega. Divide el archivo.", code="too_many_rows"
            )
        row, wrong = _read_row(number, values)
        if row is not None:
            rows.append(row)
            numbers.append(number)
        errors += wrong
    return rows, numbers, errors


def _read_row(number: int, values: Mapping[str, Any]) -> tuple[OrderRow | None, list[RowError]]:
    if not isinstance(values, Mapping):
        return None, [RowError(number, "", "not_an_object", "Cada orden es un objeto con sus campos.")]
    read: dict[str, Any] = {}
    wrong = []
    for name in values:
        if name not in COLUMNS:
            shown = quoted(name)
            wrong.append(RowError(number, shown, "unknown_field", f"«{shown}» no es un campo. Corrige su nombre."))
    for name in COLUMNS:
        value = values.get(name)
        if value is None and name in OPTIONAL:
            value = ""
        if value is None:
            wrong.append(RowError(number, name, "missing", _MISSING))
            continue
        try:
            check_letters(value if isinstance(value, str) else "")
            read[name] = _READERS[name](value)
        except Unreadable as error:
            wrong.append(RowError(number, name, error.code, error.message))
    return (None if wrong else OrderRow(**read)), wrong


def read_csv(content: bytes) -> tuple[list[OrderRow], list[int], list[RowError]]:
    """The same from a table with headings in Spanish or in the API's names, as `portal/imports` reads it.

    Raises RuleBroken for a file that is no table or lacks a column. Rows count from 1, headings and blank lines apart.
    """
    table = read_table(content, TABLE, max_rows=MAX_ROWS)
    rows, numbers, errors = read_rows(row.cells for row in table.rows)
    faulty = {(fault.number, fault.column) for fault in table.faults}
    errors = [error for error in errors if error.row not in table.unusable and (error.row, error.field) not in faulty]
    errors += [RowError(fault.number, fault.column, fault.code, fault.message) for fault in table.faults]
    wrong = {error.row for error in errors}
    kept = [(row, number) for row, number in zip(rows, numbers, strict=True) if number not in wrong]
    return [row for row, _ in kept], [number for _, number in kept], sorted(errors, key=_place)


def without_codes(content: bytes) -> bytes | None:
    """The table without the physicians' codes, which are kept hashed and nowhere else; None when it brings none."""
    return without_column(content, TABLE, "physician_code", max_rows=MAX_ROWS)


def _place(error: RowError) -> tuple[int, int]:
    return error.row, COLUMNS.index(error.field) if error.field in COLUMNS else -1
