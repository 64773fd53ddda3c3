"""Policies of insurers: their years with terms, and the conditions of who is covered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from memberships.models import Condition, CoverageTerms, CoveredPerson, Plan, PlanCoverage, PolicyYear
from memberships.rules import PlanKind
from memberships.rules.certificates import policy_key
from memberships.rules.policies import CoverageKind, Scope, Terms, check_terms, check_year
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.people.models import Party
from portal.text import clean_text
from portal.vault import blind_index

if TYPE_CHECKING:
    from portal.people.models import User

MOST_CODE = 20


@transaction.atomic
def add_policy(
    *, insurer: Party, number: str, name: str, scopes: Mapping[CoverageKind, Scope], by: User, at: datetime
) -> Plan:
    """A policy of an insurer with its coverages, and what shares a deductible in each; years and terms follow.

    Raises RuleBroken for a number that has neither letters nor digits, or without a coverage; Conflict for one that the
    insurer has already, whatever case and signs.
    """
    Party.objects.select_for_update().get(pk=insurer.pk)
    number, name = clean_text(number, max_length=40), clean_text(name, max_length=80)
    if not policy_key(number):
        raise RuleBroken("Escribe el número de la póliza, con letras o dígitos.", code="policy_number", field="number")
    if not scopes:
        raise RuleBroken("Elige al menos una cobertura.", code="coverage_missing", field="major")
    others = Plan.objects.filter(party=insurer, kind=PlanKind.POLICY.value).values_list("policy_number", flat=True)
    if policy_key(number) in {policy_key(one) for one in others}:
        raise Conflict(f"La aseguradora ya tiene la póliza {number}. Ábrela en la lista.", code="policy_twice")
    plan = Plan.objects.create(
        kind=PlanKind.POLICY.value, party=insurer, name=name, policy_number=number, created_at=at, created_by=by
    )
    for kind, scope in scopes.items():
        PlanCoverage.objects.create(plan=plan, kind=kind.value, scope=scope.value, created_at=at)
    record(
        action="memberships.policy_added",
        subject=plan,
        party_id=insurer.pk,
        by=by,
        at=at,
        details={"policy": number, "coverages": {kind.value: scope.value for kind, scope in scopes.items()}},
    )
    return plan


@transaction.atomic
def add_policy_year(
    *, plan: Plan, since: date, until: date, terms: Mapping[CoverageKind, Terms], by: User, at: datetime
) -> PolicyYear:
    """A year of a policy (`until` excluded) with the terms of each of its coverages.

    Raises RuleBroken for days or terms that cannot be, or that do not name every coverage; Conflict for a year that
    shares a day with another one of the policy.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk, kind=PlanKind.POLICY.value)
    check_year(since, until)
    coverages = {CoverageKind(one.kind): one for one in plan.coverages.all()}
    if coverages.keys() != terms.keys():
        raise RuleBroken("Escribe los términos de cada cobertura de la póliza.", code="terms_missing")
    if plan.years.filter(since__lt=until, until__gt=since).exists():
        raise Conflict("Ese año comparte días con otro de la póliza. Revisa las fechas.", code="years_overlap")
    year = PolicyYear.objects.create(plan=plan, since=since, until=until, created_at=at, created_by=by)
    for kind, given in terms.items():
        check_terms(given)
        CoverageTerms.objects.create(coverage=coverages[kind], year=year, set_at=at, set_by=by, **_stored(given))
    record(
        action="memberships.policy_year_added",
        subject=plan,
        party_id=plan.party_id,
        by=by,
        at=at,
        details={
            "since": since.isoformat(),
            "until": until.isoformat(),
            **{kind.value: _told(given) for kind, given in terms.items()},
        },
    )
    return year


@transaction.atomic
def register_condition(
    *, person: CoveredPerson, code: str, name: str, began_on: date, by: User | None, at: datetime
) -> Condition:
    """A condition of somebody, by the insurer's code; the same again gives the one that stands.

    Raises RuleBroken without code or name, Conflict for a code that is registered with another beginning: the terms of
    what is paid may hang on it. Neither the record nor an error says what it is (PR-06).
    """
    CoveredPerson.objects.select_for_update().get(pk=person.pk)
    code, name = clean_text(code, max_length=MOST_CODE).upper(), clean_text(name, max_length=200)
    if not code or not name:
        raise RuleBroken("Escribe la clave y el nombre del padecimiento.", code="condition_nameless", field="code")
    index = blind_index(f"{person.pk}:{code}", purpose="condition")
    known = Condition.objects.filter(person=person, code_index=index).first()
    if known is not None and known.began_on != began_on:
        raise Conflict(
            "Ese padecimiento ya está registrado con otra fecha de inicio. Revisa cuál es la correcta.",
            code="condition_began_differs",
        )
    if known is not None:
        return known
    made = Condition.objects.create(
        person=person, code=code, code_index=index, name=name, began_on=began_on, registered_at=at, registered_by=by
    )
    record(
        action="memberships.condition_registered",
        subject=made,
        party_id=person.party_id,
        by=by,
        at=at,
    )
    return made


def _stored(given: Terms) -> dict[str, Any]:
    return {
        "deductible": given.deductible,
        "coaseguro_rate": given.coaseguro,
        "coaseguro_cap": given.coaseguro_cap,
        "sum_insured": given.sum_insured,
    }


def _told(given: Terms) -> list[str]:
    return ["" if value is None else str(value) for value in astuple(given)]
