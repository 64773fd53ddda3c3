"""Reading digital orders as an insurer writes them: one CSV or JSON shape, errors by row and field. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from billing.rules.intake import OrderRow, RowError
from portal.errors import RuleBroken
from portal.text import clean_text

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
MAX_ROWS = 5000
_TRUE, _FALSE = {"true", "1", "si", "sí", "s", "digital"}, {"false", "0", "no", "n", ""}
_MISSING = "Falta este dato. Agrégalo y manda otra vez la orden."


class _Wrong(Exception):
    """A value that cannot be read: (code, sentence)."""


def _money(value: Any) -> Decimal:
    text = str(value).strip()
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise _Wrong("bad_amount", f"«{text[:30]}» no es un importe. Escríbelo como 1500.00.") from error
    if isinstance(value, float) or not text.isascii() or "e" in text.lower() or "_" in text or text.startswith("+"):
        raise _Wrong("bad_amount", 'Manda los importes como texto con punto decimal, por ejemplo "1500.00".')
    if not amount.is_finite() or amount != round(amount, 2) or abs(amount) > Decimal("999999999.99"):
        raise _Wrong("bad_amount", "El importe lleva a lo más dos decimales y nueve enteros.")
    return round(amount, 2)


def _date(value: Any) -> date:
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(str(value).strip(), shape).date()  # noqa: DTZ007 - a local date, no instant
        except ValueError:
            continue
    raise _Wrong("bad_date", f"«{str(value)[:30]}» no es una fecha. Escríbela como 2026-11-22.")


def _flag(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise _Wrong("bad_flag", "Escribe true o false: dice si la firma es digital.")


def _words(limit: int) -> Any:
    def read(value: Any) -> str:
        try:
            return clean_text(str(value), max_length=limit) if str(value).strip() else ""
        except RuleBroken as error:
            raise _Wrong(error.code, error.message) from error

    return read


_READERS: dict[str, Any] = {
    "account": lambda value: str(value).strip().upper(),
    "physician_rfc": lambda value: str(value).strip().upper(),
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
    """The same from a CSV with headings in Spanish or in the API's names; comma or semicolon, UTF-8 or Latin-1."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    headings = [HEADINGS.get(name.strip().lower(), name.strip().lower()) for name in next(reader, [])]
    missing = [name for name in COLUMNS if name not in headings and name != "concept"]
    if missing:
        spanish = {english: spanish for spanish, english in HEADINGS.items()}
        raise RuleBroken(
            f"Al archivo le faltan las columnas {', '.join(spanish[name] for name in missing)}. "
            "Agrégalas en la primera línea y vuelve a subirlo.",
            code="missing_columns",
            field="file",
        )
    return read_rows(dict(zip(headings, line, strict=False)) for line in reader if any(cell.strip() for cell in line))
