"""What a deposit paid, and what the next complement must say of it (N11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import Invoice
from portal.money import ZERO, round_money
from portal.treasury import selectors as treasury
from portal.treasury.models import TransferItem

if TYPE_CHECKING:
    from portal.people.models import User
    from portal.treasury.models import Transfer


def deposits_of(party_ids: Sequence[UUID]) -> QuerySet[Transfer]:
    """Deposits that paid a physician's invoices, those that came back too."""
    paid = Invoice.objects.filter(transfer=OuterRef("pk"))
    carried = TransferItem.objects.filter(transfer=OuterRef("pk"), payable__kind="invoice")
    return treasury.deposits().filter(Exists(paid) | Exists(carried), party__in=party_ids)


def invoices_of_transfer(user: User, transfer: Transfer) -> list[Invoice]:
    """Invoices that one deposit pays, or paid before it came back, that this person may see; empty for a stranger."""
    carried = Q(pk__in=treasury.subjects_of(transfer, kind="invoice"))
    return list(
        Invoice.objects.visible_to(user)
        .filter(Q(transfer=transfer) | carried)
        .select_related("transfer", "insurer", "party", "complement_due")
        .order_by("folio")
    )


@dataclass(frozen=True, slots=True)
class NextLink:
    """What the next REP must say about one invoice (N11): partiality, balances and the taxes of its share, MXN."""

    uuid: str
    folio: str
    number: int
    balance_before: Decimal
    paid: Decimal
    balance_after: Decimal
    base: Decimal
    isr: Decimal
    isr_rate: str


def next_link(invoice: Invoice) -> NextLink:
    """The next document of an invoice's chain: it pays what is left, with the base and ISR of that share (N11)."""
    last = invoice.complement_payments.filter(live=True).order_by("number").last()
    before = last.balance_after if last else invoice.total
    kept = invoice.withholdings.filter(component="ISR").first()
    return NextLink(
        uuid=invoice.uuid,
        folio=invoice.folio,
        number=last.number + 1 if last else 1,
        balance_before=before,
        paid=before,
        balance_after=ZERO,
        base=round_money(invoice.base * before / invoice.total, invoice.currency),
        isr=round_money(invoice.withheld_isr * before / invoice.total, invoice.currency),
        isr_rate=f"{kept.rate:.6f}" if kept else "",
    )
