"""An insured family of a walk's own: an insurer's certificate of today, who signs in, and analysts beside the demo's.

Runs inside the portal (`House.python`), so that what a walk brings is dated by the day on which it walks.
"""

from __future__ import annotations

import itertools
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

from claims import services as claims
from claims.models import Claim
from memberships import services
from memberships.models import CoveredPerson
from memberships.rules.certificates_file import CERTIFICATES
from memberships.rules.policies import CoverageKind, Scope, Terms
from portal import clock
from portal.access import Role
from portal.imports import services as imports
from portal.people.models import User
from tests.factories import claims as a
from tests.factories import people, treasury

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
    told: dict[str, Any] = {"insurer": insurer, "number": policy, "name": "Colectivo de la prueba", "scopes": SCOPES}
    plan = services.add_policy(**told, by=affiliation, at=at)
    year: dict[str, Any] = {"since": since, "until": since.replace(year=since.year + 1), "terms": TERMS}
    services.add_policy_year(plan=plan, **year, by=affiliation, at=at)
    given_name, first, second = name.split()
    row = {"policy": policy, "certificate": "C-1", "kinship": "titular", "given_name": given_name}
    row |= {"first_surname": first, "second_surname": second, "born_on": "1980-03-09", "sex": "mujer", "rfc": rfc}
    row |= {"since": since.isoformat(), "coverages": "GMM;GMM_MENORES", "conditions": ""}
    read = CERTIFICATES.read_rows([row])
    given: dict[str, Any] = {"kind": services.KIND, "sender": insurer, "read": read}
    given["declared"] = CERTIFICATES.count(read)
    imports.take_in(**given, by=affiliation, at=at, on=today)
    person = CoveredPerson.objects.select_related("party").get(as_printed=name)
    email = f"{given_name.lower()}@correo.example"
    people.user_with_role(Role.MEMBER, person.party, email=email, name=name)
    return {"email": email, "password": people.PASSWORD}


def a_draft(*, email: str, sent: bool = False) -> str:
    """A draft of such a family's that lacks nothing, or its folio where it was sent."""
    a._numbers = treasury._number = itertools.count(10_000 + time.time_ns() // 1_000_000 % 10_000_000)
    user, at = User.objects.get(email=email), clock.now()
    claim = claims.start_claim(by=user, at=at)
    Claim.objects.filter(pk=claim.pk).update(condition_pending=True)
    claim.refresh_from_db()
    a.agrees(user, claim.coverage.plan.party)
    a.an_account(claim.payee, user)
    for document in a.DOCUMENTS:
        a.a_file(claim, document)
    a.an_invoice(claim, "12000.00", "1500.00", on=clock.date_in(at))
    return claims.submit_claim(claim=claim, consented=True, by=user, at=at).folio if sent else str(claim.pk)


def an_analyst(name: str) -> tuple[str, str]:
    """A claims analyst who is none of the demo's: the cookie of their session, and what it holds."""
    found = User.objects.filter(name=name).first()
    user = found or people.analyst(name=name, email=f"{name.rsplit(maxsplit=1)[-1].lower()}@operadora.example")
    (cookie,) = people.signed_in(user).cookies.values()
    return cookie.key, cookie.value
