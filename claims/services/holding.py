"""A claim under its lock, and who may act on it at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from claims.models import Claim, Submission
from memberships.models import Member
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.people import selectors as people
from portal.prepared import prepared
from portal.work import selectors as taken
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User

OWN = "No puedes dictaminar un trámite tuyo o de tu familia. Lo verá otra persona de dictamen."


def hold_claim(claim: Claim) -> Claim:
    """The claim's row, held."""
    return _held(claim.pk)[0]


@prepared
def _held(claim: UUID) -> QuerySet[Claim]:
    rows = Claim.objects.select_for_update(of=("self",)).filter(pk=claim)
    told = ("affected__party", "payee", "coverage__plan__party", "condition", "certificate__titular", "filed_by")
    return rows.select_related(*told)


def hold_open_envelope(claim: Claim) -> Submission | None:
    """What a claim's files come in now, held: before the claim itself, as an upload holds it."""
    return Submission.objects.select_for_update().filter(claim=claim, closed_at=None).first()


def refuse_own(*, claim: Claim, by: User, at: datetime) -> None:
    """Nobody decides where they filed, are paid, or are or were insured in the same certificate."""
    insured = Member.objects.filter(membership=claim.certificate_id).values_list("person__party", flat=True)
    parties = {claim.affected.party_id, claim.payee_id, *insured}
    if claim.filed_by_id == by.pk or people.acts_for(by, *parties, on=clock.date_in(at)):
        raise RuleBroken(OWN, code="own_claim")


def require_taken(*, claim: Claim, by: User) -> None:
    """Raises Conflict for who did not take it: nobody acts on what they did not open."""
    if not taken.held_by(Claim.objects.filter(pk=claim.pk), by).exists():
        raise Conflict("No tienes este trámite. Tómalo y revísalo antes de decidir.", code="not_taken")


def settle_hold(*, claim: Claim, by: User) -> None:
    """Whoever decides took it, and is done with it."""
    has_it = taken.held_by(Claim.objects.filter(pk=claim.pk), by).exists()
    work.settle(thing=claim, by=by)
    if not has_it:
        raise Conflict("No tienes este trámite. Tómalo y revísalo antes de decidir.", code="not_taken")
