"""For whom a member may file, and who sees what of a claim (S3.12, S3.13, AC-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from claims.models import Claim
from claims.rules.seeing import sees_whole
from claims.selectors.limits import oldest_expense
from memberships import selectors as memberships
from memberships.models import Condition, CoveredPerson, Membership, PlanCoverage
from memberships.rules.family import Datum, of_age_on
from memberships.rules.states import KINSHIP_LABELS, Kinship
from portal import clock
from portal.access import Permission
from portal.people import selectors as people
from portal.reading import once_a_reading

if TYPE_CHECKING:
    from portal.people.models import Party, User


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody under one of their coverages: what a claim may be of."""

    person: CoveredPerson
    kinship: str
    certificate: Membership
    coverage: PlanCoverage
    is_self: bool

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.person.pk}:{self.coverage.pk}"

    @property
    def label(self) -> str:
        """The person, who they are, and the coverage."""
        return f"{self.person.as_printed} ({self.kinship.lower()}): {self.coverage.label}"


def choices_of(user: User, *, on: date) -> list[Choice]:
    """Whom somebody may file for today, under which coverages, themselves first.

    The titular files for minors and for adults without account; an adult who has one files for themselves. A coverage
    that ended is offered while what was spent under it may still be asked for.
    """
    own, since = {*user.party_ids(Permission.FILE_CLAIMS)}, oldest_expense(on)
    people = [one for one in memberships.people_covered(user, since, on) if not _files_alone(one, own, on=on)]
    found = [choice for person in people for choice in _choices(user, person, own, since, on)]
    return sorted(found, key=lambda one: not one.is_self)


def may_file(user: User, claim: Claim, *, on: date) -> bool:
    """Whether a draft is still of somebody and a coverage that this person may file for."""
    choices = choices_of(user, on=on)
    return any((one.person.pk, one.coverage.pk) == (claim.affected_id, claim.coverage_id) for one in choices)


def who_file_alone(user: User, *, on: date) -> list[str]:
    """Names of the family's adults who have their own account: nobody else files for them."""
    own = {*user.party_ids(Permission.FILE_CLAIMS)}
    return [one.as_printed for one in memberships.people_covered(user, on, on) if _files_alone(one, own, on=on)]


def _files_alone(person: CoveredPerson, own: set[UUID], *, on: date) -> bool:
    is_adult = of_age_on(person.born_on) <= on
    return person.party_id not in own and is_adult and memberships.has_account(person, on=on)


def _choices(user: User, person: CoveredPerson, own: set[UUID], since: date, on: date) -> list[Choice]:
    by_plan = {one.membership.plan_id: one for one in memberships.stays_to_file(user, person, since, on)}
    is_self = person.party_id in own
    return [
        Choice(person, KINSHIP_LABELS[Kinship(stay.kinship)], stay.membership, coverage, is_self)
        for coverage in memberships.coverages_between(person, since, on)
        if (stay := by_plan.get(coverage.plan_id)) is not None
    ]


def payee_of(user: User) -> Party:
    """Whose account is paid: that of who files, where treasury keeps it (a member may act for several parties)."""
    return people.get_own_party(user, Permission.SEE_OWN_MEMBERSHIP)


def conditions_for(user: User, person: CoveredPerson, *, on: date) -> list[Condition]:
    """The registered conditions that somebody may choose: all where they see what is clinical of the person, else
    those of the folios that they filed.
    """
    registered: Sequence[Condition] = memberships.conditions_of(person)
    if memberships.may_see(user, person, Datum.CLINICAL, on).visible:
        return list(registered)
    filed = {*Claim.objects.filter(filed_by=user, affected=person).values_list("condition", flat=True)}
    return [one for one in registered if one.pk in filed]


def sees_all_of(user: User, claim: Claim, *, on: date) -> bool:
    """Whether a member sees a claim whole today; whoever does not sees folio, state and amounts."""
    return _are_whole(user, [claim], on=on)[claim.pk]


@once_a_reading
def seen_whole(user: User, *, on: date) -> list[UUID]:
    """Claims of a member's own that they see whole; a family has few. As many queries as for one."""
    rows = list(Claim.objects.of_member(user).select_related("affected"))
    return [pk for pk, whole in _are_whole(user, rows, on=on).items() if whole]


def _are_whole(user: User, claims: Sequence[Claim], *, on: date) -> dict[UUID, bool]:
    if not claims:
        return {}
    people = list({one.affected_id: one.affected for one in claims}.values())
    sights = memberships.sights(user, people, (Datum.CLINICAL,), on=on)
    accounts = memberships.with_account([one.party_id for one in people], on=on)
    own = {*user.party_ids(Permission.SEE_OWN_CLAIMS)}
    return {
        one.pk: _is_whole(
            user, one, own, clinical=sights[one.affected_id, Datum.CLINICAL].visible, accounts=accounts, on=on
        )
        for one in claims
    }


def _is_whole(user: User, claim: Claim, own: set[UUID], *, clinical: bool, accounts: set[UUID], on: date) -> bool:
    person = claim.affected
    return sees_whole(
        is_affected=person.party_id in own,
        clinical=clinical,
        is_filer=claim.filed_by_id == user.pk,
        born_on=person.born_on,
        filed_on=clock.date_in(claim.submitted_at) if claim.submitted_at else on,
        has_account=person.party_id in accounts,
    )
