"""Sixty claims that were decided before, so that estimates and reports show; rows in bulk, their sums by the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from claims import selectors
from claims.models import (
    Accumulator,
    AccumulatorEntry,
    Claim,
    ClaimLine,
    ClockSegment,
    Decision,
    DecisionLine,
    Estimate,
    QualityCheck,
)
from claims.models.shared import SHARES
from claims.rules.automatic import seed_of
from claims.rules.clock import Reading, read_clock
from claims.rules.deciding import SecondLook, Why, outcome_of, second_look
from claims.rules.settlement import Bucket, Expense, Figures, Line, Settled, Settlement, settle
from claims.selectors.running import OFFICE
from claims.services.deciding import KIND, owe_family
from claims.services.settling import figures_of_line, terms_in
from config.demo.cast import Cast
from config.demo.scenes.treasury import family_account, paid_batch
from memberships.models import Condition, Member, PlanCoverage
from portal import clock
from portal.calendars.rules import reach
from portal.calendars.selectors import calendar
from portal.folios.services import next_folios
from portal.history import services as history
from portal.treasury.models import Payable
from portal.zones import MEXICO_CITY

MANY, LAST, EVERY, PAID = 60, 36, 4, 24  # how many; days ago of the last one, between two, ago of their batch
ACCOUNT = ("012", 66677788800)  # of Fernanda: the bank's code and her number there
_QA = 10
_WHAT = ("Consulta", "Laboratorio", "Medicamentos", "Ultrasonido", "Rehabilitación")


@dataclass(slots=True)
class _Told:
    """One of them before it is a row."""

    submitted: datetime
    decided: datetime
    minutes: int
    reading: Reading
    member: Member
    condition: Condition
    claimed: Decimal
    covered: Decimal
    on: date


def play(cast: Cast) -> None:
    """Two people of Fernanda's policy, an illness each, a claim every few days; Delia decided them."""
    told = _all(cast)
    coverage = told[0].member.membership.plan.coverages.get(kind="major")
    scope, years = terms_in(coverage)
    expenses = [_expense(str(place), one) for place, one in enumerate(told)]
    found = settle(scope, years, expenses)
    claims = _claims(cast, told, coverage)
    lines = ClaimLine.objects.bulk_create(
        ClaimLine(claim=claim, number=1, concept=_WHAT[place % len(_WHAT)], on=one.on, claimed=one.claimed)
        for place, (claim, one) in enumerate(zip(claims, told, strict=True))
    )
    ClockSegment.objects.bulk_create(
        ClockSegment(
            claim=claim,
            since=one.submitted,
            until=one.decided,
            promised_at=claim.promised_at,
            promise_rule=claim.promise_rule,
        )
        for claim, one in zip(claims, told, strict=True)
    )
    _estimates(claims, told)
    _decide(cast, list(zip(claims, lines, told, strict=True)), found, coverage)
    _pay(cast, claims)
    for claim, one in zip(claims, told, strict=True):
        party, details = claim.affected.party_id, {"folio": claim.folio}
        history.record(action="claims.claim_sent", subject=claim, by=claim.filed_by, at=one.submitted, party_id=party)
        history.record(
            action="claims.decision_final",
            subject=claim,
            by=cast.users["delia"],
            at=one.decided,
            party_id=party,
            details=details,
        )


def _pay(cast: Cast, claims: Sequence[Claim]) -> None:
    """What they pay is owed, booked and paid by a batch, so that «Te pagamos» holds in the books too."""
    family_account(cast, slug="fernanda", party=claims[0].payee, numbers=ACCOUNT)
    decisions = Decision.objects.filter(claim__in=claims, paid__gt=0).select_related(
        "claim__coverage__plan", "claim__payee"
    )
    for one in decisions.order_by("at", "pk"):
        owe_family(claim=one.claim, decision=one, by=one.by, at=one.at)
    owed = Payable.objects.filter(kind=KIND, subject_id__in=[str(one.pk) for one in decisions])
    if owed:  # in some weeks of the year no deductible is reached
        paid_batch(cast, list(owed), cast.days_ago(PAID))


def _all(cast: Cast) -> list[_Told]:
    """Days, minutes and amounts of each: made up, and the same in every world of a day."""
    members = Member.objects.filter(membership__certificate_number="C-1001", person__conditions__isnull=False)
    ill = list(members.select_related("person__party", "membership__plan").order_by("pk"))
    conditions = {one.pk: one.person.conditions.order_by("began_on", "pk").first() for one in ill}
    schedule, took, told = calendar(OFFICE), list[int](), list[_Told]()
    promised, _rule = selectors.promise_minutes(clock.date_in(cast.now))
    for place in range(MANY):
        day = clock.date_in(cast.now) - timedelta(days=LAST + EVERY * (MANY - 1 - place))
        at = datetime.combine(day, time(9, 20), tzinfo=ZoneInfo(MEXICO_CITY)) + timedelta(minutes=place * 37 % 480)
        minutes = 60 * (9 + place * 23 % 61)
        decided = reach(schedule, [(at, None)], minutes)
        assert decided is not None  # a clock that runs reaches its minutes
        reading = read_clock(
            schedule,
            submitted=at,
            pauses=[],
            now=at,
            promise_minutes=promised,
            history=took,
            least=20,
            window=200,
        )
        took.append(minutes)
        member, claimed = ill[place % len(ill)], Decimal(180 + place * 53 % 420)
        covered = Decimal(0) if place % 9 == 4 else claimed
        condition = conditions[member.pk]
        assert condition is not None
        told.append(_Told(at, decided, minutes, reading, member, condition, claimed, covered, day - timedelta(days=2)))
    return told


