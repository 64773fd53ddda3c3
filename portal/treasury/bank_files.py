"""The two CSV files that pass between us and the bank, documented here and nowhere else (domain 2.7). Pure.

Out, one row a transfer, UTF-8 with BOM, comma, CRLF, header in Spanish:
    consecutivo, clave_rastreo, clabe_beneficiario, nombre, rfc, importe, referencia_numerica, concepto
    `importe` has two decimals and a point, no thousands sign. Names and concepts are upper-case ASCII letters, digits
    and blanks, so that no cell can start a formula. A spreadsheet rounds 18 digits: open the file as text.
In, one row an answered transfer, in any order, as `portal/imports` reads tables, header by name:
    clave_rastreo, resultado (pagada | rechazada | devuelta), fecha, referencia, importe, motivo (unless paid)
    `devuelta` of a transfer that was paid: its money came back. Of one that was never paid it is a rejection. One file
    may say both of one transfer.

Which errors refuse the whole file: those of a transfer that still waits, or is not of the batch. Such a file is not
what it seems, and nothing of it is believed. A row about a transfer that the bank has answered already cannot make the
others wrong: it alone is left out, with its reason, unless there is nothing else to apply.
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
from portal.errors import Conflict, Finding, Level, RuleBroken, Verdict, verdict_of
from portal.imports.rules.cells import FIRST_DAY
from portal.imports.rules.layouts import Field, Item, Layout, Read, RowError
from portal.money import format_money, parse_money
from portal.text import folded
from portal.treasury.rules import TransferState, answered, control_sums
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
MAX_ROWS = 5_000
MAX_SHOWN = 20
AGAIN = "Descarga otra vez la respuesta del banco."
OUTCOMES = {
    "pagada": TransferState.PAID,
    "pagado": TransferState.PAID,
    "liquidada": TransferState.PAID,
    "liquidado": TransferState.PAID,
    "paid": TransferState.PAID,
    "rechazada": TransferState.REJECTED,
    "rechazado": TransferState.REJECTED,
    "rejected": TransferState.REJECTED,
    "devuelta": TransferState.RETURNED,
    "devuelto": TransferState.RETURNED,
    "regresada": TransferState.RETURNED,
    "regresado": TransferState.RETURNED,
    "returned": TransferState.RETURNED,
}
REFUSED, LEFT_OUT = "row_refused", "row_left_out"
ANSWER = Layout(
    fields=(
        Field("clave_rastreo", "clave_rastreo", exact=True),
        Field("resultado", "resultado"),
        Field("fecha", "fecha"),
        Field("referencia", "referencia"),
        Field("importe", "importe"),
        Field("motivo", "motivo", required=False),
    ),
    build=dict,
    max_rows=MAX_ROWS,
)


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bank answer says: `items` to apply in this order, how many were `known` (applied already), the others.

    The value of an item is {tracking, said, outcome, on, reference, amount, reason}, all text. A row left out is a
    finding of its own. `errors` are those of rows that could be read.
    """

    items: tuple[Item, ...]
    known: int
    errors: tuple[RowError, ...]
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The values of the items."""
        return [item.value for item in self.items]

    @property
    def sums(self) -> dict[str, Any]:
        """Counts and totals of what there is to apply, as text."""
        return sums_of(self.rows)

    @property
    def refusal(self) -> RuleBroken | None:
        """Why nothing of the file is believed, if so."""
        if verdict_of(self.findings) != Verdict.REJECTED:
            return None
        return RuleBroken(
            "La respuesta del banco no se puede aplicar y no cambió nada. Abajo está cada renglón por corregir.",
            code="result_rejected",
            field="file",
            findings=self.findings,
        )


def judge(read: Read, context: Mapping[str, Any]) -> Answer:
    """Judge the rows of an answer. Context: transfers {tracking: {amount, state, paid_on}}, locked_on, on, currency.

    A row that could not be read counts like any other wrong one.
    """
    if not read.rows:
        return Answer((), 0, (), (Finding("unreadable", Level.ERROR, "El archivo no trae renglones.", AGAIN),))
    told, refused, items, known = _Told(context), list[RowError](), list[Item](), 0
    unread = {error.row: error for error in reversed(read.errors)}
    cells = {item.number: item.value for item in read.items} | {row: read.rest.get(row, {}) for row in unread}
    places = {one.number: one.sheet_row for one in read.items} | {row: one.sheet_row for row, one in unread.items()}
    # What came back is read after what was paid: a file lists its rows in any order.
    for number in sorted(cells, key=lambda row: (_said(cells[row]) == TransferState.RETURNED, row)):
        try:
            if number in unread:
                raise _Row(unread[number].message)
            row = _row(cells[number], told, places[number])
        except _Row as error:
            code = LEFT_OUT if told.is_answered(cells[number]) else REFUSED
            refused.append(RowError(number, "", code, str(error), places[number]))
            continue
        if row is None:
            known += 1
        else:
            items.append(Item(number, row, places[number]))
    findings = _shown(refused, len(items) + known, applies=bool(items))
    return Answer(tuple(items), known, tuple(one for one in refused if one.row not in unread), tuple(findings))


class _Told:
    """What is known of each transfer while a file is read: what the batch says, then what its earlier rows said."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.context = context
        self.transfers: Mapping[str, Mapping[str, Any]] = context["transfers"]
        self.states = {key: TransferState(row["state"]) for key, row in self.transfers.items()}
        self.paid_on = {key: str(row.get("paid_on") or "") for key, row in self.transfers.items()}
        self.seen: dict[str, int] = {}

    def is_answered(self, cells: Mapping[str, str]) -> bool:
        """Whether this row speaks of a transfer that the bank had answered, or tells the return of one of this file."""
        tracking = _tracking(cells)
        if tracking not in self.transfers:
            return False
        returned = _said(cells) == TransferState.RETURNED
        state = self.states[tracking] if returned else self.transfers[tracking]["state"]
        return state != TransferState.PENDING


