"""What memberships owe and how they stand, read from stored payments by the pure walk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TypeVar
from uuid import UUID

from memberships.models import BirthdayDue, DuesDue, DuesPayment, Membership, PlanPrice, PriceDue, Refund, SlipLine
from memberships.rules import dues, slips
from memberships.rules.dues import Dues, DuesTerms, Payment, Price, dues_on
from memberships.rules.refunds import RefundState
from portal.calendars.rules import Reminders
from portal.prepared import AnyOf
from portal.rulebook import rules as rulebook
from portal.rulebook.selectors import rule_on, versions, whole
from portal.treasury.models import AllocationShare
from portal.treasury.selectors import shares_by_id

Row = TypeVar("Row")
_OF_PAYMENTS = ("value_on", "amount", "taken_back_on", "lost", "kept", "source_type", "source_id")
_CODES = {one.name: f"dues.{one.name}" for one in fields(DuesTerms)}


def dues_terms(on: date) -> DuesTerms:
    """The numbers of dues and standing that the rulebook has in force on a day (domain 2.11).

    Raises RuleBroken (`rule_missing`) for a day on which one of them does not hold. Of many days ask in one reading.
    """
    return DuesTerms(**{name: whole(code, on=on) for name, code in _CODES.items()})


def terms_of_days() -> Callable[[date], DuesTerms]:
    """`dues_terms` for many days of one act: the rulebook is read once, whatever the days.

    What it gives raises RuleBroken (`rule_missing`) as `dues_terms` does.
    """
    kept = {name: versions(code) for name, code in _CODES.items()}

    @cache
    def terms(on: date) -> DuesTerms:
        found = {name: rulebook.pick_in_force(rows, on=on) for name, rows in kept.items()}
        return DuesTerms(**{name: int((one or rule_on(_CODES[name], on=on)).value) for name, one in found.items()})

    return terms


def dues_of_many(memberships: Sequence[Membership], *, on: date) -> dict[UUID, Dues]:
    """How memberships stand at the end of a day, from everything that is stored of them, by their ids (domain 2.11).

    A few queries, however many they are. A request to cancel counts from the day it was made. Raises RuleBroken as
    `rules.dues.dues_on` does.
    """
    these = AnyOf("membership", [one.pk for one in memberships])
    payments = DuesPayment.objects.filter(these, value_on__lte=on).order_by("value_on", "pk")
    refunds = Refund.objects.filter(these, asked_on__lte=on).order_by("asked_on", "pk")
    paid = grouped(payments.values_list("membership_id", *_OF_PAYMENTS, named=True), _family)
    asked = grouped(refunds, _family)
    prices = grouped(PlanPrice.objects.filter(plan__in={one.plan_id for one in memberships}), lambda one: one.plan_id)
    kept, terms, found = _kept_prices(paid), terms_of_days(), dict[UUID, Dues]()
    for one in memberships:
        cancels = one.cancel_asked_on
        assert one.joined_on is not None
        found[one.pk] = dues_on(
            joined_on=one.joined_on,
            prices=[Price(price.since, price.amount) for price in prices.get(one.plan_id, ())],
            payments=[_payment(each) for each in paid.get(one.pk, ())],
            cancel_asked_on=cancels if cancels is None or cancels <= on else None,
            on=on,
            terms=terms,
            kept_prices=kept.get(one.pk),
            refunds=[_refund(each) for each in asked.get(one.pk, ())],
        )
    return found


def grouped(rows: Iterable[Row], key: Callable[[Row], UUID]) -> dict[UUID, list[Row]]:
    """Rows by what they are of, each in the order it came."""
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _family(row: DuesPayment | Refund) -> UUID:
    return row.membership_id


def _payment(row: DuesPayment) -> Payment:
    return Payment(row.value_on, row.amount, row.taken_back_on, row.lost + row.kept)


def _refund(row: Refund) -> dues.Refund:
    """What was asked back, also where it was declined: it came back to the credit."""
    assert row.asked_on is not None  # it was asked by a day
    ended_on = row.ended_on if row.state == RefundState.DECLINED else None
    return dues.Refund(row.asked_on, row.amount, ended_on, row.regained)


def kept_prices(membership: Membership) -> dict[date, Decimal]:
    """What months of a membership cost because a paid slip named them, whatever the plan's price (domain 2.10)."""
    paid = list(membership.payments.order_by("value_on", "pk"))
    return _kept_prices({membership.pk: paid}).get(membership.pk, {})


def _kept_prices(paid: Mapping[UUID, Sequence[DuesPayment]]) -> dict[UUID, dict[date, Decimal]]:
    """By the value date of the deposits that paid each slip whole, of each membership."""
    of_deposits = AllocationShare._meta.label_lower
    brought = {one.source_id for rows in paid.values() for one in rows if one.source_type == of_deposits}
    shares = shares_by_id(brought) if brought else {}
    lines: dict[tuple[UUID, str], list[SlipLine]] = {}
    if shares:
        rows = SlipLine.objects.filter(slip__folio__in={one.key for one in shares.values()}, membership__in=list(paid))
        for line in rows.exclude(period=None).select_related("slip").order_by("pk"):
            lines.setdefault((line.membership_id, line.slip.folio), []).append(line)
    return {
        membership: slips.kept_prices(
            slips.PaidMonth(line.period, line.price, payment.value_on, line.slip.expires_on, payment.taken_back_on)
            for payment in payments
            if payment.source_type == of_deposits
            for line in lines.get((membership, shares[payment.source_id].key), ())
            if line.period is not None and shares[payment.source_id].amount >= line.slip.amount
        )
        for membership, payments in paid.items()
    }


def month_price(membership: Membership, due_on: date) -> Decimal:
    """What the month that is due on a day costs: as a paid slip says, else by the plan's price of that day."""
    price = membership.plan.prices.filter(since__lte=due_on).order_by("-since").values_list("amount", flat=True)
    return kept_prices(membership).get(due_on.replace(day=1)) or price[0]


def reminders_of(due: DuesDue) -> Reminders:
    """When a month's dues are reminded of: by the rules in force on the day the date was stored."""
    before = rule_on("dues.remind_before", on=due.anchor).value
    after = rule_on("dues.remind_after", on=due.anchor).value
    return Reminders(tuple(sorted([-int(day) for day in before] + [int(day) for day in after])))


def birthday_reminders(due: BirthdayDue) -> Reminders:
    """When a family is told of somebody's 18th birthday: by the rule in force on the day the date was stored."""
    before = rule_on("family.birthday_before", on=due.anchor).value
    return Reminders(tuple(sorted(-int(day) for day in before)))


def price_reminders(due: PriceDue) -> Reminders:
    """When families are told of a new price: by the rule in force on the day it was set."""
    return Reminders((-int(rule_on("dues.price_before", on=due.anchor).value),))
