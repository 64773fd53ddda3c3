"""For whom a member may file, and who sees what of a claim (S3.12, S3.13, AC-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from claims.models import Claim
from claims.rules.seeing import sees_whole
from claims.selectors.assents import assented
from claims.selectors.limits import oldest_expense
from memberships import selectors as memberships
from memberships.models import Condition, CoveredPerson, Membership, PlanCoverage
from memberships.rules.family import Datum, of_age_on
from memberships.rules.states import KINSHIP_LABELS, Kinship
from portal import clock
from portal.access import Permission
from portal.errors import Conflict
from portal.people import selectors as people
from portal.reading import once_a_reading

if TYPE_CHECKING:
    from portal.people.models import Party, User

NO_LONGER = "Ya no puedes presentar este trámite: la persona ya no está en tu póliza contigo. Descarta el borrador."


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


@once_a_reading
def choices_of(user: User, *, on: date) -> list[Choice]:
    """Whom somebody may file for today, under which coverages, themselves first.

    The titular files for everybody (an adult with an own account has to say «sí» to the claim), others for themselves.
    A coverage that ended is offered while what was spent under it may still be asked for.
    """
    people = memberships.people_covered(user, oldest_expense(on), on)
    return sorted(_choices(user, people, on), key=lambda one: not one.is_self)


def may_file(user: User, claim: Claim, *, on: date) -> bool:
    """Whether a draft is still of somebody and a coverage that this person may file for."""
    # Of one person: it is asked at each file that comes.
    return claim.coverage_id in {one.coverage.pk for one in _choices(user, [claim.affected], on)}


def require_filing(user: User, claim: Claim, *, on: date) -> None:
    """Raises Conflict for a draft of somebody who is no longer the filer's to file."""
    if not may_file(user, claim, on=on):
        way = ("Ver el borrador", reverse("claims:draft", args=[claim.pk]))
        raise Conflict(NO_LONGER, code="no_longer_theirs", way=way)


def who_are_asked(user: User, *, on: date) -> list[str]:
    """Names of the family's other adults who have their own account: a claim for them waits for their «sí»."""
    own = {*user.party_ids(Permission.FILE_CLAIMS)}
    others = [one for one in memberships.people_covered(user, oldest_expense(on), on) if one.party_id not in own]
    adults = [one for one in others if of_age_on(one.born_on) <= on]
    accounts = memberships.with_account([one.party_id for one in adults], on=on)
    return [one.as_printed for one in adults if one.party_id in accounts]


def _choices(user: User, people: Sequence[CoveredPerson], on: date) -> list[Choice]:
    """Of those people, whom and under which coverages: as many queries for a family as for one."""
    own, since = {*user.party_ids(Permission.FILE_CLAIMS)}, oldest_expense(on)
    stays = memberships.stays_to_file(user, people, since, on)
    by_plan = {(one.person_id, one.membership.plan_id): one for one in stays}
    coverages = memberships.coverages_between(people, since, on)
    return [
        Choice(person, KINSHIP_LABELS[Kinship(stay.kinship)], stay.membership, coverage, person.party_id in own)
        for person in people
        for coverage in coverages[person.pk]
        if (stay := by_plan.get((person.pk, coverage.plan_id))) is not None
    ]


def payee_of(user: User) -> Party:
    """Whose account is paid: that of who files, where treasury keeps it (a member may act for several parties)."""
    return people.get_own_party(user, Permission.SEE_OWN_MEMBERSHIP)


def conditions_for(user: User, person: CoveredPerson, *, on: date) -> list[Condition]:
    """The registered conditions that somebody may choose: all where they see what is clinical of the person, else
    those of the folios that they filed and still see whole.
    """
    registered: Sequence[Condition] = memberships.conditions_of(person)
    if memberships.may_see(user, person, Datum.CLINICAL, on).visible:
        return list(registered)
    filed = list(
        Claim.objects.filter(filed_by=user, affected=person).exclude(condition=None).select_related("affected")
    )
    whole = _are_whole(user, filed, on=on)
    seen = {one.condition_id for one in filed if whole[one.pk]}
    return [one for one in registered if one.pk in seen]


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
    own, said_yes = {*user.party_ids(Permission.SEE_OWN_CLAIMS)}, assented(claims)
    return {
        one.pk: sees_whole(
            is_affected=one.affected.party_id in own,
            clinical=sights[one.affected_id, Datum.CLINICAL].visible,
            is_filer=one.filed_by_id == user.pk,
            assented=one.pk in said_yes,
            born_on=one.affected.born_on,
            filed_on=clock.date_in(one.submitted_at) if one.submitted_at else on,
            on=on,
            has_account=one.affected.party_id in accounts,
        )
        for one in claims
    }
