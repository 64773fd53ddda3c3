"""A policy of two years with both coverages, and an insurer's certificates: three families, Fernanda's one of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from config.demo.cast import Cast
from memberships import services
from memberships.models import Member
from memberships.rules import Kinship
from memberships.rules.certificates_file import CERTIFICATES
from memberships.rules.policies import CoverageKind, Scope, Terms
from portal import clock
from portal.imports import services as imports

POLICY = "GC-00417-02"
TERMS = {
    CoverageKind.MAJOR: Terms(Decimal("8000.00"), Decimal("0.100000"), Decimal("40000.00"), Decimal("5000000.00")),
    CoverageKind.MINOR: Terms(Decimal("500.00"), Decimal("0.200000"), None, Decimal("20000.00")),
}
# certificate, kinship, given name, surnames, age, sex, coverages, conditions
_PEOPLE = (
    ("C-1001", "titular", "Fernanda", "Luna", "Robles", 41, "mujer", "GMM;GMM_MENORES", "K35:Apendicitis"),
    ("C-1001", "pareja", "Óscar", "Rentería", "Paz", 43, "hombre", "GMM", ""),
    ("C-1001", "hijo", "Leo", "Rentería", "Luna", 17, "hombre", "GMM;GMM_MENORES", "J45:Asma"),
    ("C-1002", "titular", "Tobías", "Meza", "Arce", 52, "hombre", "GMM", ""),
    ("C-1002", "cónyuge", "Irene", "Solano", "Vega", 50, "mujer", "GMM", "M54:Lumbalgia"),
    ("C-1003", "titular", "Abril", "Nava", "Quiroz", 33, "mujer", "GMM_MENORES", ""),
)


def play(cast: Cast) -> None:
    """Elisa registers the policy and takes the insurer's certificates in; Fernanda says that one of them is hers."""
    elisa, insurer, at = cast.users["elisa"], cast.insurers[0], cast.days_ago(50)
    today = clock.date_in(cast.now)
    first = (today - timedelta(days=400)).replace(day=1)
    scopes = {CoverageKind.MAJOR: Scope.CONDITION_YEAR, CoverageKind.MINOR: Scope.PERSON_YEAR}
    plan = services.add_policy(
        insurer=insurer, number=POLICY, name="Gastos médicos colectivo", scopes=scopes, by=elisa, at=at
    )
    for since in (first, first.replace(year=first.year + 1)):
        until = since.replace(year=since.year + 1)
        services.add_policy_year(plan=plan, since=since, until=until, terms=TERMS, by=elisa, at=at)
    rows = CERTIFICATES.read_rows([_row(one, since=first, today=today) for one in _PEOPLE])
    declared = CERTIFICATES.count(rows)
    imports.take_in(kind=services.KIND, sender=insurer, read=rows, declared=declared, by=elisa, at=at, on=today)
    titular = Member.objects.get(membership__certificate_number=_PEOPLE[0][0], kinship=Kinship.TITULAR)
    fernanda = cast.users["fernanda"]
    services.link_account(person=titular.person, user=fernanda, by=fernanda, at=at)


def _row(one: tuple[str, str, str, str, str, int, str, str, str], *, since: date, today: date) -> dict[str, str]:
    certificate, kinship, given_name, first, second, age, sex, coverages, condition = one
    born_on = today.replace(year=today.year - age, day=1) - timedelta(days=90)
    return {
        "policy": POLICY,
        "certificate": certificate,
        "kinship": kinship,
        "given_name": given_name,
        "first_surname": first,
        "second_surname": second,
        "born_on": born_on.isoformat(),
        "sex": sex,
        "since": since.isoformat(),
        "coverages": coverages,
        "conditions": f"{condition}:{(since + timedelta(days=40)).isoformat()}" if condition else "",
    }
