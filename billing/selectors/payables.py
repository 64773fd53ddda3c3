"""What the treasury asks of the invoices behind its payables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from billing.models import Invoice, ReviewDecision
from billing.rules import ReviewState

if TYPE_CHECKING:
    from portal.treasury.models import Payable
    from portal.treasury.registry import Accepted, AdviceLine


def reviewers_of(payables: Sequence[Payable]) -> set[tuple[UUID, UUID]]:
    """(payable, who accepted its invoice) for each: they neither prepare nor approve its payment (MO-05)."""
    of_invoice = {UUID(payable.subject_id): payable.pk for payable in payables}
    accepted = ReviewDecision.objects.filter(invoice__in=of_invoice, outcome=ReviewState.ACCEPTED)
    return {(of_invoice[invoice], who) for invoice, who in accepted.values_list("invoice", "reviewer")}


def accepted_by(payables: Sequence[Payable]) -> dict[UUID, Accepted]:
    """Who accepted the invoice of each, and when, by payable."""
    of_invoice = {UUID(payable.subject_id): payable.pk for payable in payables}
    decided = ReviewDecision.objects.filter(invoice__in=of_invoice, outcome=ReviewState.ACCEPTED)
    rows = decided.select_related("reviewer").order_by("at", "pk")
    return {of_invoice[row.invoice_id]: {"by": str(row.reviewer), "at": row.at} for row in rows}


def explanation_of(payable: Payable) -> dict[str, Any]:
    """The withholding by which an invoice came to what is paid for it, as it was stored with it."""
    return Invoice.objects.values_list("explanation", flat=True).get(pk=payable.subject_id)


def advice_lines(payables: Sequence[Payable]) -> list[AdviceLine]:
    """Lines of a payment advice: folio, the accounts billed, net amount."""
    invoices = Invoice.objects.filter(pk__in=[payable.subject_id for payable in payables]).prefetch_related(
        "lines__order"
    )
    return [
        {
            "folio": invoice.folio,
            "concept": ", ".join(sorted(line.order.account for line in invoice.lines.all())),
            "amount": str(invoice.total),
        }
        for invoice in sorted(invoices, key=lambda invoice: invoice.folio)
    ]
