"""A family and the desk write to each other about a claim; what is written moves nothing (N14)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from claims import selectors
from claims.models import Claim, ClaimMessage
from claims.services.holding import refuse_own
from claims.services.telling import tell_desk, tell_family
from portal import clock
from portal.errors import RuleBroken
from portal.history import services as history
from portal.once.services import throttle

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 2000
HOUR, MOST_WRITTEN = 3_600, 20  # messages of one person about one claim: each is told to the desk


@transaction.atomic
def write_message(*, claim: Claim, text: str, by: User, at: datetime) -> ClaimMessage:
    """A member writes about a claim that they see whole; the desk is told.

    Raises RuleBroken for nothing said, TooMany for who writes about it all the time.
    """
    if not selectors.sees_all_of(by, claim, on=clock.date_in(at)):
        raise RuleBroken("De este trámite escribe la persona atendida.", code="not_yours_to_answer")
    throttle(scope="claims.message", key=f"{by.pk}:{claim.pk}", limit=MOST_WRITTEN, window=HOUR)
    made = _keep_message(claim, text, of_desk=False, internal=False, by=by, at=at)
    tell_desk(claim=claim, kind="claim_message_desk", context={}, at=at)
    return made


@transaction.atomic
def write_from_desk(*, claim: Claim, text: str, internal: bool, by: User, at: datetime) -> ClaimMessage:
    """An analyst writes to the family, or notes something for the desk alone. Raises RuleBroken for one's own claim."""
    refuse_own(claim=claim, by=by, at=at)
    made = _keep_message(claim, text, of_desk=True, internal=internal, by=by, at=at)
    if not internal:
        tell_family(claim=claim, kind="claim_message", context={}, at=at)
    return made


def _keep_message(claim: Claim, text: str, *, of_desk: bool, internal: bool, by: User, at: datetime) -> ClaimMessage:
    if not text.strip():
        raise RuleBroken("Escribe tu mensaje.", code="message_empty", field="text")
    if len(text.strip()) > MOST:
        raise RuleBroken(f"El mensaje lleva hasta {MOST:,} letras. Acórtalo.", code="message_long", field="text")
    told = {"of_desk": of_desk, "internal": internal, "text": text.strip()}
    made = ClaimMessage.objects.create(claim=claim, by=by, at=at, **told)
    history.record(
        action="claims.note_written" if internal else "claims.message_written",
        subject=claim,
        by=by,
        at=at,
        party_id=claim.affected.party_id,
        details={"folio": claim.folio, "of_desk": of_desk},
    )
    return made
