"""The reviewer's side: accept, return with reasons, reject; each is decided first and takes effect afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from billing import rules, selectors
from billing.models import Invoice, InvoiceDecision, ReviewDecision
from billing.rules import OrderState, PaymentState, ReviewState
from billing.selectors import clean, comparing
from billing.services.orders import move_orders
from portal import clock, queue
from portal.errors import RuleBroken
from portal.fiscal import services as fiscal
from portal.history import services as history
from portal.listing.search import folio_address
from portal.notices import services as notices
from portal.people import selectors as people
from portal.treasury import services as treasury
from portal.treasury.rules import Line
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User


NO_TIME = timedelta()


def _lock_invoice(invoice: Invoice) -> Invoice:
    return Invoice.objects.select_for_update(of=("self",)).select_related("party", "insurer").get(pk=invoice.pk)


def _check_decision(invoice: Invoice, target: ReviewState, *, by: User, on: date) -> None:
    """Whether this reviewer may take it to `target` (nobody decides their own)."""
    rules.REVIEW.check(invoice.state, target)
    if invoice.submitted_by_id == by.pk or people.acts_for(by, invoice.party_id, on=on):
        raise RuleBroken("No puedes revisar una factura tuya. La verá otra persona de revisión.", code="own_invoice")


def _decide_invoice(
    invoice: Invoice,
    outcome: ReviewState,
    *,
    by: User,
    at: datetime,
    undo_for: timedelta,
    reasons: Sequence[str] = (),
    note: str = "",
) -> Invoice:
    """Store the decision; what it does is done now, or by the drain when it cannot be undone any more."""
    invoice = _lock_invoice(invoice)
    queue.refuse_decided(InvoiceDecision.open_about(invoice), rules.DECISION_WAITS)
    _check_decision(invoice, outcome, by=by, on=clock.date_in(at))
    work.settle(thing=invoice, by=by)
    decision = InvoiceDecision(
        invoice=invoice, outcome=outcome, reasons=[str(reason) for reason in reasons], note=note, by=by, at=at
    )
    if not queue.decide(decision, lambda: _EFFECTS[outcome](decision), undo_for=undo_for):
        history.record(
            action="billing.invoice_decided",
            subject=invoice,
            party_id=invoice.party_id,
            by=by,
            at=at,
            details={"folio": invoice.folio, "outcome": str(outcome), "seconds": int(undo_for.total_seconds())},
        )
    return invoice


def apply_invoice_decision(*, decision: InvoiceDecision, at: datetime) -> None:
    """Let a decision take effect, dated when it was made; called by the drain once nobody can undo it."""
    outcome = ReviewState(decision.outcome)

    def effect() -> None:
        decision.invoice = _lock_invoice(decision.invoice)
        _check_decision(decision.invoice, outcome, by=decision.by, on=clock.date_in(decision.at))
        _EFFECTS[outcome](decision)

    def refused(why: str) -> None:
        history.record(
            action="billing.invoice_decision_refused",
            subject=decision.invoice,
            party_id=decision.invoice.party_id,
            by=None,
            at=at,
            reason=why,
            details={"folio": decision.invoice.folio, "outcome": str(outcome)},
        )

    queue.take_effect(decision, effect, refused=refused)


@transaction.atomic
def undo_invoice_decision(*, decision: InvoiceDecision, by: User, at: datetime) -> None:
    """Take one's own decision back in time: nothing of it happened, the invoice waits for a reviewer again."""
    queue.undo(decision, by=by, at=at)
    history.record(
        action="billing.invoice_decision_undone",
        subject=decision.invoice,
        party_id=decision.invoice.party_id,
        by=by,
        at=at,
        details={"folio": decision.invoice.folio, "outcome": decision.outcome},
    )


def _settle_decision(decision: InvoiceDecision) -> None:
    invoice, outcome = decision.invoice, ReviewState(decision.outcome)
    rules.REVIEW.check(invoice.state, outcome)
    invoice.state, invoice.decided_at = outcome, decision.at
    ReviewDecision.objects.create(
        invoice=invoice,
        reviewer=decision.by,
        outcome=outcome,
        reasons=decision.reasons,
        note=decision.note,
        seen=comparing.seen(invoice),
        at=decision.at,
    )


def tell_owner(*, invoice: Invoice, kind: str, at: datetime) -> None:
    """Send a notice about an invoice, by its slug, to everybody who acts for its physician."""
    notices.notify(
        user_ids=people.users_of_party(invoice.party_id, on=clock.date_in(at)),
        kind=f"billing/{kind}",
        key=f"{kind}:{invoice.pk}:{at.isoformat()}",
        context={"folio": invoice.folio},
        url=folio_address(invoice.folio),
        at=at,
    )


