"""Dues and standing of a membership: what was charged, settled, suspended and covered, day by day (domain 2.11). Pure.

A function of the day the affiliation was complete, dated prices, payments by **value date**, a request to cancel and
the rules, and of nothing else: a payment that is known late but dated earlier recomputes the past. Amounts are of one
currency, days those of the plan's own place. What texts leave open is decided so:

- a number of days is that of the rule in force on the day from which it counts, how many charges suspend that of today;
- payments of a day and what is taken back that day are one sum;
- who was reinstated is charged for the month and settles it the same day when the credit covers it;
- a charge that opens again keeps its period, and its grace is counted anew also where it is written off at once;
- a request to cancel is judged at the start of its day, after lapse and suspension; a later one is not asked yet.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from heapq import heappop, heappush

from portal.errors import RuleBroken

ZERO = Decimal("0.00")


class Standing(StrEnum):
    """Where a membership stands at the end of a day."""

    AWAITING_PAYMENT = "awaiting_payment"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DuesTerms:
    """The numbers of the rulebook (`dues.*`) on one day; all but the second and the last are days."""

    first_payment_days: int  # without a payment the membership lapses on this day after it was complete
    unpaid_to_suspend: int  # charges unsettled beyond their grace
    grace_days: int  # after the due day; the last of them still counts
    suspended_days: int  # on this day of a suspension the membership ends
    month_until_day: int  # who begins or comes back by this day of a month pays that month, later the next


@dataclass(frozen=True, slots=True)
class Price:
    """What a month costs from a day on."""

    since: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """Money by its value date; `taken_back_on`: a match was undone or a card charged back that day.

    `lost`: the part of it that stays: the family had got it back before (the operator lost it), or the rest was taken.
    """

    on: date
    amount: Decimal
    taken_back_on: date | None = None
    lost: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Refund:
    """Credit that is given back from the day it was asked; `declined_on`: it came back to the credit that day.

    But for what is `regained`: it had been lost with its payment, so the credit had it already.
    """

    on: date
    amount: Decimal
    declined_on: date | None = None
    regained: Decimal = ZERO


@dataclass(slots=True)
class Charge:
    """One month's dues. `period` is the month's first day, None until the first charge is settled."""

    due_on: date
    amount: Decimal
    period: date | None = None
    grace_ends_on: date | None = None
    settled_on: date | None = None
    written_off_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is owed: neither settled nor written off."""
        return self.settled_on is None and self.written_off_on is None


@dataclass(slots=True)
class Dues:
    """What a membership was and is at the end of a day: charges oldest first, cover as half-open stays (None: it runs).

    `next_due_on` is the day of the next charge, None unless active with no cancellation asked. `steps` are the days on
    which it came to stand where it stood. `looks_again_on` is the next day on which something may happen without
    anybody paying or asking; None once it is over.
    """

    standing: Standing
    charges: list[Charge]
    credit: Decimal = ZERO
    cover: list[tuple[date, date | None]] = field(default_factory=list)
    next_due_on: date | None = None
    steps: list[tuple[date, Standing]] = field(default_factory=list)
    looks_again_on: date | None = None

    @property
    def owed(self) -> Decimal:
        """The sum of what is open."""
        return sum((charge.amount for charge in self.charges if charge.is_open), ZERO)


def dues_on(
    *,
    joined_on: date,
    prices: Iterable[Price],
    payments: Iterable[Payment],
    cancel_asked_on: date | None,
    on: date,
    terms: Callable[[date], DuesTerms],
    kept_prices: Mapping[date, Decimal] | None = None,
    refunds: Iterable[Refund] = (),
) -> Dues:
    """Says how a membership stands at the end of the day `on`; what happens later is not known yet.

    `kept_prices`: what a month costs whatever the price of its day, because a slip that was paid named it. A refund
    lowers the credit on its day; where the past turns out otherwise afterwards, the charge settled last opens again.

    Raises RuleBroken for what cannot have been: a day before `joined_on`, an amount not above zero, a payment taken
    back before it came, two prices of one day, no price on a day that charges.
    """
    priced, paid = sorted(prices, key=lambda one: one.since), list(payments)
    _check_days(joined_on, paid, cancel_asked_on, on)
    _check_amounts(priced, paid)
    moves = [*_moves_of(paid), *_moves_of_refunds(refunds)]
    return _Walk(joined_on, priced, moves, cancel_asked_on, terms, kept_prices=kept_prices or {}).until(on)


