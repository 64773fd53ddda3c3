"""What treasury tells billing: scheduled, paid, refused by the bank. Called inside treasury's transaction."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse

from billing import rules, selectors
from billing.models import Complement, ComplementDue, Invoice
from billing.rules import OrderState, PaymentState
from billing.services.complements import ask_to_cancel
from billing.services.orders import move_orders
from portal import clock
from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.history import services as history
from portal.notices import services as notices
from portal.people import selectors as people
from portal.treasury import selectors as treasury
from portal.treasury.services import hold_transfer

if TYPE_CHECKING:
    from portal.people.models import User
    from portal.treasury.models import Payable, Transfer


def _lock_invoice(payable: Payable) -> Invoice:
    return Invoice.objects.select_for_update(of=("self",)).get(pk=payable.subject_id)


def _move_invoice(invoice: Invoice, target: PaymentState) -> None:
    rules.PAYMENT.check(invoice.payment_state, target)
    invoice.payment_state = target


@transaction.atomic
def note_scheduled(*, payable: Payable, transfer: Transfer, by: User, at: datetime) -> None:
    """The invoice's money is in a batch."""
    invoice = _lock_invoice(payable)
    _move_invoice(invoice, PaymentState.SCHEDULED)
    invoice.save(update_fields=["payment_state"])
    history.record(action="billing.payment_scheduled", subject=invoice, party_id=invoice.party_id, by=by, at=at)


@transaction.atomic
def note_rejection(*, payable: Payable, transfer: Transfer, reason: str, by: User, at: datetime) -> None:
    """The bank refused the transfer or the batch was cancelled: the invoice waits for the next batch."""
    invoice = _lock_invoice(payable)
    _move_invoice(invoice, PaymentState.PAYABLE)
    invoice.save(update_fields=["payment_state"])
    history.record(
        action="billing.payment_returned", subject=invoice, party_id=invoice.party_id, by=by, at=at, reason=reason
    )


def _due_of_complement(*, paid_on: date) -> ComplementDue:
    """The complement's date and the first reminder, stored with the rule that gave them."""
    rule = selectors.complement_rule(on=paid_on)
    due_on = rules.complement_due_on(paid_on, day=rule.day)
    return ComplementDue.objects.create(
        anchor=paid_on,
        due_on=due_on,
        rolled_on=calendar_rules.roll(calendars.calendar(selectors.OFFICE), due_on),
        due_rule=rule.label,
        next_reminder_on=calendar_rules.next_reminder(due_on, rule.reminders, after=paid_on),
    )


@transaction.atomic
def note_payment(*, payable: Payable, transfer: Transfer, by: User, at: datetime) -> None:
    """The bank paid: orders are settled and the complement's date starts (S0.19, domain 1.3).

    Whatever a deposit pays is told at once, with the first of its invoices (PR-08).
    """
    invoice = _lock_invoice(payable)
    _move_invoice(invoice, PaymentState.PAID)
    _move_invoice(invoice, PaymentState.COMPLEMENT_DUE)
    invoice.transfer, invoice.paid_on = transfer, transfer.paid_on
    invoice.complement_due = _due_of_complement(paid_on=transfer.paid_on or clock.date_in(at))
    invoice.save()
    move_orders(invoice=invoice, target=OrderState.SETTLED)
    notices.notify(
        user_ids=people.users_of_party(invoice.party_id, on=clock.date_in(at)),
        kind="billing/invoice_paid",
        key=f"paid:{transfer.pk}",
        context={
            "folios": treasury.folios_of(transfer),
            "amount": transfer.amount,
            "on": invoice.paid_on,
            "due": invoice.complement_due_on,
        },
        url=reverse("billing:payment", args=[transfer.pk]),
        at=at,
    )
    history.record(
        action="billing.invoice_paid",
        subject=invoice,
        party_id=invoice.party_id,
        by=by,
        at=at,
        details={"folio": invoice.folio, "complement_due_on": str(invoice.complement_due_on)},
    )


@transaction.atomic
def note_return(*, payable: Payable, transfer: Transfer, reason: str, by: User, at: datetime) -> None:
    """The bank returned what it had paid: the invoice waits to be paid again and owes no complement until then.

    A complement handed in for that deposit is asked to be cancelled; its links count no more.
    """
    # As a REP that is handed in does: whichever comes second finds what the first one left. Then as a decision does:
    # complements before invoices, and each by its key, so that no two acts wait for each other.
    hold_transfer(transfer)
    live = [rules.ComplementState.IN_REVIEW, rules.ComplementState.ACCEPTED]
    handed_in = Complement.objects.select_for_update().filter(transfer=transfer, party=payable.party_id, state__in=live)
    complements = list(handed_in.order_by("pk"))
    list(Invoice.objects.select_for_update(of=("self",)).filter(transfer=transfer).order_by("pk"))
    invoice = _lock_invoice(payable)
    _move_invoice(invoice, PaymentState.PAYABLE)
    ended = invoice.complement_due_id
    ComplementDue.objects.filter(invoice=invoice, met_at=None).update(ended_at=at, next_reminder_on=None)
    invoice.transfer = invoice.paid_on = invoice.complement_due = None
    invoice.save()
    move_orders(invoice=invoice, target=OrderState.INVOICED)
    for complement in complements:
        ask_to_cancel(complement=complement, by=by, at=at)
    history.record(
        action="billing.payment_taken_back",
        subject=invoice,
        party_id=invoice.party_id,
        by=by,
        at=at,
        reason=reason,
        details={"folio": invoice.folio, "total": str(invoice.total), "complement_due": str(ended)},
    )
