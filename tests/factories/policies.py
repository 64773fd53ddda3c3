"""Policies with years, coverages and people, as bare rows or in the situation that is asked for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from memberships import services
from memberships.models import (
    Condition,
    CoverageTerms,
    CoveredPerson,
    Member,
    MemberCoverage,
    Membership,
    Plan,
    PlanCoverage,
    PolicyYear,
)
from portal import clock
from tests.factories import memberships as m

FIRST, SECOND, END = date(2026, 6, 1), date(2027, 6, 1), date(2028, 6, 1)


def a_year(*, plan: Plan | None = None, since: date = FIRST, until: date = SECOND) -> PolicyYear:
    """One year of a policy."""
    return PolicyYear.objects.create(plan=plan or m.a_policy(), since=since, until=until, created_at=clock.now())


def a_coverage(*, plan: Plan | None = None, kind: str = "major", scope: str = "condition-year") -> PlanCoverage:
    """One coverage of a policy."""
    return PlanCoverage.objects.create(plan=plan or m.a_policy(), kind=kind, scope=scope, created_at=clock.now())


def some_terms(*, coverage: PlanCoverage | None = None, year: PolicyYear | None = None, **fields: Any) -> CoverageTerms:
    """What a coverage gives in a year: 8,000.00 of deductible and 10 %."""
    coverage = coverage or a_coverage()
    told = {"deductible": Decimal("8000.00"), "coaseguro_rate": Decimal("0.100000"), "set_at": clock.now()} | fields
    return CoverageTerms.objects.create(coverage=coverage, year=year or a_year(plan=coverage.plan), **told)


def a_whole_policy(**fields: Any) -> Plan:
    """A policy of two years with both coverages and the terms of each."""
    plan = m.a_policy(**fields)
    for since, until in ((FIRST, SECOND), (SECOND, END)):
        year = a_year(plan=plan, since=since, until=until)
        for kind, scope in (("major", "condition-year"), ("minor", "person-year")):
            coverage = plan.coverages.filter(kind=kind).first() or a_coverage(plan=plan, kind=kind, scope=scope)
            some_terms(coverage=coverage, year=year)
    return plan


def a_stay(
    *, membership: Membership | None = None, person: CoveredPerson | None = None, kinship: str = "titular", **days: Any
) -> Member:
    """Somebody's stay in a certificate."""
    told = {"since": FIRST} | days
    return Member.objects.create(
        membership=membership or m.a_certificate(), person=person or m.a_covered_person(), kinship=kinship, **told
    )


def a_member_coverage(
    *, member: Member | None = None, since: date = FIRST, until: date | None = None
) -> MemberCoverage:
    """Days on which somebody of a certificate has a coverage."""
    member = member or a_stay()
    coverage = a_coverage(plan=member.membership.plan)
    return MemberCoverage.objects.create(member=member, coverage=coverage, since=since, until=until)


def a_condition(*, person: CoveredPerson | None = None, code: str = "K35", began_on: date = FIRST) -> Condition:
    """A registered condition of somebody."""
    return services.register_condition(
        person=person or m.a_covered_person(),
        code=code,
        name="Apendicitis",
        began_on=began_on,
        by=None,
        at=clock.now(),
    )
