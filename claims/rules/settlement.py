"""What of a family's expense is paid: deductible, coaseguro and sum insured of a bucket, line by line (domain 6). Pure.

A line gets its bucket's figures after it minus those before it. So the order of claims changes no total, rounding never
piles up, and no figure is negative: the figures of a bucket only grow with what it covers. Amounts are pesos.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from memberships.rules.policies import Scope
from portal.errors import RuleBroken
from portal.money import ZERO, apply_rate

_PESOS = "MXN"


class Reason(StrEnum):
    """Why a line covers nothing of what was decided; NONE where it does."""

    NONE = ""
    OUTSIDE_POLICY = "outside_policy"


@dataclass(frozen=True, slots=True)
class YearTerms:
    """A policy year, half-open, with its coverage's terms: `coaseguro` is a fraction, no cap or sum is None."""

    since: date
    until: date
    deductible: Decimal
    coaseguro: Decimal
    coaseguro_cap: Decimal | None = None
    sum_insured: Decimal | None = None

    def holds(self, day: date) -> bool:
        """Whether a day lies in the year."""
        return self.since <= day < self.until


@dataclass(frozen=True, slots=True)
class Kept:
    """The terms under which a bucket was first booked: what comes later is shared by them, whatever the year says."""

    deductible: Decimal
    coaseguro: Decimal
    coaseguro_cap: Decimal | None
    sum_insured: Decimal | None


@dataclass(frozen=True, slots=True)
class Line:
    """One expense by its service day. `covered` is all that is covered now, what was settled before included."""

    on: date
    claimed: Decimal
    covered: Decimal
    already: Decimal = ZERO
    in_force: bool = True  # the person's coverage, that day


@dataclass(frozen=True, slots=True)
class Expense:
    """A claim's lines, all of one person and condition; `began_on` is asked where the scope is the condition."""

    claim: str
    person: str
    condition: str
    began_on: date | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was covered and who bears it: covered = deductible + coaseguro + over_limit + paid."""

    covered: Decimal = ZERO
    deductible: Decimal = ZERO
    coaseguro: Decimal = ZERO
    over_limit: Decimal = ZERO
    paid: Decimal = ZERO

    def __add__(self, other: Figures) -> Figures:
        return self._with(other, 1)

    def __sub__(self, other: Figures) -> Figures:
        return self._with(other, -1)

    def _with(self, other: Figures, sign: int) -> Figures:
        return Figures(
            self.covered + sign * other.covered,
            self.deductible + sign * other.deductible,
            self.coaseguro + sign * other.coaseguro,
            self.over_limit + sign * other.over_limit,
            self.paid + sign * other.paid,
        )


NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class Settled:
    """A line or a claim: claimed = already + covered + not_covered."""

    claimed: Decimal
    already: Decimal
    not_covered: Decimal
    figures: Figures
    reason: Reason = Reason.NONE
    # Of a line alone: where it counts, and by which terms; None outside every policy year.
    bucket: Bucket | None = field(default=None, compare=False)
    terms: YearTerms | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SettledExpense:
    """A claim with its lines in their order."""

    claim: str
    total: Settled
    lines: tuple[Settled, ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Who and what shares one deductible; "" or None for what the scope has not."""

    person: str
    condition: str
    year: date | None

    @property
    def order(self) -> tuple[str, str, date]:
        """Person, condition, year."""
        return self.person, self.condition, self.year or date.min


@dataclass(slots=True)
class Settlement:
    """Claims in order of arrival, and every bucket that covered something."""

    expenses: list[SettledExpense] = field(default_factory=list)
    accumulators: dict[Bucket, Figures] = field(default_factory=dict)


def figures_of(terms: YearTerms, covered: Decimal) -> Figures:
    """Says who bears what of all that a bucket covers: deductible, then coaseguro up to its cap, then the sum insured.

    D = min(C, deductible); K = min(half-up(rate × (C − D)), cap); paid = min(C − D − K, sum insured).
    """
    deductible = min(covered, terms.deductible)
    coaseguro = apply_rate(covered - deductible, terms.coaseguro, _PESOS)
    if terms.coaseguro_cap is not None:
        coaseguro = min(coaseguro, terms.coaseguro_cap)
    left = covered - deductible - coaseguro
    paid = left if terms.sum_insured is None else min(left, terms.sum_insured)
    return Figures(covered, deductible, coaseguro, left - paid, paid)


def settle(
    scope: Scope,
    years: Iterable[YearTerms],
    expenses: Iterable[Expense],
    *,
    before: Mapping[Bucket, Figures] | None = None,
    kept: Mapping[Bucket, Kept] | None = None,
) -> Settlement:
    """Settles claims in order of arrival against the policy years of one coverage (domain 6).

    `before`: what the buckets hold already; `kept`: by which terms, so that a year added afterwards takes
    nothing back from what was booked.

    Raises RuleBroken for years that end before they begin or overlap, for amounts that are negative, more covered than
    claimed, less covered than before, and for a condition told with two beginnings that fall under different terms.
    """
    ordered = sorted(years, key=lambda one: one.since)
    _check_years(ordered)
    desk = _Desk(scope, ordered, kept or {})
    desk.found.accumulators.update(before or {})
    for expense in expenses:
        desk.take(expense)
    desk.found.accumulators = dict(sorted(desk.found.accumulators.items(), key=lambda one: one[0].order))
    return desk.found


