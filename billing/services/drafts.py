"""A draft under its lock: of all invoices a draft alone can be gone by then, discarded in another window."""

from __future__ import annotations

from django.urls import reverse

from billing.models import Invoice
from portal.errors import Conflict

DISCARDED = "Este borrador se descartó en otra ventana. Sus órdenes están otra vez por facturar: elígelas de nuevo."


def held_draft(invoice: Invoice, *, related: tuple[str, ...] = ("party", "insurer")) -> Invoice | None:
    """The row of an invoice, locked until the transaction ends; None for a draft discarded since it was read."""
    rows = Invoice.objects.select_for_update(of=("self",)).select_related(*related)
    return rows.filter(pk=invoice.pk).first()


def hold_draft(invoice: Invoice, *, related: tuple[str, ...] = ("party", "insurer")) -> Invoice:
    """The same, for an act of its owner: Conflict says that the draft is gone and leads to its orders."""
    held = held_draft(invoice, related=related)
    if held is None:
        raise gone()
    return held


def gone() -> Conflict:
    """What the owner of a discarded draft is told, and the way to its orders."""
    return Conflict(DISCARDED, code="discarded", way=("Elegir órdenes", reverse("billing:start")))
