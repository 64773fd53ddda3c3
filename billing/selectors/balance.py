"""A physician's orders and money, as their pages count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q, Sum

from billing import rules
from billing.models import CareOrder, Invoice
from billing.rules import PaymentState, ReviewState
from portal.access import Permission
from portal.money import ZERO
from portal.people import selectors as people
from portal.people.models import Party

if TYPE_CHECKING:
    from portal.people.models import User


@dataclass(frozen=True, slots=True)
class Balance:
    """Where a physician's money stands, MXN: amounts by step and how many documents each proves."""

    to_invoice: Decimal
    to_invoice_count: int
    drafts: Decimal
    drafts_count: int
    in_review: Decimal
    in_review_count: int
    returned: Decimal
    returned_count: int
    payable: Decimal
    payable_count: int
    scheduled: Decimal
    scheduled_count: int
    paid: Decimal
    paid_count: int
    complement_due: Decimal
    complement_due_count: int


def balance_of(party_ids: Sequence[UUID]) -> Balance:
    """The whole account in two queries; orders count before withholding, invoices after it (S0.15, C4)."""
    orders = CareOrder.objects.of_parties(list(party_ids)).to_invoice().aggregate(total=Sum("payable"), n=Count("pk"))
    groups: dict[str, Q] = {
        "drafts": Q(state=ReviewState.DRAFT),
        "in_review": Q(state=ReviewState.SUBMITTED),
        "returned": Q(state=ReviewState.RETURNED),
        "payable": Q(payment_state=PaymentState.PAYABLE),
        "scheduled": Q(payment_state=PaymentState.SCHEDULED),
        "paid": Q(payment_state__in=[PaymentState.PAID, PaymentState.COMPLEMENT_DUE, PaymentState.CLOSED]),
        "complement_due": Q(payment_state=PaymentState.COMPLEMENT_DUE),
    }
    sums = {name: Sum("total", filter=where, default=ZERO) for name, where in groups.items()}
    counts = {f"{name}_count": Count("pk", filter=where) for name, where in groups.items()}
    row = Invoice.objects.filter(party__in=party_ids).aggregate(**sums, **counts)
    return Balance(to_invoice=orders["total"] or ZERO, to_invoice_count=orders["n"], **row)


def waiting_for_proof(user: User) -> int:
    """How many orders wait for an RFC that its physician has not proved: all that is said of them (AC-11)."""
    rfcs = [party.rfc for party in people.unproved_parties(user, Permission.SEE_OWN_BILLING)]
    return CareOrder.objects.filter(physician_rfc__in=rfcs, state=rules.OrderState.AVAILABLE).count() if rfcs else 0


def physician_of(user: User, order_ids: Sequence[UUID]) -> Party | None:
    """Whose orders these are, among the physicians this person bills for; None when none of them is theirs.

    Raises RuleBroken for orders of two physicians: each issues their own invoice.
    """
    mine = user.proved_party_ids(Permission.BILL_ORDERS)
    rfcs = set(CareOrder.objects.of_parties(mine).filter(pk__in=order_ids).values_list("physician_rfc", flat=True))
    rules.check_same_physician(rfcs)
    return Party.objects.filter(pk__in=mine, rfc__in=rfcs).first()
