"""Who bears what of a claim: its lines against the person's accumulators, which a final decision moves (domain 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from claims import selectors
from claims.models import Accumulator, AccumulatorEntry, Claim, ClaimLine, Decision, DecisionLine
from claims.models.shared import CURRENCY, SHARES
from claims.rules.deciding import Told, Why, total_of
from claims.rules.kinds import Kind
from claims.rules.scheduled import AtHospital, at_hospital
from claims.rules.settlement import (
    NOTHING,
    Bucket,
    Expense,
    Figures,
    Kept,
    Line,
    Settled,
    Settlement,
    YearTerms,
    settle,
)
from memberships import selectors as memberships
from portal.design import dates
from portal.errors import RuleBroken
from portal.money import ZERO, format_money, format_rate
from portal.prepared import insert_all
from portal.rulebook.rules import Explanation

if TYPE_CHECKING:
    from memberships.models import PlanCoverage
    from memberships.rules.policies import Scope


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Every line of a claim settled, in order, and what they come to; `why` of a line outside the policy says so."""

    lines: tuple[tuple[ClaimLine, Told, Settled, str], ...]
    total: Settled
    buckets: Mapping[Bucket, Figures]
    before: Mapping[Bucket, Figures]


def reckon(claim: Claim, told: Mapping[int, Told]) -> Reckoned:
    """What a decision would come to now: `told` by line number. Nothing is locked and nothing moves."""
    return _reckon(claim, told, {})


def reckon_final(claim: Claim, told: Mapping[int, Told]) -> tuple[Reckoned, dict[Bucket, Accumulator]]:
    """The same with the accumulators it moves held, in the order of their keys: two decisions follow each other."""
    first = _reckon(claim, told, {})
    terms = {one.bucket: one.terms for _line, _told, one, _why in first.lines if one.bucket and one.terms}
    held = {bucket: _hold(claim, bucket, terms[bucket]) for bucket in sorted(first.buckets, key=lambda one: one.order)}
    return _reckon(claim, told, held), held


def _reckon(claim: Claim, told: Mapping[int, Told], held: Mapping[Bucket, Accumulator]) -> Reckoned:
    lines = [one for one in claim.lines.order_by("number") if one.number in told]
    scope, years = terms_in(claim.coverage)
    standing = held or _standing(claim)
    before = {bucket: _figures(row) for bucket, row in standing.items()}
    kept = {bucket: _kept(row) for bucket, row in standing.items() if row.covered}
    expense = _expense(claim, lines, told)
    found: Settlement = settle(scope, years, [expense], before=before, kept=kept)
    settled = found.expenses[0].lines
    rows = tuple(
        (line, told[line.number], one, str(Why.OUTSIDE_POLICY) if one.reason else told[line.number].why)
        for line, one in zip(lines, settled, strict=True)
    )
    moved = {one.bucket for one in settled if one.bucket is not None and one.figures.covered}
    after = {bucket: found.accumulators[bucket] for bucket in moved}
    return Reckoned(rows, total_of(settled), after, before)


def terms_in(coverage: PlanCoverage) -> tuple[Scope, list[YearTerms]]:
    """What shares a deductible in a coverage, and its years as settlement takes them."""
    scope, years = memberships.terms_of(coverage)
    return scope, [
        YearTerms(
            one.since,
            one.until,
            one.terms.deductible,
            one.terms.coaseguro,
            one.terms.coaseguro_cap,
            one.terms.sum_insured,
        )
        for one in years
    ]


def _expense(claim: Claim, lines: Sequence[ClaimLine], told: Mapping[int, Told]) -> Expense:
    in_force = {day: _is_in_force(claim, day) for day in {one.on for one in lines}}
    before = selectors.covered_before(claim)
    return Expense(
        claim=str(claim.pk),
        person=str(claim.affected_id),
        condition=str(claim.condition_id or ""),
        began_on=claim.condition.began_on if claim.condition else None,
        lines=tuple(
            Line(
                one.on,
                one.claimed,
                told[one.number].covered,
                before.get(one.number, ZERO),
                in_force=in_force[one.on],
            )
            for one in lines
        ),
    )


def _is_in_force(claim: Claim, day: date) -> bool:
    return claim.coverage_id in {one.pk for one in memberships.coverages_on(claim.affected, day)}


def _standing(claim: Claim) -> dict[Bucket, Accumulator]:
    rows = Accumulator.objects.filter(person=claim.affected_id, coverage=claim.coverage_id)
    return {_bucket(row): row for row in rows}


