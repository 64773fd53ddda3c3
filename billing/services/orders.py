"""Care orders go with the invoice that bills them."""

from __future__ import annotations

from billing import rules
from billing.models import CareOrder, Invoice
from billing.rules import OrderState


def move_orders(*, invoice: Invoice, target: OrderState) -> None:
    """Take the orders that an invoice bills now to another state, by their machine; part of its caller's act."""
    for order in CareOrder.objects.select_for_update().filter(lines__invoice=invoice, lines__live=True).order_by("pk"):
        rules.ORDER.check(order.state, target)
        CareOrder.objects.filter(pk=order.pk).update(state=target)
