"""An adult with an own account says «sí» to a claim that another files for them, and takes it back (AC-05)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse

from claims import selectors
from claims.models import Assent, Claim
from claims.rules.states import CLAIM, UNDER_WAY, ClaimState
from portal import clock
from portal.errors import Conflict
from portal.history import services as history
from portal.listing.search import folio_address
from portal.notices import services as notices
from portal.once.services import throttle
from portal.people import selectors as people
from portal.people import services as accounts

if TYPE_CHECKING:
    from portal.people.models import ConsentText, User

DAY, MOST_ASKED = 86_400, 20  # how often somebody may ask one adult in a day
ENDED = "Ese permiso ya terminó. Recarga la página para ver cómo quedó."


@transaction.atomic
def ask_assent(*, claim: Claim, by: User, at: datetime) -> Assent | None:
    """Ask the affected adult for their «sí» to a draft, or to what is under way; one that is open stays.

    None where nobody has to be asked. One to an older text on health data ends, and is asked anew. Raises TooMany for
    who asked the same person all day.
    """
    on = clock.date_in(at)
    if not selectors.waits_for_assent(claim, on=on):
        return None
    asks = [ClaimState.DRAFT, *sorted(UNDER_WAY)]
    if not Claim.objects.select_for_update(of=("self",)).filter(pk=claim.pk, state__in=asks).exists():
        raise Conflict("Este trámite ya terminó o se descartó. Recarga la página.", code="claim_moved_on")
    found = selectors.assent_of(claim)
    if found is not None and found.given_at is None:
        return found
    if found is not None:
        _end_assent(found, at=at)
    throttle(scope="claims.ask_assent", key=f"{by.pk}:{claim.affected_id}", limit=MOST_ASKED, window=DAY)
    made = Assent.objects.create(claim=claim, asked_by=by, asked_at=at)
    notices.notify(
        user_ids=[*people.users_of_party(claim.affected.party_id, on=on)],
        kind="claims/assent_asked",
        key=f"assent:{made.pk}",
        context={},
        url=reverse("claims:assent", args=[made.pk]),
        at=at,
    )
    _record_assent(made, "claims.assent_asked", by=by, at=at)
    return made


@transaction.atomic
def drop_assent(*, claim: Claim, by: User, at: datetime, asked_only: bool = False) -> None:
    """What was asked of somebody ends: the draft is another's now; or, of what was withdrawn, what was not answered."""
    rows = Assent.objects.select_for_update().filter(claim=claim, ended_at=None)
    for one in rows.filter(given_at=None) if asked_only else rows:
        _end_assent(one, at=at)
        _record_assent(one, "claims.assent_ended", by=by, at=at)


@transaction.atomic
def give_assent(*, assent: Assent, text: ConsentText, by: User, at: datetime) -> Assent:
    """The affected adult says «sí» to one claim, and consents to the insurer's text on health data (S3.18).

    Twice is as once. Raises Conflict for one that ended, RuleBroken for a text that is no longer in force.
    """
    row = _held(assent)
    if row.given_at is not None:
        return row
    row.consent = accounts.accept_consent(by=by, text=text, purposes=["necessary"], proof="assent", at=at)
    row.given_by, row.given_at = by, at
    row.save(update_fields=["consent", "given_by", "given_at"])
    _tell_filer(row, "assent_given", at=at)
    _record_assent(row, "claims.assent_given", by=by, at=at)
    return row


@transaction.atomic
def end_assent(*, assent: Assent, by: User, at: datetime) -> Assent:
    """Refuse it, or take it back: from now on the filer sees that claim's folio, state and amounts (AC-05).

    What was sent goes on. Raises Conflict for one that ended before.
    """
    row = _held(assent)
    _end_assent(row, at=at)
    _tell_filer(row, "assent_ended", at=at)
    _record_assent(row, "claims.assent_ended", by=by, at=at)
    return row


def _held(assent: Assent) -> Assent:
    rows = Assent.objects.select_for_update(of=("self",)).select_related("claim__affected", "claim__filed_by")
    row = rows.get(pk=assent.pk)
    if row.ended_at is not None or row.claim.state == ClaimState.DISCARDED:
        raise Conflict(ENDED, code="assent_ended")
    return row


def _end_assent(assent: Assent, *, at: datetime) -> None:
    assent.ended_at = max(at, assent.asked_at)
    assent.save(update_fields=["ended_at"])


def _tell_filer(assent: Assent, kind: str, *, at: datetime) -> None:
    claim = assent.claim
    draft = CLAIM.allows(claim.state, ClaimState.DISCARDED)
    notices.notify(
        user_ids=[claim.filed_by_id],
        kind=f"claims/{kind}",
        key=f"{kind}:{assent.pk}",
        context={"folio": claim.folio},
        url=reverse("claims:papers", args=[claim.pk]) if draft else folio_address(claim.folio),
        at=at,
    )


def _record_assent(assent: Assent, action: str, *, by: User, at: datetime) -> None:
    claim = assent.claim
    history.record(action=action, subject=claim, by=by, at=at, party_id=claim.affected.party_id)
