"""«Mi estado de cuenta» (S0.15, C4): what is to be invoiced, where the rest stands, and the books month by month."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.urls import reverse

from billing import rules, selectors
from billing.models import CareOrder, Invoice
from billing.selectors import assistant, pages
from billing.selectors.parts import Context, money
from portal.design.dates import MONTHS
from portal.people.models import Party
from portal.treasury import selectors as treasury

OLDEST = date(2000, 1, 1)  # before it nobody was paid here, and the calendar ends somewhere


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a physician's account: what it owes them or paid them, and what is owed after it (MXN)."""

    on: date
    text: str
    href: str
    owed: Decimal | None
    paid: Decimal | None
    balance: Decimal


def month_of(asked: str, *, today: date) -> date:
    """The first day of the month asked for as `2026-11`; this month when it is none, too long ago or not begun."""
    try:
        first = date.fromisoformat(f"{asked}-01")
    except ValueError:
        return today.replace(day=1)
    return first if OLDEST <= first <= today else today.replace(day=1)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a physician's account (MXN): what was owed to them before and after it, and its lines."""

    first: date
    last: date
    opening: Decimal
    closing: Decimal
    movements: list[Movement]


def month(party_ids: Sequence[UUID], *, on: date, asked: str = "") -> Month:
    """The books of the month asked for as `2026-11`, up to `on`, which is today."""
    first = month_of(asked, today=on)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    book = treasury.movements(
        code=rules.OWED, currency=rules.CURRENCY, party_ids=party_ids, first=first, until=min(last, on)
    )
    return Month(first, last, -book.opening, -book.closing, _movements(book))


def statement(party_ids: Sequence[UUID], *, on: date, asked: str = "") -> Context:
    """The whole page: steps of the money, the amount to invoice with its withholding, and one month of the books."""
    book = month(party_ids, on=on, asked=asked)
    first, after = book.first, book.last + timedelta(days=1)
    balance = selectors.balance_of(party_ids)
    return {
        "balance": balance,
        "kpis": pages.kpis(balance, whole=True),
        "to_invoice": _to_invoice(party_ids, on=on),
        "month": f"{MONTHS[first.month - 1]} de {first.year}",
        "opening": money(book.opening),
        "closing": money(book.closing),
        "movements": book.movements,
        "earlier": f"?mes={first - timedelta(days=1):%Y-%m}",
        "later": f"?mes={after:%Y-%m}" if after <= on else "",
        "crumbs": [],
    }


def _to_invoice(party_ids: Sequence[UUID], *, on: date) -> Context | None:
    parties = Party.objects.filter(pk__in=party_ids)[:2]
    party = parties[0] if len(parties) == 1 else None  # an assistant of two: each has a withholding of their own
    orders = CareOrder.objects.of_parties(list(party_ids)).to_invoice()
    payables = list(orders.order_by("pk").values_list("payable", flat=True))
    now = assistant.to_invoice(party, payables, on=on) if party else None
    return (
        assistant.sum_lines(now)
        | {"label": "Total a facturar", "conflict_note": now.conflict_note, "count": len(payables)}
        if now
        else None
    )


def _movements(book: treasury.Movements) -> list[Movement]:
    """Credits are what is owed to the physician, debits what was paid: the sign of the books turned round."""
    names, balance, rows = _names(book), -book.opening, []
    for line in book.lines:
        entry, amount = line.transaction, -line.amount
        balance += amount
        text, href = names.get((entry.kind, entry.subject_id), ("Corrección", ""))
        owed, paid = (amount, None) if amount > 0 else (None, -amount)
        rows.append(Movement(entry.on, text, href, owed, paid, balance))
    return rows


def _names(book: treasury.Movements) -> dict[tuple[str, str], tuple[str, str]]:
    """What each entry of the page is called, and where it is proved: two queries however many lines."""
    entries = [line.transaction for line in book.lines]
    # A reversal names the entry that it undoes: of a payment, it is a deposit that the bank returned, of an invoice,
    # one that was cancelled at the SAT.
    undone = {entry.subject_id: entry.reverses.subject_id for entry in entries if entry.reverses is not None}
    named = [*(entry.subject_id for entry in entries), *undone.values()]
    billed = {str(pk): folio for pk, folio in Invoice.objects.filter(pk__in=named).values_list("pk", "folio")}
    invoices = {pk: reverse("billing:invoice", args=[folio]) for pk, folio in billed.items()}
    names = {(rules.ACCEPTED, pk): (f"{folio}, aceptada", invoices[pk]) for pk, folio in billed.items()}
    for pk, invoice in undone.items():
        if invoice in billed:
            names["reversal", pk] = (f"{billed[invoice]}, cancelada en el SAT", invoices[invoice])
    folios = treasury.batch_folios({*(entry.subject_id for entry in entries), *undone.values()})
    for pk, folio in folios.items():
        names["payment", pk] = (f"Depósito {folio}", reverse("billing:payment", args=[pk]))
    for pk, transfer in undone.items():
        if transfer in folios:
            told = f"Depósito {folios[transfer]}, devuelto por el banco"
            names["reversal", pk] = (told, reverse("billing:payment", args=[transfer]))
    return names
