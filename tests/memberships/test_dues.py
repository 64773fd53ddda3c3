"""Dues and standing (domain 2.11) against a walk over every single day, written apart from the product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberships import selectors
from memberships.rules.dues import Dues, DuesTerms, Payment, Price, Standing, dues_on, first_of_next_month
from portal import clock
from portal.errors import RuleBroken
from portal.rulebook import rules, services
from tests.factories.people import administrator

SHIPPED = DuesTerms(30, 2, 10, 90, 15)
DAY, JOINED, FEE = timedelta(days=1), date(2027, 3, 1), Decimal("480.00")
PRICES = [Price(date(2021, 1, 1), FEE)]


def shipped(_day: date) -> DuesTerms:
    return SHIPPED


def stand(
    on: str | date,
    *payments: tuple[str, str] | tuple[str, str, str],
    joined: date = JOINED,
    cancel: str = "",
    prices: list[Price] = PRICES,
    terms: Callable[[date], DuesTerms] = shipped,
) -> Dues:
    """How it stands; payments as (day, amount[, taken back]) of 2027."""
    told = [Payment(day(one[0]), Decimal(one[1]), day(one[2]) if len(one) > 2 else None) for one in payments]
    asked = day(cancel) if cancel else None
    return dues_on(joined_on=joined, prices=prices, payments=told, cancel_asked_on=asked, on=day(on), terms=terms)


def day(text: str | date) -> date:
    return text if isinstance(text, date) else date.fromisoformat(f"2027-{text}")


def told(found: Dues) -> tuple[str, list[str], str, str, list[str], str]:
    """State, charges as due:settled|written off, credit, owed, cover, next due day; days without their year."""
    charges = [
        f"{one.due_on:%m-%d}:"
        + (f"{one.settled_on:%m-%d}" if one.settled_on else "")
        + (f"x{one.written_off_on:%m-%d}" if one.written_off_on else "")
        for one in found.charges
    ]
    cover = [f"{since:%m-%d}/" + (f"{until:%m-%d}" if until else "") for since, until in found.cover]
    due = f"{found.next_due_on:%m-%d}" if found.next_due_on else ""
    return str(found.standing), charges, str(found.credit), str(found.owed), cover, due


ONE = ("03-01", "480.00")
FIRST = "03-01:03-01"
CASES: list[tuple[str, tuple[Any, ...], str, tuple[Any, ...]]] = [
    # the worked case of domain 2.11: joined and paid on 1 March
    ("05-11", (ONE,), "", ("active", [FIRST, "04-01:", "05-01:"], "0.00", "960.00", ["03-01/"], "06-01")),
    ("05-12", (ONE,), "", ("suspended", [FIRST, "04-01:", "05-01:"], "0.00", "960.00", ["03-01/05-12"], "")),
    ("08-10", (ONE,), "", ("cancelled", [FIRST, "04-01:x08-10", "05-01:x08-10"], "0.00", "0.00", ["03-01/05-12"], "")),
    # 700.00 dated 11 May, the last day of grace: never suspended, whenever it was known
    (
        "05-31",
        (ONE, ("05-11", "700.00")),
        "",
        ("active", [FIRST, "04-01:05-11", "05-01:"], "220.00", "480.00", ["03-01/"], "06-01"),
    ),
    # dated 15 June: cover from that day, June charged that day and settled by what is left
    (
        "06-15",
        (ONE, ("06-15", "1440.00")),
        "",
        (
            "active",
            [FIRST, "04-01:06-15", "05-01:06-15", "06-15:06-15"],
            "0.00",
            "0.00",
            ["03-01/05-12", "06-15/"],
            "07-01",
        ),
    ),
    # dated 16 June: next due 1 July
    (
        "06-30",
        (ONE, ("06-16", "1440.00")),
        "",
        ("active", [FIRST, "04-01:06-16", "05-01:06-16"], "480.00", "0.00", ["03-01/05-12", "06-16/"], "07-01"),
    ),
    # paid on the very morning of the suspension: cover never stopped
    (
        "05-12",
        (ONE, ("05-12", "960.00")),
        "",
        ("active", [FIRST, "04-01:05-12", "05-01:05-12"], "0.00", "0.00", ["03-01/"], "06-01"),
    ),
    # one of the two is not enough to come back
    (
        "05-20",
        (ONE, ("05-19", "480.00")),
        "",
        ("suspended", [FIRST, "04-01:05-19", "05-01:"], "0.00", "480.00", ["03-01/05-12"], ""),
    ),
    # cancelling: awaiting, suspended and on the morning of a suspension at once; active at the end of the month
    ("03-09", (), "03-09", ("cancelled", ["03-01:x03-09"], "0.00", "0.00", [], "")),
    (
        "05-13",
        (ONE,),
        "05-13",
        ("cancelled", [FIRST, "04-01:x05-13", "05-01:x05-13"], "0.00", "0.00", ["03-01/05-12"], ""),
    ),
    (
        "05-12",
        (ONE,),
        "05-12",
        ("cancelled", [FIRST, "04-01:x05-12", "05-01:x05-12"], "0.00", "0.00", ["03-01/05-12"], ""),
    ),
    ("03-31", (ONE,), "03-02", ("active", [FIRST], "0.00", "0.00", ["03-01/"], "")),
    ("04-01", (ONE,), "03-02", ("cancelled", [FIRST], "0.00", "0.00", ["03-01/04-01"], "")),
    ("05-01", (ONE,), "04-01", ("cancelled", [FIRST, "04-01:x05-01"], "0.00", "0.00", ["03-01/05-01"], "")),
    # asked while active, suspended before it takes effect
    (
        "06-01",
        (ONE,),
        "05-11",
        ("cancelled", [FIRST, "04-01:x06-01", "05-01:x06-01"], "0.00", "0.00", ["03-01/05-12"], ""),
    ),
    # a request of a later day is not asked yet; one after the end changes nothing
    ("03-31", (ONE,), "04-01", ("active", [FIRST], "0.00", "0.00", ["03-01/"], "04-01")),
    ("04-30", (), "04-15", ("cancelled", ["03-01:x03-31"], "0.00", "0.00", [], "")),
    # taken back: from its own day on; the last settled opens first, and one more if that is not enough
    (
        "04-05",
        (ONE, ("04-01", "480.00", "04-05")),
        "",
        ("active", [FIRST, "04-01:"], "0.00", "480.00", ["03-01/"], "05-01"),
    ),
    (
        "04-05",
        (("03-01", "960.00", "04-05"),),
        "",
        ("active", ["03-01:", "04-01:"], "0.00", "960.00", ["03-01/"], "05-01"),
    ),
    (
        "04-16",
        (("03-01", "960.00", "04-05"),),
        "",
        ("suspended", ["03-01:", "04-01:"], "0.00", "960.00", ["03-01/04-16"], ""),
    ),
    (
        "04-04",
        (("03-01", "960.00", "04-05"),),
        "",
        ("active", [FIRST, "04-01:04-01"], "0.00", "0.00", ["03-01/"], "05-01"),
    ),
    # … settled again by other money, oldest first
    (
        "04-20",
        (("03-01", "960.00", "04-05"), ("04-20", "480.00")),
        "",
        ("suspended", ["03-01:04-20", "04-01:"], "0.00", "480.00", ["03-01/04-16"], ""),
    ),
    # … of a cancelled membership it is written off that day
    (
        "06-09",
        (ONE, ("04-01", "480.00", "06-09")),
        "04-02",
        ("cancelled", [FIRST, "04-01:x06-09"], "0.00", "0.00", ["03-01/05-01"], ""),
    ),
    # what came and went on one day is nothing
    ("03-31", (("03-02", "480.00", "03-02"),), "", ("cancelled", ["03-01:x03-31"], "0.00", "0.00", [], "")),
]


@pytest.mark.parametrize(("on", "payments", "cancel", "right"), CASES)
def test_a_membership_stands_as_the_text_says(on: str, payments: Any, cancel: str, right: Any) -> None:
    assert told(stand(on, *payments, cancel=cancel)) == right


def test_what_is_paid_after_the_15th_is_the_next_months_and_not_charged_twice() -> None:
    found = stand("02-20", ("02-16", "480.00"), joined=date(2027, 2, 10))
    assert (found.charges[0].period, found.next_due_on) == (date(2027, 3, 1), date(2027, 4, 1))
    assert [one.due_on.month for one in stand("04-01", ("02-16", "480.00"), joined=date(2027, 2, 10)).charges] == [2, 4]
    assert first_of_next_month(date(2027, 12, 31)) == date(2028, 1, 1)


def test_each_number_is_that_of_the_day_from_which_it_counts() -> None:
    """A longer grace, published for 1 May, changes nothing for the charge of April."""
    longer = DuesTerms(30, 2, 20, 90, 15)
    found = stand("05-20", ONE, terms=lambda on: longer if on >= date(2027, 5, 1) else SHIPPED)
    assert [one.grace_ends_on for one in found.charges] == [None, date(2027, 4, 11), date(2027, 5, 21)]
    assert found.standing is Standing.ACTIVE
    stricter = DuesTerms(30, 1, 10, 90, 15)
    found = stand("04-25", ONE, terms=lambda on: stricter if on >= date(2027, 4, 20) else SHIPPED)
    assert found.cover == [(JOINED, date(2027, 4, 20))], "one is enough from that day on"


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("before_joining", lambda: stand("02-28")),
        ("before_joining", lambda: stand("03-02", ("02-28", "1.00"))),
        ("before_joining", lambda: stand("03-02", cancel="02-28")),
        ("taken_back_early", lambda: stand("03-02", ("03-02", "1.00", "03-01"))),
        ("amount_not_positive", lambda: stand("03-02", ("03-02", "0.00"))),
        ("price_twice", lambda: stand("03-02", prices=[*PRICES, *PRICES])),
        ("price_missing", lambda: stand("03-02", prices=[Price(date(2027, 3, 2), FEE)])),
    ],
)
def test_what_cannot_have_been_is_refused_with_its_cure(code: str, act: Callable[[], Dues]) -> None:
    with pytest.raises(RuleBroken) as refused:
        act()
    assert refused.value.code == code and refused.value.finding.cure


@pytest.mark.django_db
def test_the_numbers_come_from_the_rulebook_of_their_day() -> None:
    assert selectors.dues_terms(date(2027, 3, 1)) == SHIPPED
    day_of_change = clock.today() + DAY
    draft = replace(rules.SHIPPED["dues.grace_days"], value=12, valid_from=day_of_change)
    services.publish_rule(draft=draft, reason="Se acordó.", by=administrator(), at=clock.now())
    assert [selectors.dues_terms(on).grace_days for on in (day_of_change - DAY, day_of_change)] == [10, 12]
    with pytest.raises(RuleBroken, match="No hay una regla vigente"):
        selectors.dues_terms(date(1999, 1, 1))


# --- every single day, apart from the product ------------------------------------------------------------------------


def month_after(on: date) -> date:
    return date(on.year + on.month // 12, on.month % 12 + 1, 1)


class EveryDay:
    """Domain 2.11 step by step, one day after the other, nothing clever."""

    def __init__(self, joined: date, prices: list[Price], payments: list[Payment], cancel: date | None) -> None:
        self.joined, self.prices, self.payments, self.cancel = joined, prices, payments, cancel
        self.state, self.since, self.ending, self.credit = "awaiting_payment", joined, False, Decimal(0)
        self.rows: list[dict[str, Any]] = [{"due": joined, "amount": self.price(joined), "month": None, "grace": None}]
        self.rows[0] |= {"paid": None, "off": None, "turn": 0}
        self.covered: list[date] = []  # days that end covered
        self.turns = 0

    def price(self, on: date) -> Decimal:
        return max((one for one in self.prices if one.since <= on), key=lambda one: one.since).amount

    def unsettled(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if not row["paid"] and not row["off"]]

    def live(self, on: date) -> None:
        self.morning(on)
        self.money(on)
        if self.state == "active" and on.day == 1:
            self.charge(on)
        self.evening(on)
        if self.state == "active":
            self.covered.append(on)

    def morning(self, on: date) -> None:
        late = [row for row in self.unsettled() if row["grace"] and on > row["grace"]]
        if self.state == "awaiting_payment" and (on - self.joined).days == 30:
            self.end(on)
        elif self.state == "active" and len(late) >= 2:
            self.state, self.since = "suspended", on
        elif self.state == "suspended" and (on - self.since).days == 90:
            self.end(on)
        if self.ending and on.day == 1:
            self.end(on)
        if on == self.cancel and self.state == "active":
            self.ending = True
        elif on == self.cancel:
            self.end(on)

    def end(self, on: date) -> None:
        self.state = "cancelled"
        for row in self.unsettled():
            row["off"] = on

    def money(self, on: date) -> None:
        self.credit += sum(one.amount for one in self.payments if one.on == on)
        self.credit -= sum(one.amount for one in self.payments if one.taken_back_on == on)
        while self.credit < 0:
            last = max((row for row in self.rows if row["paid"]), key=lambda row: row["turn"])
            self.credit += last["amount"]
            last |= {"paid": None, "grace": on + 10 * DAY, "off": on if self.state == "cancelled" else None}

    def charge(self, on: date) -> None:
        month = on.replace(day=1)
        if month not in [row["month"] for row in self.rows]:
            row = {
                "due": on,
                "amount": self.price(on),
                "month": month,
                "grace": on + 10 * DAY,
                "paid": None,
                "off": None,
            }
            self.rows.append(row)

    def evening(self, on: date) -> None:
        for row in sorted(self.unsettled(), key=lambda row: row["due"]):
            if row["amount"] > self.credit:
                break
            self.credit -= row["amount"]
            self.turns += 1
            row |= {"paid": on, "turn": self.turns}
        if self.unsettled():
            return
        if self.state == "awaiting_payment":
            self.rows[0]["month"] = on.replace(day=1) if on.day <= 15 else month_after(on)
            self.state = "active"
        elif self.state == "suspended":
            self.state = "active"
            if on.day <= 15 and on.replace(day=1) not in [row["month"] for row in self.rows]:
                self.charge(on)
                self.evening(on)

    def next_due(self, on: date) -> date | None:
        if self.state != "active" or (self.cancel and self.cancel <= on):
            return None
        due = month_after(on)
        return due if due not in [row["month"] for row in self.rows] else month_after(due)


AMOUNTS = [Decimal(one) for one in ("100.00", "480.00", "505.50", "700.00", "960.00", "1440.00", "2000.00")]


@st.composite
def lives(draw: st.DrawFn) -> dict[str, Any]:
    joined = date(2027, 1, 1) + draw(st.integers(0, 420)) * DAY
    offsets, amounts = st.integers(0, 330), st.sampled_from(AMOUNTS)
    payments = []
    for at, amount, back in draw(st.lists(st.tuples(offsets, amounts, st.none() | st.integers(0, 120)), max_size=7)):
        payments.append(Payment(joined + at * DAY, amount, joined + (at + back) * DAY if back is not None else None))
    if draw(st.booleans()):
        payments.append(Payment(joined + draw(st.integers(0, 3)) * DAY, Decimal("480.00")))
    change = joined + draw(offsets) * DAY
    prices = [*PRICES, *([Price(change, Decimal("505.50"))] if draw(st.booleans()) else [])]
    cancel = joined + draw(st.integers(0, 400)) * DAY if draw(st.integers(0, 3)) == 0 else None
    days = draw(st.integers(0, 420))
    return {
        "joined_on": joined,
        "prices": prices,
        "payments": payments,
        "cancel_asked_on": cancel,
        "on": joined + days * DAY,
    }


@settings(max_examples=100, deadline=None)
@given(life=lives(), mixed=st.randoms(use_true_random=False))
def test_any_life_stands_as_a_walk_over_every_day_says_whatever_the_order_of_its_payments(
    life: Any, mixed: Any
) -> None:
    walk = EveryDay(life["joined_on"], life["prices"], life["payments"], life["cancel_asked_on"])
    for offset in range((life["on"] - life["joined_on"]).days + 1):
        walk.live(life["joined_on"] + offset * DAY)
    mixed.shuffle(life["payments"])
    found = dues_on(**life, terms=shipped)
    assert str(found.standing) == walk.state and found.credit == walk.credit >= 0
    assert [(one.period, one.due_on, one.grace_ends_on, one.amount) for one in found.charges] == [
        (row["month"], row["due"], row["grace"], row["amount"]) for row in walk.rows
    ]
    assert [(one.settled_on, one.written_off_on) for one in found.charges] == [
        (row["paid"], row["off"]) for row in walk.rows
    ]
    covered = [
        since + n * DAY for since, until in found.cover for n in range(((until or life["on"] + DAY) - since).days)
    ]
    assert covered == walk.covered and found.next_due_on == walk.next_due(life["on"])
    assert found.owed == sum(row["amount"] for row in walk.unsettled())


def test_any_order_of_arrival_ends_alike_and_what_is_known_late_recomputes_the_past() -> None:
    payments = [ONE, ("04-09", "480.00"), ("05-11", "700.00"), ("06-30", "300.00", "07-02")]
    assert len({str(told(stand("07-20", *order))) for order in permutations(payments)}) == 1
    assert stand("05-12", *payments[:1]).standing is Standing.SUSPENDED, "as far as was known that day"
    assert stand("07-12", *payments).cover == [(JOINED, None)], "and never was, once the deposits came"
