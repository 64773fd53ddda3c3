"""A practice with much work: 190 orders of one insurer to invoice, 40 invoices, and a payment that two people sign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from billing import services as billing
from billing.models import CareOrder, Invoice
from config.demo.cast import Cast
from config.demo.people import BY_SLUG
from config.demo.scenes import billing as scene
from portal.treasury import services as treasury
from portal.treasury.models import Payable

WHO = "hector"
WAITING, INVOICED, OF_ANOTHER = 190, 40, 5
IN_REVIEW, PAYABLE = 8, 2  # of the invoices; the others are in one payment, above what one person may authorise
_FEES = ("22000.00", "24500.00", "21000.00", "26750.50", "23300.00")


def play(cast: Cast) -> None:
    """Orders arrive, forty are invoiced; thirty of them are in a payment that waits for its second yes."""
    rfc, (valley, sierra) = BY_SLUG[WHO].rfc, cast.insurers
    first = [scene.Visit(f"DV-{8000 + n}", n, _FEES[n % len(_FEES)], "0.00", 29 - n % 20) for n in range(INVOICED)]
    later = [
        scene.Visit(f"DV-{8100 + n}", n, scene.FEES[n % len(scene.FEES)], "150.00", 9 - n % 8) for n in range(WAITING)
    ]
    others = [scene.Visit(f"LS-{810 + n}", n, "1900.00", "0.00", 6) for n in range(OF_ANOTHER)]
    for insurer, visits, days in ((valley, first, 8), (valley, later, 1), (sierra, others, 1)):
        rows = [scene.row_of(cast, rfc, visit, insurer) for visit in visits]
        scene.deliver(cast, insurer, rows, cast.days_ago(days))
    sent = _invoices(cast, [visit.account for visit in first])
    accepted = [
        billing.accept_invoice(invoice=invoice, by=cast.users["rebeca"], at=cast.days_ago(5) + timedelta(minutes=place))
        for place, invoice in enumerate(sent[:-IN_REVIEW])
    ]
    _pay_with_two_signatures(cast, accepted[PAYABLE:])


def _invoices(cast: Cast, accounts: Sequence[str]) -> list[Invoice]:
    """One an order; those that still wait for a reviewer came last."""
    found = {row.account: row.pk for row in CareOrder.objects.filter(account__in=accounts)}
    sent = []
    for place, account in enumerate(accounts):
        at = cast.days_ago(7 if place < len(accounts) - IN_REVIEW else 1) + timedelta(minutes=10 + place)
        sent.append(scene.sent(cast, WHO, [found[account]], f"factura-{account}", at))
    return sent


def _pay_with_two_signatures(cast: Cast, invoices: Sequence[Invoice]) -> None:
    payables = list(Payable.objects.filter(subject_id__in=[str(invoice.pk) for invoice in invoices]).order_by("pk"))
    at = cast.days_ago(1)
    batch = treasury.prepare_batch(payables=payables, by=cast.users["pablo"], at=at)
    assert batch.total > Decimal(500_000)  # one signature would do below it
    treasury.approve_batch(batch=batch, total=batch.total, by=cast.users["aurora"], at=at + timedelta(hours=1))