def first_of_next_month(day: date) -> date:
    """The first day of the month after a day's own."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _moves_of(payments: Iterable[Payment]) -> Iterator[tuple[date, Decimal]]:
    for one in payments:
        yield one.on, one.amount
        if one.taken_back_on:
            yield one.taken_back_on, one.lost - one.amount


def _moves_of_refunds(refunds: Iterable[Refund]) -> Iterator[tuple[date, Decimal]]:
    for one in refunds:
        yield one.on, -one.amount
        if one.declined_on:
            yield one.declined_on, one.amount - one.regained


def _check_days(joined_on: date, payments: Sequence[Payment], cancel_asked_on: date | None, on: date) -> None:
    days = [on, *(one.on for one in payments), *([cancel_asked_on] if cancel_asked_on else [])]
    if early := [day for day in days if day < joined_on]:
        raise RuleBroken(
            f"El {min(early)} es anterior al día en que la afiliación quedó completa, {joined_on}. Revisa las fechas.",
            code="before_joining",
        )
    if any(one.taken_back_on and one.taken_back_on < one.on for one in payments):
        raise RuleBroken(
            "Un pago no se puede retirar antes del día en que llegó. Revisa sus dos fechas.", code="taken_back_early"
        )


def _check_amounts(prices: Sequence[Price], payments: Sequence[Payment]) -> None:
    amounts = [*(one.amount for one in prices), *(one.amount for one in payments)]
    if any(amount <= 0 for amount in amounts):
        raise RuleBroken("Un precio o un pago no es mayor que cero. Revisa los importes.", code="amount_not_positive")
    if len({one.since for one in prices}) < len(prices):
        raise RuleBroken("Dos precios empiezan el mismo día. Deja uno solo.", code="price_twice")


class _Walk:
    """Visits, in order, the days on which something may happen; a visit on any other day would change nothing."""

    def __init__(
        self,
        joined_on: date,
        prices: Sequence[Price],
        moves: Iterable[tuple[date, Decimal]],
        cancel_asked_on: date | None,
        terms: Callable[[date], DuesTerms],
        *,
        kept_prices: Mapping[date, Decimal],
    ) -> None:
        self._prices, self._terms, self._cancel_asked_on = prices, terms, cancel_asked_on
        self._kept_prices = kept_prices
        self._moves: dict[date, Decimal] = {}
        for day, amount in moves:
            self._moves[day] = self._moves.get(day, ZERO) + amount
        self.found = Dues(Standing.AWAITING_PAYMENT, [Charge(joined_on, self._price(joined_on))])
        self.found.steps.append((joined_on, Standing.AWAITING_PAYMENT))
        self._open = [*self.found.charges]  # oldest first
        self._settled: list[Charge] = []  # in the order in which they were settled
        self._charged: set[date | None] = set()  # months
        self._ends_on = joined_on + timedelta(days=terms(joined_on).first_payment_days)  # unless something happens
        self._cancels_on: date | None = None
        self._days = [joined_on]
        for day in {*self._moves, self._ends_on, first_of_next_month(joined_on), *filter(None, [cancel_asked_on])}:
            heappush(self._days, day)

    def until(self, on: date) -> Dues:
        visited = None
        while self._days[0] <= on:
            day = heappop(self._days)
            if day != visited:
                self._visit(day)
            visited = day
        if self.found.standing is not Standing.CANCELLED:
            self.found.looks_again_on = self._days[0]
        asked = self._cancel_asked_on is not None and self._cancel_asked_on <= on
        if self.found.standing is Standing.ACTIVE and not asked:
            self.found.next_due_on = self._next_due(on)
        return self.found

    def _visit(self, day: date) -> None:
        self._start(day)
        self._take_money(day)
        if day.day == 1:
            heappush(self._days, first_of_next_month(day))
            if self.found.standing is Standing.ACTIVE:
                self._charge(day)
        self._settle(day)

    # --- 1. the start of a day ---

    def _start(self, day: date) -> None:
        if self.found.standing is Standing.CANCELLED:
            return
        if self.found.standing is Standing.ACTIVE:
            over = [one for one in self._open if one.grace_ends_on and one.grace_ends_on < day]
            if len(over) >= self._terms(day).unpaid_to_suspend:
                self._end_cover(day, Standing.SUSPENDED)
                self._ends_on = day + timedelta(days=self._terms(day).suspended_days)
                heappush(self._days, self._ends_on)
            elif over:  # how many suspend is asked of each day: the rule may change before another is over
                heappush(self._days, day + timedelta(days=1))
        elif day == self._ends_on:
            self._cancel(day)
        if day == self._cancel_asked_on and self.found.standing is Standing.ACTIVE:
            self._cancels_on = first_of_next_month(day)
            heappush(self._days, self._cancels_on)
        elif day in {self._cancel_asked_on, self._cancels_on}:
            self._cancel(day)

    def _end_cover(self, day: date, standing: Standing) -> None:
        if self.found.standing is Standing.ACTIVE:
            self.found.cover[-1] = (self.found.cover[-1][0], day)
        self.found.standing = standing
        self.found.steps.append((day, standing))

    def _cancel(self, day: date) -> None:
        self._end_cover(day, Standing.CANCELLED)
        for charge in self._open:
            charge.written_off_on = day
        self._open.clear()

    # --- 2. money ---

    def _take_money(self, day: date) -> None:
        self.found.credit += self._moves.get(day, ZERO)
        while self.found.credit < 0:
            self._reopen(self._settled.pop(), day)

    def _reopen(self, charge: Charge, day: date) -> None:
        self.found.credit += charge.amount
        charge.settled_on = None
        self._give_grace(charge, day)
        if self.found.standing is Standing.CANCELLED:
            charge.written_off_on = day
        else:
            insort(self._open, charge, key=lambda one: one.due_on)

    # --- 3. the charge of a month ---

    def _charge(self, day: date) -> None:
        month = day.replace(day=1)
        if month in self._charged:
            return
        charge = Charge(day, self._kept_prices.get(month) or self._price(day), month)
        self._give_grace(charge, day)
        self._charged.add(month)
        self.found.charges.append(charge)
        self._open.append(charge)

    def _give_grace(self, charge: Charge, day: date) -> None:
        charge.grace_ends_on = day + timedelta(days=self._terms(day).grace_days)
        heappush(self._days, charge.grace_ends_on + timedelta(days=1))

    def _price(self, day: date) -> Decimal:
        holding = [one.amount for one in self._prices if one.since <= day]
        if not holding:
            raise RuleBroken(f"No hay un precio vigente el {day}. Agrega el que regía ese día.", code="price_missing")
        return holding[-1]

    # --- 4. settling ---

    def _settle(self, day: date) -> None:
        self._pay_oldest(day)
        if self.found.standing is Standing.AWAITING_PAYMENT and not self._open:
            first = self.found.charges[0]
            first.period = day.replace(day=1) if self._pays_this_month(day) else first_of_next_month(day)
            self._charged.add(first.period)
            self._begin_cover(day)
        elif self.found.standing is Standing.SUSPENDED and not self._open:
            self._begin_cover(day)
            if self._pays_this_month(day):
                self._charge(day)
                self._pay_oldest(day)

    def _pay_oldest(self, day: date) -> None:
        while self._open and self._open[0].amount <= self.found.credit:
            charge = self._open.pop(0)
            self.found.credit -= charge.amount
            charge.settled_on = day
            self._settled.append(charge)

    def _pays_this_month(self, day: date) -> bool:
        return day.day <= self._terms(day).month_until_day

    def _begin_cover(self, day: date) -> None:
        self.found.standing = Standing.ACTIVE
        if self.found.cover and self.found.cover[-1][1] == day:  # suspended this very morning
            self.found.cover[-1] = (self.found.cover[-1][0], None)
            self.found.steps.pop()
        else:
            self.found.cover.append((day, None))
            self.found.steps.append((day, Standing.ACTIVE))

    def _next_due(self, on: date) -> date:
        due_on = first_of_next_month(on)
        while due_on in self._charged:
            due_on = first_of_next_month(due_on)
        return due_on
