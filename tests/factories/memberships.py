"""Plans, people and families for tests, as bare rows or by the services, in the situation that is asked for."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from memberships.models import CoveredPerson, Member, Membership, Plan, PlanPrice
from portal import clock
from portal.people.models import Party
from portal.treasury.rules.offered import name_mark
from tests.factories import people

_numbers = itertools.count(1)
PRICE = Decimal("350.00")
SINCE = date(2020, 1, 1)


def a_plan(*, price: Decimal = PRICE, **fields: Any) -> Plan:
    """A plan of the operator's that people may join, at one price."""
    values = {"name": f"PLAN {next(_numbers)}", "is_offered": True, "benefits": "Consultas\nUrgencias"} | fields
    plan = Plan.objects.create(party=people.the_operator(), created_at=clock.now(), **values)
    PlanPrice.objects.create(plan=plan, since=SINCE, amount=price, set_at=clock.now())
    return plan


def a_policy(**fields: Any) -> Plan:
    """A policy of an insurer."""
    number = next(_numbers)
    values = {"name": f"PÓLIZA {number}", "policy_number": f"GMM-{number:05d}", "party": people.an_insurer()} | fields
    return Plan.objects.create(kind="policy", created_at=clock.now(), **values)


def a_covered_person(**fields: Any) -> CoveredPerson:
    """Somebody covered, with a party of their own that has no RFC."""
    number = next(_numbers)
    values = {"given_name": f"Persona{number}", "first_surname": "Prueba", "born_on": date(1985, 5, 5)} | fields
    name = f"{values['given_name']} {values['first_surname']}"
    party = values.pop("party", None) or Party.objects.create(kind="person", name=name, created_at=clock.now())
    told = {"as_printed": name, "sex": "female", "created_at": clock.now(), **values}
    return CoveredPerson.objects.create(party=party, name_mark=name_mark(told["as_printed"]), **told)


def bare(*, plan: Plan | None = None, titular: CoveredPerson | None = None, **fields: Any) -> Membership:
    """A family as a bare row: one titular, active, with no charge."""
    titular, number = titular or a_covered_person(), next(_numbers)
    told = {"state": "active", "folio": f"ME-2020-{number:06d}", "joined_on": SINCE, "email": "f@ejemplo.mx"} | fields
    made = Membership.objects.create(
        plan=plan or a_plan(), kind="membership", titular=titular, created_at=clock.now(), **told
    )
    Member.objects.create(membership=made, person=titular, kinship="titular", since=SINCE)
    return made


def a_certificate(*, plan: Plan | None = None, **fields: Any) -> Membership:
    """A certificate of a policy as a bare row."""
    told = {"certificate_state": "active", "certificate_number": f"C-{next(_numbers)}"} | fields
    return Membership.objects.create(plan=plan or a_policy(), kind="policy", created_at=clock.now(), **told)
