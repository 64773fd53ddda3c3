"""The two CSV files that pass between us and the bank, documented here and nowhere else (domain 2.7). Pure.

Out, one row a transfer, UTF-8 with BOM, comma, CRLF, header in Spanish:
    consecutivo, clave_rastreo, clabe_beneficiario, nombre, rfc, importe, referencia_numerica, concepto
    `importe` has two decimals and a point, no thousands sign. Names and concepts are upper-case ASCII letters, digits
    and blanks, so that no cell can start a formula. A spreadsheet rounds 18 digits: open the file as text.
In, one row an answered transfer, in any order, as `portal/imports` reads tables, header by name:
    clave_rastreo, resultado (pagada | rechazada), fecha, referencia, importe, motivo (if rejected)
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.design import dates
from portal.errors import Finding, Level, RuleBroken
from portal.imports.rules.cells import FIRST_DAY
from portal.imports.rules.tables import Column, Table, read_table
from portal.money import format_money, parse_money
from portal.papers.judgement import Judgement
from portal.text import folded
from portal.treasury.rules import TransferState, control_sums
from portal.treasury.statement_dates import find_dates

ORDER_HEADER = (
    "consecutivo",
    "clave_rastreo",
    "clabe_beneficiario",
    "nombre",
    "rfc",
    "importe",
    "referencia_numerica",
    "concepto",
)
ANSWER = (
    Column("clave_rastreo", "clave_rastreo"),
    Column("resultado", "resultado"),
    Column("fecha", "fecha"),
    Column("referencia", "referencia"),
    Column("importe", "importe"),
    Column("motivo", "motivo", required=False),
)
MAX_ROWS = 5_000
MAX_SHOWN = 20
OUTCOMES = {
    "pagada": TransferState.PAID,
    "pagado": TransferState.PAID,
    "liquidada": TransferState.PAID,
    "liquidado": TransferState.PAID,
    "paid": TransferState.PAID,
    "rechazada": TransferState.REJECTED,
    "rechazado": TransferState.REJECTED,
    "devuelta": TransferState.REJECTED,
    "devuelto": TransferState.REJECTED,
    "rejected": TransferState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One transfer to be ordered; `amount` in the batch's currency."""

    number: int
    tracking: str
    clabe: str
    holder: str
    rfc: str
    amount: Decimal
    numeric_reference: str
    concept: str


