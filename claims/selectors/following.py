"""What the page of a claim offers next: the folios beside it, a complement, an appeal and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from claims.models import AutomaticAnswer, Claim, Decision
from claims.rules.automatic import BECAUSE_LABELS, Because
from claims.rules.states import UNDER_WAY, ClaimState
from claims.selectors.further import (
    appeal_until,
    may_follow_up,
    may_withdraw,
    open_appeal,
    open_withdrawal,
    related_to,
    standing_decision,
)
from portal import clock
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import refer

if TYPE_CHECKING:
    from portal.people.models import User


def what_follows(claim: Claim, *, user: User, at: datetime) -> dict[str, Any]:
    """For its family: what came before and after, and what they may still do."""
    on = clock.date_in(at)
    mine = may_follow_up(user, claim, on=on)
    told: dict[str, Any] = {
        "related": related_to(claim, Claim.objects.of_member(user).sent()),
        "can_complement": mine and claim.state in {*UNDER_WAY, ClaimState.DECIDED},
    }
    decision = standing_decision(claim)
    if claim.state != ClaimState.DECIDED or decision is None or decision.final_at is None:
        return told
    told["by_rules"] = approved_by_rules(decision)
    until = appeal_until(claim, decision.final_at)
    decided_on = clock.date_in(decision.final_at)
    figure = rulebook.explain_due(
        title="Hasta cuándo se apela",
        formula="día de la decisión + días naturales",
        start=("Decidido el", decided_on),
        due_on=until,
        due_rule=str(refer(rulebook.rule_on("claim.appeal_days", on=decided_on))),
    )
    open_one = open_appeal(claim)
    can = mine and on <= until and open_one is None
    return told | {"appeal_until": until, "appeal_figure": figure, "can_appeal": can, "appealable": on <= until}


def at_desk(claim: Claim, *, user: User) -> dict[str, Any]:
    """For the desk: what came before and after, why a person looks at it, what of its decision may be withdrawn."""
    answer, asked = getattr(claim, "automatic_answer", None), open_withdrawal(claim)
    return {
        "related": related_to(claim, Claim.objects.for_desk(user)),
        "because": _because(answer.because) if answer else "",
        "automatic": answer if answer and answer.decision and answer.decision.ended_at is None else None,
        "withdrawal": asked,
        "can_withdraw": asked is None and may_withdraw(claim),
    }


def _because(found: Sequence[str]) -> str:
    """Why a person looks at it, one sentence; that it is an event says it all: what it lacks no event has."""
    told = [Because.KIND] if Because.KIND in found else [Because(one) for one in found]
    said = "; ".join(BECAUSE_LABELS[one].lower() for one in told)
    return f"{said.capitalize()}." if said else ""


def approved_by_rules(decision: Decision | None) -> dict[str, Any]:
    """Where an approval comes from that the published rules gave; nothing for one that a person decided."""
    if decision is None or decision.by_id is not None:
        return {}
    answer = AutomaticAnswer.objects.filter(decision=decision).first()
    return answer.explanation if answer else {}
