"""What a person reads of the certificates that cover them: policy, people and coverages; no money is theirs (N17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from memberships.models import MemberCoverage, Membership, PlanCoverage
from memberships.rules import PlanKind
from memberships.selectors.family import PersonRow, people_rows
from portal import clock
from portal.design import dates

if TYPE_CHECKING:
    from portal.people.models import User


@dataclass(frozen=True, slots=True)
class CertificateCard:
    """One certificate as one of its people sees it."""

    membership: Membership
    state: tuple[str, str]
    facts: list[tuple[str, str]]
    people: list[PersonRow]


def certificates_of(user: User, *, at: datetime) -> list[CertificateCard]:
    """Every certificate that covers somebody or one of theirs today; coverages of others only where `may_see` lets."""
    on = clock.date_in(at)
    rows = Membership.objects.of_member(user).filter(kind=PlanKind.POLICY.value).select_related("plan__party")
    return [_certificate(one, user, on=on) for one in rows.order_by("created_at", "pk")]


def _certificate(found: Membership, user: User, *, on: date) -> CertificateCard:
    stays = list(found.members.current(on=on).select_related("person").order_by("since", "pk"))
    rows, covered = people_rows(user, stays, on=on), _coverages([one.pk for one in stays], on=on)
    people = [replace(one, imss="", coverages=covered[one.member.pk] if one.card.visible else ()) for one in rows]
    year = found.plan.years.filter(since__lte=on, until__gt=on).first()
    facts = [
        ("Aseguradora", found.plan.party.name),
        ("Póliza", found.plan.policy_number),
        ("Certificado", found.certificate_number),
        ("Año de la póliza", f"Del {dates.short(year.since)} al {dates.short(year.last_day)}" if year else ""),
    ]
    return CertificateCard(found, (found.state_label, found.tone), facts, people)


def _coverages(stays: Sequence[UUID], *, on: date) -> dict[UUID, tuple[PlanCoverage, ...]]:
    """What covers each of these stays on a day, major before minor; one query."""
    holds = Q(since__lte=on) & (Q(until=None) | Q(until__gt=on))
    rows = MemberCoverage.objects.filter(holds, member__in=stays).select_related("coverage")
    found = defaultdict[UUID, tuple[PlanCoverage, ...]](tuple)
    for one in rows.order_by("coverage__kind", "pk"):
        found[one.member_id] += (one.coverage,)
    return found