def write_order(rows: Iterable[OrderRow]) -> bytes:
    """The bank file's bytes; the same rows give the same bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(ORDER_HEADER)
    for row in rows:
        writer.writerow(
            [
                row.number,
                row.tracking,
                row.clabe,
                plain(row.holder, 120),
                plain(row.rfc, 13),
                f"{row.amount:.2f}",
                row.numeric_reference,
                plain(row.concept, 40),
            ]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def plain(text: str, size: int) -> str:
    """Upper-case ASCII letters, digits, `&` and blanks: what SPEI takes, and no sign that starts a formula."""
    return re.sub(r"[^A-Z0-9&]+", " ", folded(text).upper()).strip()[:size]


# --- the bank's answer -------------------------------------------------------------------------------------------


class _Row(Exception):
    """A sentence about one row."""


def check(content: bytes, context: dict[str, Any]) -> Judgement:
    """Judge a bank answer. Context: transfers {tracking: {amount, state, paid_on, reference}}, locked_on, on,
    currency. Any row that cannot be applied as it stands rejects the whole file, with each row's reason.

    Facts: rows [{tracking, outcome, on, reference, amount, reason}] still to apply, known (already applied), sums.
    """
    try:
        table = _table(content)
    except _Row as error:
        return Judgement((Finding("unreadable", Level.ERROR, str(error), "Descarga otra vez la respuesta del banco."),))
    findings, rows, known, seen = [], [], 0, dict[str, int]()
    wrong = {fault.sheet_row: fault.message for fault in reversed(table.faults)}
    for read in table.rows:
        number = read.sheet_row
        try:
            if number in wrong:
                raise _Row(wrong[number])
            row = _row(read.cells, context, seen, number)
        except _Row as error:
            findings.append(Finding("row_refused", Level.ERROR, f"Renglón {number}: {error}", ""))
            continue
        if row is None:
            known += 1
        else:
            rows.append(row)
    facts = {"rows": rows, "known": known, "sums": _sums(rows)}
    return Judgement(tuple(_shown(findings, len(rows) + known)), facts)


def _shown(findings: list[Finding], judged: int) -> list[Finding]:
    """The first refusals and how many more there are; one good word when there is none."""
    if not findings:
        return [Finding("rows_match", Level.OK, f"Los {judged} renglones corresponden a este lote.", "")]
    if len(findings) <= MAX_SHOWN:
        return findings
    more = f"Hay {len(findings) - MAX_SHOWN} renglones más con errores."
    return [*findings[:MAX_SHOWN], Finding("more_rows", Level.ERROR, more, "Corrige y vuelve a subir.")]


def _sums(rows: list[dict[str, str]]) -> dict[str, Any]:
    sums = control_sums((row["outcome"], Decimal(row["amount"])) for row in rows)
    return {
        "paid_count": sums.paid_count,
        "paid_total": str(sums.paid_total),
        "rejected_count": sums.rejected_count,
        "rejected_total": str(sums.rejected_total),
    }


def _table(content: bytes) -> Table:
    try:
        table = read_table(content, ANSWER, max_rows=MAX_ROWS)
    except RuleBroken as error:
        raise _Row(error.message) from error
    if not table.rows:
        raise _Row("El archivo no trae renglones.")
    return table


def _row(
    cells: Mapping[str, str], context: Mapping[str, Any], seen: dict[str, int], number: int
) -> dict[str, str] | None:
    """One row ready to apply, None when it repeats what was already applied; _Row says why it cannot be."""
    tracking = cells.get("clave_rastreo", "").upper()
    transfer = context["transfers"].get(tracking)
    if transfer is None:
        raise _Row(f"la clave de rastreo «{tracking[:30]}» no es de este lote.")
    if tracking in seen:
        raise _Row(f"repite la clave de rastreo del renglón {seen[tracking]}.")
    seen[tracking] = number
    outcome = OUTCOMES.get(cells.get("resultado", "").lower())
    if outcome is None:
        raise _Row(f"el resultado dice «{cells.get('resultado', '')[:30]}» y debe decir pagada o rechazada.")
    amount = _amount(cells.get("importe", ""), context["currency"])
    if amount != Decimal(transfer["amount"]):
        said, due = (format_money(value, context["currency"]) for value in (amount, Decimal(transfer["amount"])))
        raise _Row(f"el importe dice {said} y la transferencia es por {due}.")
    row = {
        "tracking": tracking,
        "outcome": str(outcome),
        "on": _date(cells.get("fecha", ""), context).isoformat(),
        "reference": cells.get("referencia", "")[:40],
        "amount": str(amount),
        "reason": cells.get("motivo", "")[:200],
    }
    if transfer["state"] == TransferState.PENDING:
        return row
    if transfer["state"] != outcome:
        raise _Row("esa transferencia ya tiene otra respuesta del banco. Revísala con el banco antes de subirla.")
    return None


def _amount(text: str, currency: str) -> Decimal:
    try:
        return parse_money(text, currency)
    except RuleBroken as error:
        raise _Row(f"el importe «{text[:30]}» no se entiende.") from error


def _date(text: str, context: Mapping[str, Any]) -> date:
    if re.search(r"[0-9]", text) and not re.search(r"[0-9]{4}", text):
        raise _Row(f"la fecha «{text[:30]}» trae el año con dos cifras. Escríbela como 2026-11-22.")
    found = find_dates(text)
    if len(found) != 1 or found[0].end - found[0].start != len(text):
        raise _Row(f"la fecha «{text[:30]}» no se entiende. Escríbela como 2026-11-22.")
    on = found[0].on
    if on > date.fromisoformat(context["on"]):
        raise _Row(f"la fecha {dates.short(on)} todavía no llega.")
    if on < FIRST_DAY:
        raise _Row(f"la fecha {dates.short(on)} es anterior al año 2000.")
    if on < (locked_on := date.fromisoformat(context["locked_on"])):
        raise _Row(f"la fecha {dates.short(on)} es anterior al cierre del lote ({dates.short(locked_on)}).")
    return on