def _bucket(row: Accumulator) -> Bucket:
    return Bucket(str(row.person_id), str(row.condition_id or ""), row.year)


def _figures(row: Accumulator) -> Figures:
    return Figures(*(getattr(row, name) for name in SHARES))


def _kept(row: Accumulator) -> Kept:
    return Kept(row.of_deductible, row.of_rate, row.of_coaseguro_cap, row.of_sum_insured)


def _hold(claim: Claim, bucket: Bucket, terms: YearTerms) -> Accumulator:
    key: dict[str, Any] = {
        "person_id": claim.affected_id,
        "coverage_id": claim.coverage_id,
        "condition_id": bucket.condition or None,
        "year": bucket.year,
    }
    first = {
        "of_deductible": terms.deductible,
        "of_rate": terms.coaseguro,
        "of_coaseguro_cap": terms.coaseguro_cap,
        "of_sum_insured": terms.sum_insured,
    }
    Accumulator.objects.bulk_create([Accumulator(**key, **first)], ignore_conflicts=True)
    held = Accumulator.objects.select_for_update().get(**key)
    if not held.covered:  # everything that was booked under other terms was undone
        for name, value in first.items():
            setattr(held, name, value)
        held.save(update_fields=[*first])
    return held


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision that waits would come to now: its lines as rows that nobody stored, and a mark of its sums."""

    lines: list[DecisionLine]
    total: Settled
    explanations: list[dict[str, Any]]
    letter: tuple[str, ...] | None = None  # of an event: up to how much, and what the family pays; empty if refused

    @property
    def mark(self) -> str:
        """The sums, as a form brings back what was read."""
        if self.letter is not None:
            return "/".join(self.letter) or "no"
        return "/".join(str(value) for value in figures_of_line(self.total).values())


def preview_decision(decision: Decision) -> Preview:
    """A decision that waits for a second person, reckoned again: others of the same person may have come between."""
    claim = decision.claim
    if claim.kind == Kind.SCHEDULED:
        return _preview_event(decision)
    reckoned = reckon(claim, told_of(decision))
    return Preview(_rows(decision, reckoned), reckoned.total, explain(claim, reckoned))


def _preview_event(decision: Decision) -> Preview:
    """A letter that waits, with what the family would pay now; as told before where its day is out of the policy."""
    nothing = Settled(ZERO, ZERO, ZERO, NOTHING)
    if decision.authorised is None:
        return Preview([], nothing, [], ())
    try:
        told = explain_event(decision.claim, decision.authorised)
    except RuleBroken:  # whoever confirms it is told so, and sends it back
        told = decision.explanations[0]
    return Preview([], nothing, [told], (_pesos(decision.authorised), str(told["result"])))


def told_of(decision: Decision) -> dict[int, Told]:
    """What the analyst said of each line, by its number."""
    rows = decision.lines.select_related("line")
    return {one.line.number: Told(one.line.claimed, one.told, one.why) for one in rows}


def write_lines(decision: Decision, reckoned: Reckoned) -> list[DecisionLine]:
    """Keep what each line comes to with a new decision."""
    return DecisionLine.objects.bulk_create(_rows(decision, reckoned))


def _rows(decision: Decision, reckoned: Reckoned) -> list[DecisionLine]:
    return [
        DecisionLine(
            decision=decision, line=line, told=told.covered, why=why, rate=_rate(settled), **figures_of_line(settled)
        )
        for line, told, settled, why in reckoned.lines
    ]


def figures_of_line(settled: Settled) -> dict[str, Any]:
    """A settled line's or claim's figures as columns."""
    shares = {name: getattr(settled.figures, name) for name in SHARES}
    return {"claimed": settled.claimed, "already": settled.already, "not_covered": settled.not_covered, **shares}


def _rate(settled: Settled) -> Any:
    return settled.terms.coaseguro if settled.terms else 0


def move_accumulators(
    *, decision: Decision, reckoned: Reckoned, held: Mapping[Bucket, Accumulator], at: datetime
) -> None:
    """Book each line of a final decision on its bucket, and the bucket's own figures with it."""
    rows = {one.line_id: one for one in decision.lines.all()}
    entries = []
    for line, _told, settled, why in reckoned.lines:
        row = rows[line.pk]
        figures = figures_of_line(settled)
        for name, value in figures.items():
            setattr(row, name, value)
        row.why, row.rate, row.is_final = why, _rate(settled), True
        row.accumulator = held.get(settled.bucket) if settled.bucket and settled.figures.covered else None
        row.save(update_fields=[*figures, "why", "rate", "is_final", "accumulator"])
        if row.accumulator is not None:
            shares = {name: figures[name] for name in SHARES}
            entries.append(AccumulatorEntry(accumulator=row.accumulator, line=row, at=at, **shares))
    insert_all(entries)
    for bucket, after in reckoned.buckets.items():
        row_of = held[bucket]
        for name in SHARES:
            setattr(row_of, name, getattr(after, name))
        row_of.save(update_fields=[*SHARES])


