"""Settlement (domain 6): worked cases, what is refused, and what holds of every family and every order of arrival."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.rules.settlement import Expense, Figures, Line, Reason, Scope, Settlement, YearTerms, figures_of, settle
from portal.errors import RuleBroken

FIRST, SECOND, END = date(2026, 6, 1), date(2027, 6, 1), date(2028, 6, 1)
CENT = Decimal("0.01")


def money(text: str) -> Decimal:
    return Decimal(text).quantize(CENT)


def year(deductible: str, rate: str, cap: str | None = None, insured: str | None = None, **more: Any) -> YearTerms:
    limits = [None if one is None else money(one) for one in (cap, insured)]
    return replace(YearTerms(FIRST, SECOND, money(deductible), Decimal(rate), *limits), **more)


def line(covered: str, on: date = FIRST, **more: Any) -> Line:
    return replace(Line(on, money(covered), money(covered)), **more)


def expense(*lines: Line, condition: str = "K35", began: date | None = FIRST, claim: str = "RB-1") -> Expense:
    return Expense(claim, "Iván", condition, began, lines)


def told(found: Figures) -> tuple[str, ...]:
    return tuple(f"{one:.2f}" for one in (found.deductible, found.coaseguro, found.over_limit, found.paid))


@pytest.mark.parametrize(
    ("terms", "covered", "wanted"),
    [
        (year("15000", "0.10"), "150000", ("15000.00", "13500.00", "0.00", "121500.00")),
        (year("10000", "0.10", "20000"), "100000", ("10000.00", "9000.00", "0.00", "81000.00")),
        (year("10000", "0.20", "30000", "100000"), "200000", ("10000.00", "30000.00", "60000.00", "100000.00")),
        (year("500", "1"), "600", ("500.00", "100.00", "0.00", "0.00")),
        (year("500", "0.10"), "499.99", ("499.99", "0.00", "0.00", "0.00")),
        (year("0", "0.10", None, "0"), "10", ("0.00", "1.00", "9.00", "0.00")),
        (year("0", "0.10", "0"), "10", ("0.00", "0.00", "0.00", "10.00")),
    ],
)
def test_domain_6_the_figures_of_a_bucket(terms: YearTerms, covered: str, wanted: tuple[str, ...]) -> None:
    assert told(figures_of(terms, money(covered))) == wanted


def test_domain_6_four_lines_of_five_cents_never_pile_up() -> None:
    found = settle(Scope.PERSON_YEAR, [year("0", "0.10")], [expense(*[line("0.05")] * 4)])
    assert [str(one.figures.coaseguro) for one in found.expenses[0].lines] == ["0.01", "0.00", "0.01", "0.00"]


def test_a_day_without_the_persons_coverage_covers_nothing_outside_policy() -> None:
    lines = [line("100", in_force=False), line("100", END), line("100", FIRST - timedelta(days=1)), line("100", FIRST)]
    found = settle(Scope.CONDITION_YEAR, [year("0", "0"), year("0", "0", since=SECOND, until=END)], [expense(*lines)])
    (one,) = found.expenses
    assert [line.reason for line in one.lines] == [Reason.OUTSIDE_POLICY] * 3 + [Reason.NONE]
    assert (one.total.claimed, one.total.not_covered, one.total.figures.paid) == (money("400"), money("300"), 100)
    assert settle(Scope.CONDITION, [], [expense(line("5"))]).accumulators == {}
    assert settle(Scope.CONDITION, [year("0", "0")], [expense(line("0"))]).accumulators == {}


def test_an_appeal_settles_the_difference_alone() -> None:
    again = Line(FIRST, money("5000"), money("4500"), money("2000"))
    found = settle(Scope.CONDITION, [year("1000", "0.10")], [expense(line("2000")), expense(again)])
    assert told(found.expenses[1].total.figures) == ("0.00", "250.00", "0.00", "2250.00")
    assert found.expenses[1].total.not_covered == 500


def test_a_condition_keeps_the_terms_of_the_year_in_which_it_began_or_of_the_earliest() -> None:
    years = [year("900", "0", since=SECOND, until=END), year("100", "0")]
    for began, deductible in ((FIRST, 100), (SECOND, 900), (END, 100), (date(2019, 1, 1), 100), (None, 100)):
        found = settle(Scope.CONDITION, years, [expense(line("1000", SECOND), began=began)])
        assert found.expenses[0].total.figures.deductible == deductible, began


@pytest.mark.parametrize(
    ("years", "expenses", "code"),
    [
        ([year("0", "0", until=FIRST)], [], "year_reversed"),
        ([year("0", "0"), year("0", "0", since=SECOND - timedelta(days=1), until=END)], [], "years_overlap"),
        ([year("0", "1.01")], [], "terms_out_of_range"),
        ([year("-1", "0")], [], "terms_out_of_range"),
        ([year("0", "0", "-1")], [], "terms_out_of_range"),
        ([year("0", "0")], [expense(line("-1"))], "amount_negative"),
        ([year("0", "0")], [expense(line("5", claimed=money("4.99")))], "covered_over_claimed"),
        ([year("0", "0")], [expense(line("5", already=money("5.01")))], "already_over_covered"),
        ([year("0", "0")], [expense(line("5", END, already=money("5.01")))], "already_over_covered"),
        (
            [year("0", "0"), year("1", "0", since=SECOND, until=END)],
            [expense(line("5")), expense(line("5"), began=SECOND)],
            "condition_began_twice",
        ),
    ],
)
def test_what_cannot_be_settled_says_why(years: list[YearTerms], expenses: list[Expense], code: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        settle(Scope.CONDITION, years, expenses)
    assert broken.value.code == code


# --- any family, any order -------------------------------------------------------------------------------------------

AMOUNTS = st.integers(0, 5_000_000).map(lambda cents: Decimal(cents) / 100).map(lambda one: one.quantize(CENT))
MAYBE = st.one_of(st.none(), AMOUNTS)
RATES = st.integers(0, 1_000_000).map(lambda one: Decimal(one) / 1_000_000)
DAYS = st.dates(FIRST - timedelta(days=20), END + timedelta(days=20))
BEGAN = {"K35": FIRST, "J00": SECOND, "C50": date(2019, 2, 2)}


@st.composite
def any_line(draw: Any) -> Line:
    shares = sorted(draw(st.lists(AMOUNTS, min_size=3, max_size=3)))
    return Line(draw(DAYS), shares[2], shares[1], shares[0], draw(st.sampled_from([True, True, True, False])))


@st.composite
def any_expense(draw: Any) -> Expense:
    condition = draw(st.sampled_from(sorted(BEGAN)))
    lines = tuple(draw(st.lists(any_line(), max_size=4)))
    return Expense(draw(st.uuids()).hex, draw(st.sampled_from("AB")), condition, BEGAN[condition], lines)


@st.composite
def any_years(draw: Any) -> list[YearTerms]:
    ends = [(FIRST, SECOND), (SECOND, END)][: draw(st.integers(1, 2))]
    return [YearTerms(since, until, draw(AMOUNTS), draw(RATES), draw(MAYBE), draw(MAYBE)) for since, until in ends]


def independent(terms: YearTerms, covered: Decimal) -> tuple[Decimal, ...]:
    """Who bears what, written apart from the product, in whole cents."""
    cents = int(covered * 100)
    deductible = min(cents, int(terms.deductible * 100))
    borne = int((Decimal(cents - deductible) * terms.coaseguro).quantize(Decimal(1), ROUND_HALF_UP))
    borne = borne if terms.coaseguro_cap is None else min(borne, int(terms.coaseguro_cap * 100))
    left = cents - deductible - borne
    paid = left if terms.sum_insured is None else min(left, int(terms.sum_insured * 100))
    return tuple(Decimal(one) / 100 for one in (deductible, borne, left - paid, paid))


def check_identities(found: Settlement) -> None:
    for one in found.expenses:
        for settled in (one.total, *one.lines):
            figures = settled.figures
            assert settled.claimed == settled.already + figures.covered + settled.not_covered
            check_figures(figures)
            assert min(settled.claimed, settled.already, settled.not_covered) >= 0
    for figures in found.accumulators.values():
        check_figures(figures)
        assert figures.covered > 0


def check_figures(one: Figures) -> None:
    assert one.covered == one.deductible + one.coaseguro + one.over_limit + one.paid
    assert min(one.covered, one.deductible, one.coaseguro, one.over_limit, one.paid) >= 0


def drawn_year(chance: random.Random, since: date, until: date) -> YearTerms:
    cap, insured = (None if chance.random() < 0.3 else cents(chance, 3_000_000) for _limit in range(2))
    return YearTerms(
        since, until, cents(chance, 1_000_000), Decimal(chance.randrange(1_000_001)) / 1_000_000, cap, insured
    )


def cents(chance: random.Random, most: int) -> Decimal:
    return Decimal(chance.randrange(most + 1)).scaleb(-2)


def drawn_line(chance: random.Random) -> Line:
    already, covered, claimed = sorted(cents(chance, 5_000_000) for _amount in range(3))
    day = FIRST + timedelta(days=chance.randrange(-20, 751))
    return Line(day, claimed, covered, already, chance.random() < 0.8)


def drawn_family(seed: int) -> tuple[list[YearTerms], list[Expense], random.Random]:
    """Years, expenses of two people and three illnesses, and the chance that shuffles them."""
    chance = random.Random(seed)
    years = [drawn_year(chance, *ends) for ends in [(FIRST, SECOND), (SECOND, END)][: chance.randint(1, 2)]]
    expenses = []
    for number in range(chance.randint(1, 6)):
        condition, lines = chance.choice(sorted(BEGAN)), [drawn_line(chance) for _line in range(chance.randint(0, 5))]
        expenses.append(Expense(f"RB-{number}", chance.choice("AB"), condition, BEGAN[condition], tuple(lines)))
    return years, expenses, chance


@settings(max_examples=100)
@given(st.sampled_from(list(Scope)), any_years(), st.lists(any_expense(), max_size=4), st.randoms())
def test_any_order_of_claims_gives_the_same_totals_and_nothing_is_negative(
    scope: Scope, years: list[YearTerms], expenses: list[Expense], chance: Any
) -> None:
    settles_alike(scope, years, expenses, chance)


def test_a_thousand_random_families_settle_alike_in_any_order_with_every_identity() -> None:
    """Larger families than those above, each by its seed."""
    for seed in range(1000):
        years, expenses, chance = drawn_family(seed)
        settles_alike(chance.choice(list(Scope)), years, expenses, chance)


def settles_alike(scope: Scope, years: list[YearTerms], expenses: list[Expense], chance: Any) -> None:
    """Domain 6: identities of line, claim and bucket, nothing negative, the same totals in any order of arrival."""
    found = settle(scope, years, expenses)
    check_identities(found)
    orders = [expenses[::-1], *(chance.sample(expenses, len(expenses)) for _order in range(4))]
    claimed = {one.claim: one.total.claimed for one in found.expenses}
    for order in orders:
        again = settle(scope, years[::-1], order)
        assert again.accumulators == found.accumulators, (years, order)
        assert {one.claim: one.total.claimed for one in again.expenses} == claimed
    assert list(found.accumulators) == sorted(found.accumulators, key=lambda one: one.order)
    if scope is not Scope.CONDITION:
        for bucket, figures in found.accumulators.items():
            (terms,) = [one for one in years if one.since == bucket.year]
            wanted = independent(terms, figures.covered)
            assert (figures.deductible, figures.coaseguro, figures.over_limit, figures.paid) == wanted