@transaction.atomic
def accept_invoice(*, invoice: Invoice, by: User, at: datetime, undo_for: timedelta = NO_TIME) -> Invoice:
    """Accept, at once or when `undo_for` is over: the debt enters the ledger and waits for a payment batch."""
    return _decide_invoice(invoice, ReviewState.ACCEPTED, by=by, at=at, undo_for=undo_for)


@transaction.atomic
def accept_unopened(*, invoice: Invoice, by: User, at: datetime, undo_for: timedelta = NO_TIME) -> Invoice:
    """Accept one in which the machine found nothing by its line alone, as `accept_invoice` does.

    Raises Conflict for one that has to be opened first: not clean, drawn, or like another receipt.
    """
    found = _lock_invoice(invoice)
    alike = clean.alike([found], on=clock.date_in(at))
    rules.check_unopened(clean=found.clean, drawn=found.drawn, alike=bool(alike))
    return accept_invoice(invoice=found, by=by, at=at, undo_for=undo_for)


def _apply_acceptance(decision: InvoiceDecision) -> None:
    """Dr expense; Cr physician, ISR, local tax."""
    invoice, by, at, on = decision.invoice, decision.by, decision.at, clock.date_in(decision.at)
    _settle_decision(decision)
    rules.PAYMENT.check(invoice.payment_state, PaymentState.PAYABLE)
    invoice.payment_state = PaymentState.PAYABLE
    invoice.save()
    treasury.post_entry(kind=rules.ACCEPTED, subject=invoice, at=at, on=on, by=by, lines=_entry(invoice))
    due = selectors.payment_due(on=on)
    treasury.open_payable(
        party=invoice.party,
        amount=invoice.total,
        currency=invoice.currency,
        kind="invoice",
        subject=invoice,
        reference=invoice.folio,
        due_on=due.on,
        due_rule=due.rule,
        by=by,
        at=at,
    )
    tell_owner(invoice=invoice, kind="invoice_accepted", at=at)
    history.record(
        action="billing.invoice_accepted",
        subject=invoice,
        party_id=invoice.party_id,
        by=by,
        at=at,
        details={"folio": invoice.folio, "total": str(invoice.total)},
    )


def _entry(invoice: Invoice) -> list[Line]:
    """Signed lines, debit positive (rules/ledger.py)."""
    figures = {what: getattr(invoice, what) for what in ("base", "total", "withheld_isr", "withheld_local")}
    return [
        Line(account, amount, invoice.currency, invoice.party_id if account in rules.OF_PARTY else None)
        for account, amount in rules.entry(rules.ACCEPTED, figures)
    ]


@transaction.atomic
def return_invoice(
    *, invoice: Invoice, reasons: Sequence[str], note: str, by: User, at: datetime, undo_for: timedelta = NO_TIME
) -> Invoice:
    """Give it back to be mended, with every reason at once (N14); its fiscal folio is free for the same party."""
    chosen = rules.check_reasons(reasons, note)
    return _decide_invoice(invoice, ReviewState.RETURNED, by=by, at=at, undo_for=undo_for, reasons=chosen, note=note)


def _apply_return(decision: InvoiceDecision) -> None:
    invoice, by, at = decision.invoice, decision.by, decision.at
    _settle_decision(decision)
    fiscal.release_receipt(subject=invoice, by=by, at=at)
    invoice.returned_by = by
    invoice.save()
    tell_owner(invoice=invoice, kind="invoice_returned", at=at)
    history.record(
        action="billing.invoice_returned",
        subject=invoice,
        party_id=invoice.party_id,
        by=by,
        at=at,
        details={"folio": invoice.folio, "reasons": decision.reasons},
    )


@transaction.atomic
def reject_invoice(
    *, invoice: Invoice, reasons: Sequence[str], note: str, by: User, at: datetime, undo_for: timedelta = NO_TIME
) -> Invoice:
    """End it: its orders can be invoiced again and its fiscal folio is free."""
    chosen = rules.check_reasons(reasons, note)
    return _decide_invoice(invoice, ReviewState.REJECTED, by=by, at=at, undo_for=undo_for, reasons=chosen, note=note)


def _apply_rejection(decision: InvoiceDecision) -> None:
    invoice, by, at = decision.invoice, decision.by, decision.at
    _settle_decision(decision)
    fiscal.release_receipt(subject=invoice, by=by, at=at)
    invoice.save()
    move_orders(invoice=invoice, target=OrderState.AVAILABLE)
    invoice.lines.update(live=False)
    tell_owner(invoice=invoice, kind="invoice_rejected", at=at)
    history.record(
        action="billing.invoice_rejected",
        subject=invoice,
        party_id=invoice.party_id,
        by=by,
        at=at,
        details={"folio": invoice.folio, "reasons": decision.reasons},
    )


_EFFECTS: dict[ReviewState, Callable[[InvoiceDecision], None]] = {
    ReviewState.ACCEPTED: _apply_acceptance,
    ReviewState.RETURNED: _apply_return,
    ReviewState.REJECTED: _apply_rejection,
}
