"""What follows a folio: a complement for expenses that were left out, an appeal of its decision (S3.16, S3.17)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404

from claims import selectors
from claims.models import Claim
from claims.rules.further import check_complement, check_reasons
from claims.rules.kinds import Stage
from claims.rules.states import ClaimState
from claims.services.assents import ask_assent
from claims.services.drafts import hold_to_file, keep_draft, open_draft
from claims.services.holding import hold_open_envelope
from portal import clock
from portal.history import services as history

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def start_complement(*, claim: Claim, by: User, at: datetime) -> Claim:
    """Begin a complement of a folio: its person, coverage and illness; what was begun and not sent is gone on with.

    Raises Http404 for one that is not theirs to follow, Conflict for one that was withdrawn.
    """
    row = _hold(claim, by=by, at=at)
    check_complement(row.state)
    return _begun_draft(row, Stage.COMPLEMENT, by=by) or _begin_draft(row, Stage.COMPLEMENT, by=by, at=at)


@transaction.atomic
def start_appeal(*, claim: Claim, reasons: str, by: User, at: datetime) -> Claim:
    """Begin an appeal of a folio's decision with its reasons; a begun one gets them anew.

    Raises Http404 for one that is not theirs to follow, RuleBroken without reasons, Conflict where nothing is decided,
    another appeal is open or the term is over.
    """
    said = check_reasons(reasons)
    if (begun := _begun_draft(claim, Stage.APPEAL, by=by)) is not None:
        hold_open_envelope(begun)  # before its folio, as sending holds them: neither waits for the other
    row = _hold(claim, by=by, at=at)
    selectors.require_appeal(row, on=clock.date_in(at))
    draft = _begun_draft(row, Stage.APPEAL, by=by) or _begin_draft(row, Stage.APPEAL, by=by, at=at)
    return change_reasons(claim=draft, reasons=said, by=by, at=at)


@transaction.atomic
def change_reasons(*, claim: Claim, reasons: str, by: User, at: datetime) -> Claim:
    """Write an appeal's reasons anew before it is sent. Raises RuleBroken where they say too little."""
    said = check_reasons(reasons)
    _envelope, row = hold_to_file(claim=claim, by=by, on=clock.date_in(at))
    row.reasons = said
    keep_draft(claim=row, at=at)
    row.save()
    history.record(action="claims.draft_changed", subject=row, by=by, at=at, party_id=row.affected.party_id)
    return row


def _hold(claim: Claim, *, by: User, at: datetime) -> Claim:
    rows = Claim.objects.select_for_update(of=("self",))
    row = rows.select_related("affected__party", "coverage", "certificate", "condition").get(pk=claim.pk)
    if not selectors.may_follow_up(by, row, on=clock.date_in(at)):
        raise Http404
    return row


def _begun_draft(parent: Claim, stage: Stage, *, by: User) -> Claim | None:
    return parent.later.filter(stage=stage, filed_by=by, state=ClaimState.DRAFT).order_by("-created_at", "-pk").first()


def _begin_draft(parent: Claim, stage: Stage, *, by: User, at: datetime) -> Claim:
    draft = open_draft(
        stage=stage.value,
        parent=parent,
        kind=parent.kind,
        subtype=parent.subtype,
        certificate=parent.certificate,
        affected=parent.affected,
        coverage=parent.coverage,
        condition=parent.condition,
        condition_pending=parent.condition_pending,
        hospital=parent.hospital,
        planned_on=parent.planned_on,
        adviser_request=parent.adviser_request,
        by=by,
        at=at,
    )
    ask_assent(claim=draft, by=by, at=at)
    return draft
