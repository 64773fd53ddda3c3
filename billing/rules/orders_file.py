"""Reading digital orders as an insurer writes them: one CSV or JSON shape, errors by row and field. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing.rules.intake import OrderRow, RowError
from portal.errors import RuleBroken
from portal.text import clean_text, decode_text, is_refused

COLUMNS = (
    "account", "physician_rfc", "patient", "service_on", "concept", "fee", "coaseguro", "payable",
    "authorised_by", "signed_by_insured", "signed_by_physician",
)  # fmt: skip
# Spanish headings that people write for the same columns.
HEADINGS = {
    "cuenta": "account", "rfc_medico": "physician_rfc", "paciente": "patient", "fecha_atencion": "service_on",
    "concepto": "concept", "honorario": "fee", "coaseguro": "coaseguro", "importe_a_pagar": "payable",
    "autorizada_por": "authorised_by", "firma_asegurado": "signed_by_insured", "firma_medico": "signed_by_physician",
}  # fmt: skip
FIELD_WORDS = {english: spanish for spanish, english in HEADINGS.items()}
MAX_ROWS = 5000
AMOUNT = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,2})?")
_TRUE, _FALSE = {"true", "1", "si", "sí", "s", "digital"}, {"false", "0", "no", "n", ""}
_MISSING = "Falta este dato. Agrégalo y manda otra vez la orden."
_CELLS = "El renglón trae más celdas que columnas; quizá un importe lleva coma. Escribe 1500.00, sin coma."


class _Wrong(Exception):
    """A value that cannot be read: (code, sentence)."""


def _quoted(value: Any) -> str:
    """What was sent, short and without what no column can hold: a NUL or half a letter must not reach the record."""
    return "".join("\ufffd" if is_refused(letter) else letter for letter in str(value)[:30])


def _money(value: Any) -> Decimal:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise _Wrong("bad_amount", 'Manda los importes como texto con punto decimal, por ejemplo "1500.00".')
    text = str(value).strip()
    if not AMOUNT.fullmatch(text):
        raise _Wrong("bad_amount", f"«{_quoted(text)}» no es un importe. Escríbelo como 1500.00, sin comas ni signos.")
    return Decimal(text).quantize(Decimal("0.01"))


def read_control(raw: Mapping[str, Any]) -> tuple[int, Decimal]:
    """The control totals of a delivery: how many orders, and their sum (MXN). Amounts as text, never as float."""
    rows = raw.get("rows")
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
        raise RuleBroken(
            "«control.rows» es cuántas órdenes mandas, un número entero. Corrígelo y manda la entrega otra vez.",
            code="bad_control",
        )
    try:
        return rows, _money(raw.get("payable"))
    except _Wrong as error:
        raise RuleBroken(f"«control.payable»: {error.args[1]}", code="bad_control") from error


def _text(value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise _Wrong("bad_text", "Manda este dato como texto.")
    return str(value).strip()


def _code(value: Any) -> str:
    return _text(value).upper()


def _date(value: Any) -> date:
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(str(value).strip(), shape).date()  # noqa: DTZ007 - a local date, no instant
        except ValueError:
            continue
    raise _Wrong("bad_date", f"«{_quoted(value)}» no es una fecha. Escríbela como 2026-11-22.")


def _flag(value: Any) -> bool:  # the paper says "digitalmente firmado" (S0.12)
    text = str(value).strip().lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise _Wrong("bad_flag", "Escribe true o false: dice si la firma es digital.")


def _words(limit: int) -> Any:
    def read(value: Any) -> str:
        try:
            text = _text(value)
            return clean_text(text, max_length=limit) if text else ""
        except RuleBroken as error:
            raise _Wrong(error.code, error.message) from error

    return read


_READERS: dict[str, Any] = {
    "account": _code,
    "physician_rfc": _code,
    "patient": _words(200),
    "service_on": _date,
    "concept": _words(150),
    "fee": _money,
    "coaseguro": _money,
    "payable": _money,
    "authorised_by": _words(200),
    "signed_by_insured": _flag,
    "signed_by_physician": _flag,
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
    for name in COLUMNS:
        value = values.get(name, "" if name == "concept" else None)
        if value is None:
            wrong.append(RowError(number, name, "missing", _MISSING))
            continue
        try:
            read[name] = _READERS[name](value)
        except _Wrong as error:
            wrong.append(RowError(number, name, *error.args))
    return (None if wrong else OrderRow(**read)), wrong


def read_csv(content: bytes) -> tuple[list[OrderRow], list[int], list[RowError]]:
    """The same from a CSV with headings in Spanish or in the API's names; comma or semicolon, UTF-8 or Windows.

    Raises RuleBroken for a file that is no table or lacks a column. Rows count from 1, headings and blank lines apart.
    """
    lines = _lines(decode_text(content)[0])
    headings = [HEADINGS.get(name.strip().lower(), name.strip().lower()) for name in (lines[0] if lines else [])]
    missing = [name for name in COLUMNS if name not in headings and name != "concept"]
    if missing:
        raise RuleBroken(
            f"Al archivo le faltan las columnas {', '.join(FIELD_WORDS[name] for name in missing)}. "
            "Agrégalas en la primera línea y vuelve a subirlo.",
            code="missing_columns",
            field="file",
        )
    broken = {number for number, line in enumerate(lines[1:], start=1) if len(line) > len(headings)}
    rows, numbers, errors = read_rows(dict(zip(headings, line, strict=False)) for line in lines[1:])
    errors = [error for error in errors if error.row not in broken]
    errors += [RowError(number, "", "too_many_cells", _CELLS) for number in sorted(broken)]
    kept = [(row, number) for row, number in zip(rows, numbers, strict=True) if number not in broken]
    return [row for row, _ in kept], [number for _, number in kept], sorted(errors, key=lambda error: error.row)


def _lines(text: str) -> list[list[str]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        return [line for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise RuleBroken(
            "El archivo no se lee como tabla. Guárdalo otra vez como CSV y vuelve a subirlo.",
            code="not_a_table",
            field="file",
        ) from error