def explain(claim: Claim, reckoned: Reckoned) -> list[dict[str, Any]]:
    """Where the money of each bucket comes from, as «¿De dónde sale?» shows it."""
    terms = {one.bucket: one.terms for _line, _told, one, _why in reckoned.lines if one.bucket and one.terms}
    nothing = Figures()
    return [
        _explained(claim, bucket, terms[bucket], reckoned.before.get(bucket, nothing), after).as_json()
        for bucket, after in sorted(reckoned.buckets.items(), key=lambda one: one[0].order)
    ]


def _explained(claim: Claim, bucket: Bucket, terms: YearTerms, before: Figures, after: Figures) -> Explanation:
    now = after - before
    cap = format_money(terms.coaseguro_cap, CURRENCY) if terms.coaseguro_cap is not None else "sin tope"
    most = format_money(terms.sum_insured, CURRENCY) if terms.sum_insured is not None else "sin tope"
    inputs = [
        ("Cubierto antes de este trámite", _pesos(before.covered)),
        ("Cubierto en este trámite", _pesos(now.covered)),
        ("Deducible", _pesos(terms.deductible)),
        ("Deducible que faltaba", _pesos(terms.deductible - before.deductible)),
        ("Deducible de este trámite", _pesos(now.deductible)),
        ("Coaseguro", f"{format_rate(terms.coaseguro)}, tope {cap}"),
        ("Coaseguro de este trámite", _pesos(now.coaseguro)),
        ("Suma asegurada", most),
        ("Arriba de la suma asegurada", _pesos(now.over_limit)),
    ]
    formula = "cubierto − deducible de este trámite − coaseguro − lo que pasa de la suma asegurada"
    of = f", año desde {dates.short(bucket.year)}" if bucket.year else ""
    title = f"Lo que paga la cobertura {claim.coverage.label.lower()}{of}"
    return Explanation(title, formula, tuple(inputs), _pesos(now.paid))


def _pesos(amount: Any) -> str:
    return format_money(amount, CURRENCY)


def event_at_hospital(claim: Claim, authorised: Decimal) -> AtHospital:
    """What the family pays at the hospital of so much, by the terms of the planned day and the bucket's figures."""
    scope, years = terms_in(claim.coverage)
    day = claim.planned_on
    assert day is not None
    lines = (Line(day, authorised, authorised, in_force=_is_in_force(claim, day)),)
    began_on = claim.condition.began_on if claim.condition else None
    event = Expense(str(claim.pk), str(claim.affected_id), str(claim.condition_id or ""), began_on, lines)
    standing = _standing(claim)
    before = {bucket: _figures(row) for bucket, row in standing.items()}
    kept = {bucket: _kept(row) for bucket, row in standing.items() if row.covered}
    (line,) = settle(scope, years, [event], before=before, kept=kept).expenses[0].lines
    if line.bucket is None or line.terms is None:
        raise RuleBroken(
            "El día previsto queda fuera de la póliza o de la cobertura. No se autoriza; elige el motivo.",
            code="event_outside_policy",
            field="authorised",
        )
    return at_hospital(line.terms, before.get(line.bucket, NOTHING), authorised)


def explain_event(claim: Claim, authorised: Decimal) -> dict[str, Any]:
    """Where what the family pays at the hospital comes from."""
    told = event_at_hospital(claim, authorised)
    cap = format_money(told.cap_left, CURRENCY) if told.cap_left is not None else "sin tope"
    inputs = (
        ("Autorizado", _pesos(authorised)),
        ("Deducible que falta", _pesos(told.deductible_left)),
        ("Deducible de este evento", _pesos(told.figures.deductible)),
        ("Coaseguro", f"{format_rate(told.coaseguro)}, tope que queda {cap}"),
        ("Coaseguro de este evento", _pesos(told.figures.coaseguro)),
        ("Arriba de la suma asegurada", _pesos(told.figures.over_limit)),
        ("Lo paga la aseguradora al hospital", _pesos(told.figures.paid)),
    )
    formula = "deducible que falta + coaseguro de lo demás + lo que pasa de la suma asegurada"
    return Explanation("Lo que pagas en el hospital", formula, inputs, _pesos(told.family_pays)).as_json()
