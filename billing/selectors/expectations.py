"""What the examiner is told of an invoice or a complement before it judges one (portal.fiscal.expectations)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from billing import rules
from billing.models import ComplementPayment, Invoice, InvoiceLine
from billing.selectors.schemes import assignment_on, limits_of_cfdi, oldest_invoice, schemes_for
from portal.fiscal import selectors as fiscal
from portal.fiscal.expectations import ComplementExpectation, InvoiceExpectation, Order
from portal.money import ZERO
from portal.prepared import prepared

if TYPE_CHECKING:
    from portal.people.models import Party
    from portal.treasury.models import Transfer


def lines_of(invoice: Invoice) -> list[dict[str, str]]:
    """Account, patient and amount of each order an invoice bills, with the text of its concept."""
    return [
        {
            "account": account,
            "patient": patient,
            "payable": str(amount),
            "service_on": service_on.isoformat(),
            "concept": rules.concept_text(account, patient, concept),
        }
        for account, patient, amount, service_on, concept in _lines(invoice.pk)
    ]


@prepared
def _lines(invoice_id: UUID) -> QuerySet[InvoiceLine, Any]:
    told = ("order__account", "order__patient", "amount", "order__service_on", "order__concept")
    return InvoiceLine.objects.filter(invoice=invoice_id).order_by("order__account").values_list(*told)


def invoice_expectation(invoice: Invoice, *, on: date, issued_on: date | None = None) -> InvoiceExpectation:
    """Everything an invoice's XML is held against.

    `on` is today; the schemes are those in force on the invoice's own date, `issued_on` (today until it was read).
    """
    rows: list[Order] = [
        {"account": row["account"], "patient": row["patient"], "payable": row["payable"]} for row in lines_of(invoice)
    ]
    return expectation_of(invoice.party, invoice.insurer, rows, on=on, issued_on=issued_on)


def expectation_of(
    party: Party, insurer: Party, orders: list[Order], *, on: date, issued_on: date | None = None
) -> InvoiceExpectation:
    """The same of an invoice that is not begun yet: whose, to whom, which orders."""
    assignment = assignment_on(party, on=issued_on or on)
    return {
        "issuer_rfc": party.rfc,
        "issuer_regime": assignment.regime if assignment else "",
        "receiver": {
            "rfc": insurer.rfc,
            "name": insurer.name,
            "zip": insurer.zip_code,
            "regime": insurer.fiscal_regime,
        },
        "schemes": [scheme.as_context() for scheme in schemes_for(party, on=issued_on or on)],
        "orders": orders,
        "on": on.isoformat(),
        "oldest": oldest_invoice(on=on).isoformat(),
        **limits_of_cfdi(on=on),
        **fiscal.vouched(),
    }


def complement_expectation(transfer: Transfer, invoices: Sequence[Invoice], *, on: date) -> ComplementExpectation:
    """Everything a REP is held against: the transfer, what was handed in for it, the chains of what is owed still."""
    first = invoices[0]
    return {
        "issuer_rfc": first.party.rfc,
        "receiver_rfc": first.insurer.rfc,
        "invoices": [
            {
                "uuid": invoice.uuid,
                "total": str(invoice.total),
                "base": str(invoice.base),
                "withheld_isr": str(invoice.withheld_isr),
                "issued_on": invoice.issued_on.isoformat() if invoice.issued_on else "",
                "payments": [
                    {
                        "number": payment.number,
                        "paid_on": payment.paid_on.isoformat(),
                        "amount": str(payment.paid),
                        "balance_before": str(payment.balance_before),
                        "balance_after": str(payment.balance_after),
                    }
                    for payment in invoice.complement_payments.filter(live=True).order_by("number")
                ],
            }
            for invoice in invoices
        ],
        "transfer": {
            "on": transfer.paid_on.isoformat() if transfer.paid_on else "",
            "amount": str(transfer.amount),
            "handed_in": str(handed_in(transfer)),
        },
        "on": on.isoformat(),
        **limits_of_cfdi(on=on),
        **fiscal.vouched(),
    }


def handed_in(transfer: Transfer) -> Decimal:
    """What the complements handed in for a transfer add up to, those in review too (MXN)."""
    links = ComplementPayment.objects.filter(transfer=transfer, live=True)
    return links.aggregate(paid=Sum("paid"))["paid"] or ZERO
