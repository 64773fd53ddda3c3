"""The desk's pages of memberships: a family whole, plans with the price of today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from memberships.models import Charge, CoveredPerson, DuesPayment, Member, Membership, Plan, PlanPrice, StandingChange
from memberships.rules import Kinship, MembershipState
from memberships.rules.family import of_age_on
from memberships.selectors.family import card_papers, constancias, with_account
from memberships.selectors.imss_steps import reads_imss
from portal import identifiers

if TYPE_CHECKING:
    from portal.people.models import User

LIVING = [MembershipState.ACTIVE.value]


def with_price(plans: QuerySet[Plan], *, on: date) -> QuerySet[Plan]:
    """Plans with the price of a day and how many families are in them."""
    holding = PlanPrice.objects.filter(plan=OuterRef("pk"), since__lte=on).order_by("-since")
    living = Count("memberships", filter=Q(memberships__state__in=LIVING))
    return plans.annotate(price=Subquery(holding.values("amount")[:1]), living=living)


@dataclass(frozen=True, slots=True)
class OfferedPlan:
    """A plan that people may join: what it gives and what a month costs on a day, None before its first price."""

    plan: Plan
    price: Decimal | None

    @property
    def key(self) -> str:
        """By what it is chosen."""
        return str(self.plan.pk)


def offered_plans(*, on: date) -> list[OfferedPlan]:
    """What people may join, by name."""
    plans = Plan.objects.offered().prefetch_related("prices").order_by("name", "pk")
    return [OfferedPlan(plan, price_on(plan, on=on)) for plan in plans]


def price_on(plan: Plan, *, on: date) -> Decimal | None:
    """What a month costs on a day."""
    holding = [one for one in plan.prices.all() if one.since <= on]
    return max(holding, key=lambda one: one.since).amount if holding else None


def prices_of(plan: Plan) -> list[PlanPrice]:
    """Every price of a plan, the newest first."""
    return list(plan.prices.select_related("set_by").order_by("-since"))


@dataclass(frozen=True, slots=True)
class FamilyPerson:
    """One person of a family at the desk: identifiers as masks, and the families that hold the same CURP."""

    member: Member
    curp: str
    rfc: str
    alike: list[Membership]


@dataclass(frozen=True, slots=True)
class Family:
    """One family at the desk."""

    people: list[FamilyPerson]
    charges: list[Charge]
    payments: list[DuesPayment]
    events: list[dict[str, Any]]


def family_at_desk(membership: Membership) -> Family:
    """Everything about a family: its people with those of equal CURP elsewhere (2.12), its months, payments, steps."""
    members = list(membership.members.select_related("person").order_by("since", "pk"))
    members.sort(key=lambda one: list(Kinship).index(Kinship(one.kinship)))
    alike = _alike([one.person for one in members])
    people = [
        FamilyPerson(
            one,
            identifiers.mask("curp", one.person.curp) if one.person.curp else "",
            identifiers.mask("rfc", one.person.rfc) if one.person.rfc else "",
            alike.get(one.person_id, []),
        )
        for one in members
    ]
    return Family(
        people,
        list(membership.charges.filter(undone_at=None).order_by("-due_on", "-pk")[:24]),
        list(membership.payments.order_by("-value_on", "-pk")[:24]),
        [{"title": one.label, "at": one.on} for one in _steps(membership)],
    )


def papers_at_desk(member: Member, *, user: User) -> list[tuple[str, ...]]:
    """A person's papers at the desk: their card, the operator's constancia, the IMSS's own where they may read it."""
    return [*card_papers(member), *constancias([member], member.person, sees_imss=reads_imss(user))]


def invitable(membership: Membership, *, on: date) -> list[Member]:
    """Adults of a family who have no own account yet."""
    members = list(membership.members.current(on=on).select_related("person").order_by("since", "pk"))
    theirs = with_account([one.person.party_id for one in members], on=on)
    return [one for one in members if on >= of_age_on(one.person.born_on) and one.person.party_id not in theirs]


def _steps(membership: Membership) -> list[StandingChange]:
    return list(membership.changes.filter(undone_at=None).order_by("-on", "-pk")[:24])


def _alike(people: Iterable[CoveredPerson]) -> dict[UUID, list[Membership]]:
    """Other families that hold a person of the same CURP, by person."""
    indexes = {one.curp_index: one.pk for one in people if one.curp_index}
    others = Member.objects.filter(person__curp_index__in=indexes).exclude(person__in=indexes.values())
    found: dict[UUID, list[Membership]] = {}
    for one in others.select_related("person", "membership").order_by("pk"):
        found.setdefault(indexes[one.person.curp_index], []).append(one.membership)
    return found
