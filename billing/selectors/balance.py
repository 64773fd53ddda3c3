"""A physician's orders and money, as their pages count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import CharField, Count, DateTimeField, Min, QuerySet, Sum, Value
from django.db.models.functions import Cast

from billing import rules
from billing.models import CareOrder, Invoice
from billing.rules import PaymentState, ReviewState
from portal.access import Permission
from portal.money import ZERO
from portal.people import selectors as people
from portal.people.models import Party
from portal.prepared import prepared

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
    to_invoice_since: datetime | None = None  # when the order that waits longest arrived
    to_invoice_first: str = ""  # the key of one of them: where it is the only one, it is that one's

    @property
    def is_empty(self) -> bool:
        """Whether no document stands at any step."""
        return not any(getattr(self, one.name) for one in fields(self) if one.name.endswith("_count"))


# Step of the account -> the states of an invoice and of its payment that stand there; a paid one may stand in two.
_STEPS: dict[str, tuple[set[str], set[str]]] = {
    "drafts": ({ReviewState.DRAFT}, set()),
    "in_review": ({ReviewState.SUBMITTED}, set()),
    "returned": ({ReviewState.RETURNED}, set()),
    "payable": (set(), {PaymentState.PAYABLE}),
    "scheduled": (set(), {PaymentState.SCHEDULED}),
    "paid": (set(), {PaymentState.PAID, PaymentState.COMPLEMENT_DUE, PaymentState.CLOSED}),
    "complement_due": (set(), {PaymentState.COMPLEMENT_DUE}),
}


def balance_of(party_ids: Sequence[UUID]) -> Balance:
    """The whole account in one query; orders count before withholding, invoices after it (S0.15, C4)."""
    sums, counts = dict.fromkeys(_STEPS, ZERO), dict.fromkeys(_STEPS, 0)
    orders: tuple[Any, ...] = ZERO, 0, None, ""
    for state, payment_state, total, count, since, first in _by_step(tuple(party_ids)):
        if not state:
            orders = total or ZERO, count, since, first or ""
            continue
        for step, (states, payment_states) in _STEPS.items():
            if state in states or payment_state in payment_states:
                sums[step] += total
                counts[step] += count
    invoices: dict[str, Any] = {**sums, **{f"{step}_count": count for step, count in counts.items()}}
    return Balance(
        to_invoice=orders[0],
        to_invoice_count=orders[1],
        to_invoice_since=orders[2],
        to_invoice_first=orders[3],
        **invoices,
    )


@prepared
def _by_step(party_ids: tuple[UUID, ...]) -> QuerySet[Any, Any]:
    """Sum and count of the invoices of each pair of states, and without a state of the orders that wait for one."""
    told = ("state", "payment_state", "sum", "count", "since", "first")
    nothing = {"since": Value(None, DateTimeField()), "first": Value("", CharField())}
    invoices = Invoice.objects.filter(party__in=party_ids).order_by().values("state", "payment_state")
    counted = invoices.annotate(sum=Sum("total"), count=Count("pk"), **nothing)
    waiting = CareOrder.objects.of_parties(party_ids).to_invoice().order_by()
    unsent = waiting.values(no_state=Value("", CharField()), no_payment=Value("", CharField())).annotate(
        sum=Sum("payable"), count=Count("pk"), since=Min("created_at"), first=Min(Cast("pk", CharField()))
    )
    return counted.values_list(*told).union(unsent.values_list("no_state", "no_payment", *told[2:]), all=True)


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
