"""A draft is kept so many days from its last change; its filer is told before it falls, and it never falls untold."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from claims import selectors
from claims.models import Claim
from claims.rules.states import CLAIM, ClaimState
from claims.services.drafts import hold_draft
from portal.history import services as history
from portal.notices import services as notices


@transaction.atomic
def pass_draft(*, claim: Claim, on: date, at: datetime) -> bool:
    """Bring a draft to a day: told once that it falls, and on its day discarded; False when that day has not come.

    After a pause the telling comes first, and the day moves as far as it promises.
    """
    envelope, row = hold_draft(claim)
    if row.looks_again_on is None or row.looks_again_on > on or row.draft_falls_on is None:
        return False
    if row.looks_again_on < row.draft_falls_on:
        row.draft_falls_on = max(row.draft_falls_on, on + timedelta(days=selectors.draft_warn_days(on)))
        row.looks_again_on = row.draft_falls_on
        row.save(update_fields=["draft_falls_on", "looks_again_on"])
        _tell_filer(row, at=at)
        _record_day(row, "claims.draft_told", at=at)
        return True
    CLAIM.check(row.state, ClaimState.DISCARDED)
    row.state, row.looks_again_on = ClaimState.DISCARDED, None
    row.save(update_fields=["state", "looks_again_on"])
    envelope.closed_at = at
    envelope.save(update_fields=["closed_at"])
    _record_day(row, "claims.draft_fallen", at=at)
    return True


def _tell_filer(claim: Claim, *, at: datetime) -> None:
    assert claim.draft_falls_on is not None
    notices.notify(
        user_ids={claim.filed_by_id},
        kind="claims/claim_draft_falls",
        key=f"claim_draft_falls:{claim.pk}:{claim.draft_falls_on.isoformat()}",
        context={"falls": claim.draft_falls_on},
        url=reverse("claims:draft", args=[claim.pk]),
        at=at,
    )


def _record_day(claim: Claim, action: str, *, at: datetime) -> None:
    falls = claim.draft_falls_on.isoformat() if claim.draft_falls_on else ""
    details = {"falls_on": falls, "rule": claim.draft_rule}
    history.record(action=action, subject=claim, by=None, at=at, party_id=claim.affected.party_id, details=details)
