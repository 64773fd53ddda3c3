"""What memberships owe and how they stand, read from stored payments by the pure walk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache

from memberships.models import BirthdayDue, DuesDue, DuesPayment, Membership, PriceDue, Refund, SlipLine
from memberships.rules import dues, slips
from memberships.rules.dues import Dues, DuesTerms, Payment, Price, dues_on
from memberships.rules.refunds import RefundState
from portal.calendars.rules import Reminders
from portal.rulebook import rules as rulebook
from portal.rulebook.selectors import rule_on, versions, whole
from portal.treasury.models import AllocationShare
from portal.treasury.selectors import shares_by_id

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


def dues_of(membership: Membership, *, on: date) -> Dues:
    """How a membership stands at the end of a day, from everything that is stored of it (domain 2.11).

    Raises RuleBroken as `rules.dues.dues_on` does. A request to cancel counts from the day it was made.
    """
    asked = membership.cancel_asked_on
    assert membership.joined_on is not None
    payments = list(membership.payments.filter(value_on__lte=on).order_by("value_on", "pk"))
    return dues_on(
        joined_on=membership.joined_on,
        prices=[Price(one.since, one.amount) for one in membership.plan.prices.all()],
        payments=[Payment(one.value_on, one.amount, one.taken_back_on, one.lost + one.kept) for one in payments],
        cancel_asked_on=asked if asked is None or asked <= on else None,
        on=on,
        terms=terms_of_days(),
        kept_prices=_kept_prices(membership, payments),
        refunds=_refunds(membership, on=on),
    )


def _refunds(membership: Membership, *, on: date) -> list[dues.Refund]:
    """What was asked back by a day, those that were declined too: they came back to the credit."""
    rows = Refund.objects.filter(membership=membership, asked_on__lte=on).order_by("asked_on", "pk")
    return [
        dues.Refund(one.asked_on, one.amount, one.ended_on if one.state == RefundState.DECLINED else None, one.regained)
        for one in rows
        if one.asked_on is not None
    ]


def kept_prices(membership: Membership) -> dict[date, Decimal]:
    """What months of a membership cost because a paid slip named them, whatever the plan's price (domain 2.10)."""
    return _kept_prices(membership, membership.payments.order_by("value_on", "pk"))


def _kept_prices(membership: Membership, payments: Iterable[DuesPayment]) -> dict[date, Decimal]:
    """By the value date of the deposits that paid each slip whole."""
    brought = {one.source_id: one for one in payments if one.source_type == AllocationShare._meta.label_lower}
    shares = shares_by_id(brought) if brought else {}
    of_slip: dict[str, list[SlipLine]] = {}
    if shares:
        rows = SlipLine.objects.filter(slip__folio__in={one.key for one in shares.values()}, membership=membership)
        for line in rows.exclude(period=None).select_related("slip").order_by("pk"):
            of_slip.setdefault(line.slip.folio, []).append(line)
    return slips.kept_prices(
        slips.PaidMonth(line.period, line.price, payment.value_on, line.slip.expires_on, payment.taken_back_on)
        for source, payment in brought.items()
        for line in of_slip.get(shares[source].key, ())
        if line.period is not None and shares[source].amount >= line.slip.amount
    )


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
