"""A final decision is withdrawn: one analyst asks and says why, another agrees; what it moved is undone at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from claims import selectors
from claims.models import Accumulator, AccumulatorEntry, Claim, Decision, DecisionWithdrawal
from claims.models.shared import SHARES
from claims.rules.further import check_withdraws
from claims.rules.states import CLAIM, PAYMENT, ClaimState, PaymentState
from claims.services.deciding import hold_person, record_act
from claims.services.holding import hold_claim, refuse_own, settle_hold
from claims.services.running import resume_clock
from claims.services.telling import tell_family
from portal.errors import Conflict, RuleBroken
from portal.papers import services as papers
from portal.treasury import services as treasury
from portal.treasury.models import Payable

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def ask_withdrawal(*, decision: Decision, reason: str, by: User, at: datetime) -> DecisionWithdrawal:
    """Ask that a final decision be withdrawn. Raises RuleBroken without a reason, Conflict where it has to stay."""
    row = hold_claim(decision.claim)
    refuse_own(claim=row, by=by, at=at)
    if not reason.strip():
        raise RuleBroken("Escribe por qué hay que retirarla: lo lee quien confirma.", code="reason", field="reason")
    held = _require_withdrawable(row, decision)
    if held.withdrawals.filter(agreed=None).exists():
        raise Conflict("Ya se pidió retirar esta decisión. Espera a quien lo confirma.", code="asked_already")
    asked = DecisionWithdrawal.objects.create(decision=held, reason=reason.strip(), by=by, at=at)
    record_act(claim=row, action="claims.withdrawal_asked", by=by, at=at, decision=held)
    return asked


@transaction.atomic
def answer_withdrawal(
    *, withdrawal: DecisionWithdrawal, agrees: bool, note: str, by: User, at: datetime
) -> DecisionWithdrawal:
    """Another analyst agrees, and the claim is in review again with nothing left of its decision; or does not.

    Raises RuleBroken for who asked, or for one's own; Conflict where it was answered, or has to stay by now.
    """
    treasury.hold_treasury()
    row = hold_claim(withdrawal.decision.claim)
    asked = DecisionWithdrawal.objects.select_for_update().select_related("decision").get(pk=withdrawal.pk)
    if asked.agreed is not None:
        raise Conflict("Este retiro ya se respondió. Recarga la página.", code="withdrawal_answered")
    if asked.by_id == by.pk:
        raise RuleBroken("Lo confirma otra persona: tú lo pediste.", code="answers_own")
    refuse_own(claim=row, by=by, at=at)
    settle_hold(claim=row, by=by)
    asked.agreed, asked.note, asked.answered_by, asked.answered_at = agrees, note.strip(), by, at
    asked.save(update_fields=["agreed", "note", "answered_by", "answered_at"])
    if agrees:
        _undo_decision(row, _require_withdrawable(row, asked.decision), asked, by=by, at=at)
    else:
        record_act(claim=row, action="claims.withdrawal_refused", by=by, at=at, decision=asked.decision)
    return asked


def _require_withdrawable(claim: Claim, decision: Decision) -> Decision:
    """The decision under its lock with the person's, while it may be withdrawn. Raises Conflict."""
    hold_person(claim=claim)
    held = Decision.objects.select_for_update(of=("self",)).select_related("document", "claim").get(pk=decision.pk)
    if claim.state != ClaimState.DECIDED or held.final_at is None or held.ended_at is not None:
        raise Conflict(CLAIM.moved, code=CLAIM.code)
    check_withdraws(
        paid=claim.payment_state in {PaymentState.SCHEDULED, PaymentState.PAID},
        appealed=selectors.is_appealed(held),
        followed=selectors.stands_below(held),
        reopened=not held.of_bill and selectors.is_reopened(claim),
    )
    return held


def _undo_decision(claim: Claim, decision: Decision, asked: DecisionWithdrawal, *, by: User, at: datetime) -> None:
    """Entries of the opposite sign, the debt cancelled with its entry, the paper void; the clock runs again."""
    _undo_entries(decision, at=at)
    kind = {"subject_type": decision._meta.label_lower, "subject_id": str(decision.pk)}
    for payable in Payable.objects.filter(**kind):
        treasury.cancel_payable(payable=payable, reason=asked.reason[:300], by=by, at=at)
    if decision.document is not None:
        papers.void_document(document=decision.document, reason=asked.reason[:300], by=by, at=at)
    decision.ended_at = at
    decision.save(update_fields=["ended_at"])
    if decision.of_bill:  # its letter goes on without it
        tell_family(claim=claim, kind="claim_bill", context={}, at=at)
    else:
        _reopen_claim(claim, at=at)
    record_act(claim=claim, action="claims.decision_withdrawn", by=by, at=at, decision=decision)


def _reopen_claim(claim: Claim, *, at: datetime) -> None:
    if claim.payment_state != PaymentState.NONE:
        PAYMENT.check(claim.payment_state, PaymentState.NONE)
    CLAIM.check(claim.state, ClaimState.IN_REVIEW)
    claim.state, claim.payment_state = ClaimState.IN_REVIEW, PaymentState.NONE
    claim.decided_at, claim.elapsed_minutes = None, None
    claim.save(update_fields=["state", "payment_state", "decided_at", "elapsed_minutes"])
    resume_clock(claim=claim, at=at)
    tell_family(claim=claim, kind="claim_reopened", context={}, at=at)


def _undo_entries(decision: Decision, *, at: datetime) -> None:
    entries = list(AccumulatorEntry.objects.filter(line__decision=decision, undoes=None).order_by("pk"))
    buckets = {one.accumulator_id for one in entries}
    held = {one.pk: one for one in Accumulator.objects.select_for_update().filter(pk__in=buckets).order_by("pk")}
    for one in entries:
        shares = {name: -getattr(one, name) for name in SHARES}
        AccumulatorEntry.objects.create(
            accumulator_id=one.accumulator_id, line_id=one.line_id, at=at, undoes=one, **shares
        )
        row = held[one.accumulator_id]
        for name in SHARES:
            setattr(row, name, getattr(row, name) + shares[name])
    for row in held.values():
        row.save(update_fields=[*SHARES])
