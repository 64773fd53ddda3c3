"""An insured family of a walk's own: an insurer's certificate of today, who signs in, and analysts beside the demo's.

Runs inside the portal (`House.python`), so that what a walk brings is dated by the day on which it walks.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from memberships import services
from memberships.models import CoveredPerson
from memberships.rules.certificates_file import CERTIFICATES
from memberships.rules.policies import CoverageKind, Scope, Terms
from portal import clock
from portal.access import Role
from portal.imports import services as imports
from portal.people.models import User
from tests.factories import people

SCOPES = {CoverageKind.MAJOR: Scope.CONDITION_YEAR, CoverageKind.MINOR: Scope.PERSON_YEAR}
TERMS = {
    CoverageKind.MAJOR: Terms(Decimal("8000.00"), Decimal("0.100000"), Decimal("40000.00"), Decimal("5000000.00")),
    CoverageKind.MINOR: Terms(Decimal("500.00"), Decimal("0.200000"), None, Decimal("20000.00")),
}


def a_family(*, policy: str, name: str, rfc: str) -> dict[str, Any]:
    """A policy of the demo's first insurer with one certificate of one person, who has an account."""
    at = clock.now()
    today = clock.date_in(at)
    affiliation = User.objects.get(email="elisa@ejemplo.mx")
    insurer = people.Party.objects.get(name="ASEGURADORA DEL VALLE")
    since = (today - timedelta(days=100)).replace(day=1)
    told = {"insurer": insurer, "number": policy, "name": "Colectivo de la prueba", "scopes": SCOPES}
    plan = services.add_policy(**told, by=affiliation, at=at)
    year = {"since": since, "until": since.replace(year=since.year + 1), "terms": TERMS}
    services.add_policy_year(plan=plan, **year, by=affiliation, at=at)
    given_name, first, second = name.split()
    row = {"policy": policy, "certificate": "C-1", "kinship": "titular", "given_name": given_name}
    row |= {"first_surname": first, "second_surname": second, "born_on": "1980-03-09", "sex": "mujer", "rfc": rfc}
    row |= {"since": since.isoformat(), "coverages": "GMM;GMM_MENORES", "conditions": ""}
    read = CERTIFICATES.read_rows([row])
    given = {"kind": services.KIND, "sender": insurer, "read": read, "declared": {"rows": 1}}
    imports.take_in(**given, by=affiliation, at=at, on=today)
    person = CoveredPerson.objects.select_related("party").get(as_printed=name)
    email = f"{given_name.lower()}@correo.example"
    people.user_with_role(Role.MEMBER, person.party, email=email, name=name)
    return {"email": email, "password": people.PASSWORD}


def an_analyst(name: str) -> tuple[str, str]:
    """A claims analyst who is none of the demo's: the cookie of their session, and what it holds."""
    found = User.objects.filter(name=name).first()
    user = found or people.analyst(name=name, email=f"{name.rsplit(maxsplit=1)[-1].lower()}@operadora.example")
    (cookie,) = people.signed_in(user).cookies.values()
    return cookie.key, cookie.value
