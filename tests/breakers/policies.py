"""What breaks each constraint of policies, coverages and conditions, and the rows that stand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models

from tests.breakers import Breaker, changed, same
from tests.factories import policies as a

START, END = date(2026, 6, 1), date(2027, 6, 1)


def year() -> models.Model:
    return a.a_year(since=START, until=END)


def coverage() -> models.Model:
    return a.a_coverage()


def terms() -> models.Model:
    return a.some_terms()


def stay() -> models.Model:
    return a.a_member_coverage(since=START, until=END)


def condition() -> models.Model:
    return a.a_condition()


BREAKERS: dict[str, Breaker] = {
    "policy_year_ends_after_start": changed(year, until=START),
    "policy_years_never_overlap": same(year, since=date(2027, 5, 31), until=date(2028, 6, 1)),
    "plan_coverage_kind_known": changed(coverage, kind="dental"),
    "plan_coverage_scope_known": changed(coverage, scope="family"),
    "one_coverage_per_plan_and_kind": same(coverage),
    "coverage_terms_in_range": changed(terms, coaseguro_rate=Decimal("1.000001")),
    "one_terms_per_coverage_and_year": same(terms),
    "member_coverage_ends_after_start": changed(stay, until=START),
    "member_coverages_never_overlap": same(stay, since=date(2027, 5, 31), until=None),
    "condition_code_index_is_a_digest": changed(condition, code_index="K35"),
    "one_condition_per_person_and_code": same(condition, name="Otro"),
}
