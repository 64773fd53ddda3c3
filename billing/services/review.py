"""The reviewer's side: accept, return with reasons, reject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse

from billing import rules, selectors
from billing.models import CareOrder, Invoice, ReviewDecision
from billing.rules import OrderState, PaymentState, ReviewState
from portal import clock
from portal.errors import RuleBroken
from portal.fiscal import services as fiscal
from portal.history import services as history
from portal.notices import services as notices
from portal.people import selectors as people
from portal.treasury import services as treasury
from portal.treasury.rules import Line

if TYPE_CHECKING:
    from portal.people.models import User


def _lock(invoice: Invoice, by: User, target: ReviewState, *, on: date) -> Invoice:
    """The invoice, locked, if this reviewer may take it to `target` (nobody decides their own)."""
    locked = Invoice.objects.select_for_update(of=("self",)).select_related("party", "insurer").get(pk=invoice.pk)
    rules.check_transition(locked.review_state, target)
    if locked.submitted_by_id == by.pk or by.grants.in_force(on=on).filter(party=locked.party_id).exists():
        raise RuleBroken("No puedes revisar una factura tuya. La verá otra persona de revisión.", code="own_invoice")
    return locked


def _decide(
    invoice: Invoice, outcome: ReviewState, *, by: User, at: datetime, reasons: Sequence[str] = (), note: str = ""
) -> None:
    invoice.state, invoice.decided_at = outcome, at
    ReviewDecision.objects.create(
        invoice=invoice, reviewer=by, outcome=outcome, reasons=[str(reason) for reason in reasons], note=note, at=at
    )


def _tell(invoice: Invoice, kind: str, at: datetime) -> None:
    notices.notify(
        user_ids=people.users_of_party(invoice.party_id), kind=f"billing/{kind}",
        key=f"{kind}:{invoice.pk}:{at.isoformat()}", context={"folio": invoice.folio},
        url=reverse("billing:invoice", args=[invoice.folio]), at=at,
    )  # fmt: skip


@transaction.atomic
def accept_invoice(*, invoice: Invoice, by: User, at: datetime) -> Invoice:
    """Accept: the debt enters the ledger (Dr expense; Cr physician, ISR, local tax) and waits for a payment batch."""
    on = clock.date_in(at)
    invoice = _lock(invoice, by, ReviewState.ACCEPTED, on=on)
    _decide(invoice, ReviewState.ACCEPTED, by=by, at=at)
    rules.check_transition(PaymentState(invoice.payment_state), PaymentState.PAYABLE)
    invoice.payment_state = PaymentState.PAYABLE
    invoice.save()
    treasury.post_entry(kind="invoice_accepted", subject=invoice, at=at, on=on, by=by, lines=_entry(invoice))
    due = selectors.payment_due(on=on)
    treasury.open_payable(
        party=invoice.party, amount=invoice.total, currency=invoice.currency, kind="invoice", subject=invoice,
        reference=invoice.folio, due_on=due.on, due_rule=due.rule, by=by, at=at,
    )  # fmt: skip
    _tell(invoice, "invoice_accepted", at)
    history.record(
        action="billing.invoice_accepted", subject=invoice, party_id=invoice.party_id, by=by, at=at,
        details={"folio": invoice.folio, "total": str(invoice.total)},
    )  # fmt: skip
    return invoice


def _entry(invoice: Invoice) -> list[Line]:
    """Signed lines, debit positive (rules/ledger.py)."""
    figures = {what: getattr(invoice, what) for what in ("base", "total", "withheld_isr", "withheld_local")}
    return [
        Line(account, amount, invoice.currency, invoice.party_id if account in rules.OF_PARTY else None)
        for account, amount in rules.entry("invoice_accepted", figures)
    ]


@transaction.atomic
def return_invoice(*, invoice: Invoice, reasons: Sequence[str], note: str, by: User, at: datetime) -> Invoice:
    """Give it back to be mended, with every reason at once (N14); its fiscal folio is free for the same party."""
    chosen = rules.check_reasons(reasons, note)
    invoice = _lock(invoice, by, ReviewState.RETURNED, on=clock.date_in(at))
    _decide(invoice, ReviewState.RETURNED, by=by, at=at, reasons=chosen, note=note)
    fiscal.release_receipt(subject=invoice, by=by, at=at)
    invoice.save()
    _tell(invoice, "invoice_returned", at)
    history.record(
        action="billing.invoice_returned", subject=invoice, party_id=invoice.party_id, by=by, at=at,
        details={"folio": invoice.folio, "reasons": [str(reason) for reason in chosen]},
    )  # fmt: skip
    return invoice


@transaction.atomic
def reject_invoice(*, invoice: Invoice, reasons: Sequence[str], note: str, by: User, at: datetime) -> Invoice:
    """End it: its orders can be invoiced again and its fiscal folio is free."""
    chosen = rules.check_reasons(reasons, note)
    invoice = _lock(invoice, by, ReviewState.REJECTED, on=clock.date_in(at))
    _decide(invoice, ReviewState.REJECTED, by=by, at=at, reasons=chosen, note=note)
    fiscal.release_receipt(subject=invoice, by=by, at=at)
    invoice.save()
    invoice.lines.update(live=False)
    for order in CareOrder.objects.select_for_update().filter(lines__invoice=invoice).order_by("pk"):
        rules.check_transition(OrderState(order.state), OrderState.AVAILABLE)
        CareOrder.objects.filter(pk=order.pk).update(state=OrderState.AVAILABLE)
    _tell(invoice, "invoice_rejected", at)
    history.record(
        action="billing.invoice_rejected", subject=invoice, party_id=invoice.party_id, by=by, at=at,
        details={"folio": invoice.folio, "reasons": [str(reason) for reason in chosen]},
    )  # fmt: skip
    return invoice