def _shown(refused: list[RowError], judged: int, *, applies: bool) -> list[Finding]:
    """The first refusals and how many more there are; a good word for the rows that count."""
    whole = not applies or any(error.code == REFUSED for error in refused)
    good = Finding("rows_match", Level.OK, f"Los {judged:,} renglones corresponden a este lote.", "")
    if not refused:
        return [good]
    code, level = (REFUSED, Level.ERROR) if whole else (LEFT_OUT, Level.REVIEW)
    # In a file that is refused whole, first what refuses it.
    told = [
        Finding(code, level, f"Renglón {error.sheet_row}: {error.message}", "")
        for error in sorted(refused, key=lambda error: (error.code == LEFT_OUT, error.sheet_row))
    ]
    if len(told) > MAX_SHOWN:
        more = f"Hay {len(told) - MAX_SHOWN:,} renglones más con errores."
        told = [*told[:MAX_SHOWN], Finding("more_rows", level, more, "Corrige y vuelve a subir.")]
    return told if whole else [*told, good]


def sums_of(rows: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Counts and totals of rows to apply, as text; what came back only where something did."""
    sums = control_sums((row["outcome"], Decimal(row["amount"])) for row in rows)
    told = {
        "paid_count": sums.paid_count,
        "paid_total": str(sums.paid_total),
        "rejected_count": sums.rejected_count,
        "rejected_total": str(sums.rejected_total),
    }
    returned = {"returned_count": sums.returned_count, "returned_total": str(sums.returned_total)}
    return told | returned if sums.returned_count else told


def _tracking(cells: Mapping[str, str]) -> str:
    return cells.get("clave_rastreo", "").upper()


def _said(cells: Mapping[str, str]) -> TransferState | None:
    return OUTCOMES.get(cells.get("resultado", "").lower())


def _row(cells: Mapping[str, str], told: _Told, number: int) -> dict[str, str] | None:
    """One row ready to apply, None when it repeats what was already applied; _Row says why it cannot be."""
    tracking, context = _tracking(cells), told.context
    transfer = told.transfers.get(tracking)
    if transfer is None:
        raise _Row(f"la clave de rastreo «{tracking[:30]}» no es de este lote.")
    said = _said(cells)
    if said is None:
        raise _Row(
            f"el resultado dice «{cells.get('resultado', '')[:30]}» y debe decir pagada o rechazada; "
            "devuelta, si regresó después de pagarse."
        )
    if tracking in told.seen and said != TransferState.RETURNED:
        raise _Row(f"repite la clave de rastreo del renglón {told.seen[tracking]}.")
    told.seen[tracking] = number
    amount = _amount(cells.get("importe", ""), context["currency"])
    if amount != Decimal(transfer["amount"]):
        said_amount, due = (format_money(one, context["currency"]) for one in (amount, Decimal(transfer["amount"])))
        raise _Row(f"el importe dice {said_amount} y la transferencia es por {due}.")
    on = _date(cells.get("fecha", ""), context)
    outcome = _outcome(told.states[tracking], said)
    if outcome is None:
        return None
    if outcome == TransferState.RETURNED and (paid_on := told.paid_on[tracking]) and on.isoformat() < paid_on:
        paid = dates.short(date.fromisoformat(paid_on))
        raise _Row(f"dice que se devolvió el {dates.short(on)} y se pagó después, el {paid}.")
    told.states[tracking], told.paid_on[tracking] = outcome, on.isoformat()
    return {
        "tracking": tracking,
        "said": str(said),
        "outcome": str(outcome),
        "on": on.isoformat(),
        "reference": cells.get("referencia", "")[:40],
        "amount": str(amount),
        "reason": cells.get("motivo", "")[:200],
    }


def _outcome(state: TransferState, said: TransferState) -> TransferState | None:
    try:
        return answered(state=state, said=said)
    except Conflict as error:
        raise _Row(error.message[:1].lower() + error.message[1:]) from error


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