class _Desk:
    """The buckets of one coverage while claims arrive."""

    def __init__(self, scope: Scope, years: Sequence[YearTerms], kept: Mapping[Bucket, Kept]) -> None:
        self._scope, self._years, self._kept = scope, years, kept
        self._terms: dict[Bucket, YearTerms] = {}
        self.found = Settlement()

    def take(self, expense: Expense) -> None:
        lines = tuple(self._line(expense, line) for line in expense.lines)
        self.found.expenses.append(SettledExpense(expense.claim, _total(lines), lines))

    def _line(self, expense: Expense, line: Line) -> Settled:
        _check_line(line)
        year = next((one for one in self._years if one.holds(line.on)), None)
        if year is None or not line.in_force:
            not_covered = line.claimed - line.already
            return Settled(line.claimed, line.already, not_covered, NOTHING, Reason.OUTSIDE_POLICY)
        bucket, terms = self._bucket(expense, year)
        if (kept := self._kept.get(bucket)) is not None:
            told = (kept.deductible, kept.coaseguro, kept.coaseguro_cap, kept.sum_insured)
            terms = YearTerms(terms.since, terms.until, *told)
        share = self._share(bucket, terms, line.covered - line.already)
        not_covered = line.claimed - line.covered
        return Settled(line.claimed, line.already, not_covered, share, bucket=bucket, terms=terms)

    def _share(self, bucket: Bucket, terms: YearTerms, covered: Decimal) -> Figures:
        """What the bucket's figures grow by."""
        before = self.found.accumulators.get(bucket, NOTHING)
        after = figures_of(terms, before.covered + covered)
        if after.covered:
            self.found.accumulators[bucket] = after
        return after - before

    def _bucket(self, expense: Expense, year: YearTerms) -> tuple[Bucket, YearTerms]:
        if self._scope is Scope.PERSON_YEAR:
            return Bucket(expense.person, "", year.since), year
        if self._scope is Scope.CONDITION_YEAR:
            return Bucket(expense.person, expense.condition, year.since), year
        bucket, terms = Bucket(expense.person, expense.condition, None), self._of_condition(expense)
        if _as_kept(self._terms.setdefault(bucket, terms)) != _as_kept(terms):
            raise RuleBroken(
                f"El padecimiento «{expense.condition[:40]}» trae dos fechas de inicio. Deja una sola.",
                code="condition_began_twice",
            )
        return bucket, terms

    def _of_condition(self, expense: Expense) -> YearTerms:
        """The year in which the condition began; the earliest known when it began in none of them."""
        began = expense.began_on
        return next((one for one in self._years if began and one.holds(began)), self._years[0])


def _as_kept(terms: YearTerms) -> Kept:
    return Kept(terms.deductible, terms.coaseguro, terms.coaseguro_cap, terms.sum_insured)


def _total(lines: Sequence[Settled]) -> Settled:
    return Settled(
        sum((one.claimed for one in lines), ZERO),
        sum((one.already for one in lines), ZERO),
        sum((one.not_covered for one in lines), ZERO),
        sum((one.figures for one in lines), NOTHING),
    )


def _check_years(years: Sequence[YearTerms]) -> None:
    if reversed_ := next((one for one in years if one.until <= one.since), None):
        raise RuleBroken(
            f"El año de póliza que empieza el {reversed_.since} no termina después. Revisa sus dos fechas.",
            code="year_reversed",
        )
    for one, following in zip(years, years[1:], strict=False):
        if following.since < one.until:
            raise RuleBroken(
                f"Dos años de póliza se enciman desde el {following.since}. Deja cada día en uno solo.",
                code="years_overlap",
            )
    amounts = [[one.deductible, one.coaseguro, one.coaseguro_cap or ZERO, one.sum_insured or ZERO] for one in years]
    if any(amount < 0 for row in amounts for amount in row) or any(one.coaseguro > 1 for one in years):
        raise RuleBroken(
            "Un término de la póliza es negativo, o el coaseguro pasa de 1. Revisa deducible, coaseguro, tope y suma.",
            code="terms_out_of_range",
        )


_TOLD: Mapping[str, str] = {
    "amount_negative": "Un importe es negativo. Escribe importes desde cero.",
    "covered_over_claimed": "Se cubre más de lo que se reclama. Revisa los dos importes.",
    "already_over_covered": "Lo ya cubierto pasa de lo que se cubre ahora: una decisión solo se aumenta. Revísalos.",
}


def _check_line(line: Line) -> None:
    wrong = {
        "amount_negative": min(line.claimed, line.covered, line.already) < 0,
        "covered_over_claimed": line.covered > line.claimed,
        "already_over_covered": line.already > line.covered,
    }
    if code := next((code for code, holds in wrong.items() if holds), ""):
        raise RuleBroken(_TOLD[code], code=code)
