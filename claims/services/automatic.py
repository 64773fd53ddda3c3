"""The published rules look at a sent claim once: they approve it, or leave it to a person and say why (domain 6)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from claims.models import AutomaticAnswer, Claim
from claims.rules.automatic import Outcome, judge_claim
from claims.rules.deciding import Told
from claims.rules.states import ClaimState
from claims.selectors.judging import question_of
from claims.services.deciding import keep_decision
from claims.services.holding import hold_claim
from memberships.models import CoveredPerson, Membership
from portal.history import services as history
from portal.work import selectors as holding


@transaction.atomic
def judge_sent_claim(*, claim: Claim, at: datetime) -> AutomaticAnswer | None:
    """Ask the rules about a claim whose files are examined: approved it is final, or drawn for a second person.

    They never reject. None where somebody took it, or the rules were asked before: nothing changes.
    """
    row = hold_claim(claim)
    taken = not holding.free(Claim.objects.filter(pk=row.pk), None).exists()
    if row.state != ClaimState.SUBMITTED or taken or AutomaticAnswer.objects.filter(claim=row).exists():
        return None
    # The certificate's claims are counted one after another; its person's decisions follow each other as always.
    Membership.objects.select_for_update(no_key=True).get(pk=row.certificate_id)
    CoveredPerson.objects.select_for_update(no_key=True).get(pk=row.affected_id)
    question = question_of(row, at=at)
    judged = judge_claim(question.asked, question.limits, seed=question.seed, folio=row.folio, percent=question.percent)
    decision = None
    if judged.outcome is Outcome.APPROVE:
        told = {one.number: Told(one.claimed, one.claimed) for one in row.lines.all()}
        decision = keep_decision(claim=row, told=told, note="", by=None, at=at)
    answer = AutomaticAnswer.objects.create(
        claim=row,
        at=at,
        outcome=judged.outcome.value,
        because=[one.value for one in judged.because],
        explanation=question.explanation if decision else {},
        decision=decision,
    )
    history.record(
        action="claims.judged_by_rules",
        subject=row,
        by=None,
        at=at,
        party_id=row.affected.party_id,
        details={"folio": row.folio, "outcome": answer.outcome, "because": " ".join(answer.because)},
    )
    return answer
