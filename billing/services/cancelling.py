"""An accepted invoice that its physician cancelled at the SAT: nothing is owed for it any more (domain 1.4)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from billing import rules
from billing.models import Invoice
from billing.rules import OrderState, PaymentState, ReviewState
from billing.services.orders import move_orders
from billing.services.review import tell_owner
from portal import clock
from portal.errors import RuleBroken
from portal.history import services as history
from portal.people import selectors as people
from portal.treasury import services as treasury
from portal.treasury.models import Payable

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def cancel_invoice(*, invoice: Invoice, reason: str, by: User, at: datetime) -> Invoice:
    """Take an accepted invoice as cancelled at the SAT: its payable ends, its entry is reversed on the day of `at`.

    Its orders can be invoiced again by another CFDI; the fiscal folio stays taken, because a cancelled one bills
    nothing. Raises RuleBroken without a reason or to who would decide their own, Conflict once it is in a batch or
    paid, or was cancelled before.
    """
    treasury.hold_treasury()  # as whoever pays it does: first the treasury, then the invoice
    invoice = Invoice.objects.select_for_update(of=("self",)).select_related("party").get(pk=invoice.pk)
    rules.REVIEW.check(invoice.state, ReviewState.CANCELLED)
    if invoice.submitted_by_id == by.pk or people.acts_for(by, invoice.party_id, on=clock.date_in(at)):
        raise RuleBroken("No puedes cancelar una factura tuya. Lo hace otra persona de revisión.", code="own_invoice")
    if not reason.strip():
        raise RuleBroken("Escribe cómo supiste que está cancelada.", code="no_reason", field="reason")
    payable = Payable.objects.get(kind="invoice", subject_id=str(invoice.pk))
    treasury.cancel_payable(payable=payable, reason=reason, by=by, at=at)
    rules.PAYMENT.check(invoice.payment_state, PaymentState.NONE)
    invoice.state, invoice.payment_state = ReviewState.CANCELLED, PaymentState.NONE
    invoice.save(update_fields=["state", "payment_state"])
    move_orders(invoice=invoice, target=OrderState.AVAILABLE)
    invoice.lines.update(live=False)
    tell_owner(invoice=invoice, kind="invoice_cancelled", at=at)
    history.record(
        action="billing.invoice_cancelled",
        subject=invoice,
        party_id=invoice.party_id,
        by=by,
        at=at,
        reason=reason.strip(),
        details={"folio": invoice.folio, "total": str(invoice.total)},
    )
    return invoice
