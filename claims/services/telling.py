"""Notices about a claim: to its family, and to the desk that works on it."""

from __future__ import annotations

from datetime import date, datetime

from claims.models import Claim
from portal import clock
from portal.access import Permission
from portal.listing.search import folio_address
from portal.notices import services as notices
from portal.people import selectors as people
from portal.work import selectors as holding


def tell_family(*, claim: Claim, kind: str, context: dict[str, object], at: datetime) -> None:
    """Send a notice about a claim, by its slug, to who filed it and to the affected person's account.

    `yours` tells whom it pays from whom it does not: money is told as theirs to the payee's people alone.
    """
    on: date = clock.date_in(at)
    paid = {claim.filed_by_id, *people.users_of_party(claim.payee_id, on=on)}
    person = claim.affected.party_id
    others = set() if person == claim.payee_id else {*people.users_of_party(person, on=on)} - paid
    for yours, told in ((True, paid), (False, others)):
        notices.notify(
            user_ids=told,
            kind=f"claims/{kind}",
            key=f"{kind}:{claim.pk}:{at.isoformat()}",
            context={"folio": claim.folio, "yours": yours, **context},
            url=folio_address(claim.folio),
            at=at,
        )


def tell_desk(*, claim: Claim, kind: str, context: dict[str, object], at: datetime) -> None:
    """Send a notice about a claim to the analyst who has it; to every analyst who may, where nobody has."""
    analysts = people.people_with(Permission.DECIDE_CLAIMS, on=clock.date_in(at))
    may = [one for one in analysts if Claim.objects.for_desk(one).filter(pk=claim.pk).exists()]
    having = [one for one in may if holding.held_by(Claim.objects.filter(pk=claim.pk), one).exists()]
    notices.notify(
        user_ids={one.pk for one in having or may},
        kind=f"claims/{kind}",
        key=f"{kind}:{claim.pk}:{at.isoformat()}",
        context={"folio": claim.folio, **context},
        url=folio_address(claim.folio),
        at=at,
    )