def _expense(name: str, one: _Told) -> Expense:
    line = Line(one.on, one.claimed, one.covered)
    return Expense(name, str(one.member.person_id), str(one.condition.pk), one.condition.began_on, (line,))


def _claims(cast: Cast, told: Sequence[_Told], coverage: PlanCoverage) -> list[Claim]:
    filer = cast.users["fernanda"]
    payee, rule = selectors.payee_of(filer), selectors.promise_minutes(clock.date_in(cast.now))[1]
    folios: dict[int, list[str]] = {}
    for year in sorted({clock.date_in(one.submitted).year for one in told}):
        mine = [one.submitted for one in told if clock.date_in(one.submitted).year == year]
        folios[year] = next_folios(prefix="RB", count=len(mine), at=mine[0])
    rows = [
        Claim(
            folio=folios[clock.date_in(one.submitted).year].pop(0),
            state="decided",
            kind="reimbursement",
            certificate=one.member.membership,
            affected=one.member.person,
            coverage=coverage,
            condition=one.condition,
            payee=payee,
            filed_by=filer,
            created_at=one.submitted,
            changed_at=one.decided,
            claimed=one.claimed,
            submitted_at=one.submitted,
            promised_at=one.reading.promise_due,
            promise_rule=rule,
            decided_at=one.decided,
            elapsed_minutes=one.minutes,
        )
        for one in told
    ]
    return Claim.objects.bulk_create(rows)


def _estimates(claims: Sequence[Claim], told: Sequence[_Told]) -> None:
    rows = []
    for claim, one in zip(claims, told, strict=True):
        forecast, track = one.reading.forecast, one.reading.track
        if forecast is None or forecast.p50_due is None or forecast.p80_due is None:
            continue
        figures = {"cases": forecast.estimate.n, "p50_minutes": forecast.estimate.p50}
        figures |= {"tested": track.tested, "hits": track.hits} if track else {}
        due = {"p50_due": forecast.p50_due, "p80_due": forecast.p80_due, "p80_minutes": forecast.estimate.p80}
        rows.append(Estimate(claim=claim, **figures, **due))
    Estimate.objects.bulk_create(rows)


def _decide(
    cast: Cast, rows: Sequence[tuple[Claim, ClaimLine, _Told]], found: Settlement, coverage: PlanCoverage
) -> None:
    """Decisions, their lines, and the accumulators that these moved."""
    settled = [one.lines[0] for one in found.expenses]
    decisions = _decisions(cast, rows, settled)
    buckets = _accumulators(found, settled, [one for _claim, _line, one in rows], coverage)
    kept = DecisionLine.objects.bulk_create(
        DecisionLine(
            decision=decision,
            line=line,
            told=one.covered,
            why="" if one.covered else Why.EXCLUDED.value,
            rate=found_of.terms.coaseguro if found_of.terms else 0,
            accumulator=buckets.get(found_of.bucket) if found_of.figures.covered else None,
            is_final=True,
            **figures_of_line(found_of),
        )
        for decision, (_claim, line, one), found_of in zip(decisions, rows, settled, strict=True)
    )
    AccumulatorEntry.objects.bulk_create(
        AccumulatorEntry(accumulator=row.accumulator, line=row, at=row.decision.at, **_shares(found_of.figures))
        for row, found_of in zip(kept, settled, strict=True)
        if row.accumulator is not None
    )


def _decisions(
    cast: Cast, rows: Sequence[tuple[Claim, ClaimLine, _Told]], settled: Sequence[Settled]
) -> list[Decision]:
    """What was decided of each; those that were drawn were looked at by Ulises, who agreed."""
    delia, ulises = cast.users["delia"], cast.users["ulises"]
    decisions = []
    for (claim, _line, one), line in zip(rows, settled, strict=True):
        drawn = second_look(line, above=Decimal(100_000), folio=claim.folio, percent=_QA)
        looked = {"looked_by": ulises, "looked_at": one.decided} if drawn else {}
        made = Decision(claim=claim, number=1, by=delia, at=one.decided, final_at=one.decided, **looked)
        made.outcome, made.second_look = outcome_of(line).value, drawn.value
        for name, value in figures_of_line(line).items():
            setattr(made, name, value)
        decisions.append(made)
    Decision.objects.bulk_create(decisions)
    QualityCheck.objects.bulk_create(
        QualityCheck(
            decision=one,
            seed=seed_of(one.claim.folio),
            percent=_QA,
            rule=one.claim.promise_rule,
            drawn_at=one.at,
            agreed=True,
            done_by=ulises,
            done_at=one.at,
        )
        for one in decisions
        if one.second_look == SecondLook.SAMPLE
    )
    return decisions


def _accumulators(
    found: Settlement, settled: Sequence[Settled], told: Sequence[_Told], coverage: PlanCoverage
) -> dict[Bucket | None, Accumulator]:
    terms = {one.bucket: (one.terms, row) for one, row in zip(settled, told, strict=True) if one.bucket and one.terms}
    made: dict[Bucket | None, Accumulator] = {}
    for bucket, figures in found.accumulators.items():
        of, row = terms[bucket]
        assert of is not None
        made[bucket] = Accumulator(
            person=row.member.person,
            coverage=coverage,
            condition=row.condition,
            year=bucket.year,
            of_deductible=of.deductible,
            of_rate=of.coaseguro,
            of_coaseguro_cap=of.coaseguro_cap,
            of_sum_insured=of.sum_insured,
            **_shares(figures),
        )
    Accumulator.objects.bulk_create(made.values())
    return made


def _shares(figures: Figures) -> dict[str, Decimal]:
    return {name: getattr(figures, name) for name in SHARES}
