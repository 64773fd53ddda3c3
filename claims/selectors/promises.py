"""What is promised of a claim from here on: our answer, then the money and what it waits for (scorecard 10)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from claims.models import Claim, Decision, DocumentRequest
from claims.rules import ledger
from claims.rules.kinds import Kind
from claims.rules.states import CLAIM, PaymentState
from claims.selectors.requests import open_request
from claims.selectors.running import payment_due
from portal import clock
from portal.design import dates
from portal.design.detailing import Clock
from portal.history.selectors import timeline
from portal.rulebook import selectors as rulebook
from portal.states import BALL_LABELS, Ball
from portal.treasury.selectors import promised as treasury

if TYPE_CHECKING:
    from portal.treasury.models import Payable

_TO_COME = (PaymentState.PAYABLE, PaymentState.SCHEDULED)
_PAYS = "Si se cubre, te pagamos"
_MONEY_MOVES = ["claims.payment_scheduled", "claims.payment_waits", "claims.claim_paid", "claims.payment_returned"]


def owed_of(claim: Claim, decision: Decision | None) -> Payable | None:
    """What is still owed for what was decided; None where nothing is."""
    if decision is None or claim.payment_state not in _TO_COME:
        return None
    rows = treasury.open_payables(kind=ledger.KIND, party_ids=[claim.payee_id], subject=str(decision.pk))
    return rows[0] if rows else None


def ball_since(claim: Claim, wanted: DocumentRequest | None) -> datetime | None:
    """Since when it is somebody's turn: documents are asked for, its clock runs, or its money made its last step."""
    if wanted is not None:
        return wanted.opened_at
    if claim.payment_state != PaymentState.NONE:
        moved = timeline(claim).filter(action__in=_MONEY_MOVES).order_by("-pk").values_list("at", flat=True).first()
        return max(one for one in (moved, claim.decided_at) if one is not None)
    last = claim.segments.order_by("-since").first()
    if last is not None and last.until is None:
        return last.since
    return claim.decided_at or (last.until if last else claim.submitted_at)


def payment_clock(owed: Payable, *, at: datetime) -> Clock:
    """By when it is paid, as it was stored with the decision."""
    figure = rulebook.explain_due(
        title="Cuándo te pagamos",
        formula="día de la decisión + días hábiles",
        start=("Decidido", clock.date_in(owed.opened_at)),
        due_on=owed.due_on,
        due_rule=owed.due_rule,
    )
    return Clock("Te pagamos", owed.due_on, late=owed.due_on < clock.date_in(at), figure=figure)


def waits_for(owed: Payable, *, at: datetime) -> str:
    """What the money waits for, and whose turn it is."""
    (found,) = treasury.what_they_wait_for([owed], at=at)
    turn = "" if found.ball is Ball.NOBODY else f" {BALL_LABELS[found.ball]}."
    return f"{found.why}.{turn}"


def steps_ahead(claim: Claim, owed: Payable | None, *, waits: str, at: datetime) -> list[dict[str, Any]]:
    """The future steps of its timeline, each with its day where one is promised."""
    if owed is not None:
        return [_step("Te pagamos", owed.due_on, waits)]
    pays = [] if claim.kind == Kind.SCHEDULED else [_step(_PAYS)]
    wanted = open_request(claim)
    if wanted is not None:
        paused = "El tiempo está en pausa hasta que completes los documentos."
        return [_step("Completa los documentos", wanted.due.due_on), _step("Te respondemos", text=paused), *pays]
    if CLAIM.at(claim.state).ball is not Ball.US or claim.promised_at is None:
        return []
    answered = clock.date_in(max(at, claim.promised_at))
    if pays:
        pays = [_step("Si se cubre ese día, te pagamos", payment_due(answered).on)]
    return [_step("Te respondemos", claim.promised_at), *pays]


def sentences(claim: Claim, *, at: datetime) -> list[str]:
    """The same of a claim that was sent, for its confirmation."""
    return [
        f"{one['title']} a más tardar el {dates.long(_day(one['at']))}."
        for one in steps_ahead(claim, None, waits="", at=at)
        if one["at"]
    ]


def _day(promised: date | datetime) -> date:
    return clock.date_in(promised) if isinstance(promised, datetime) else promised


def _step(title: str, on: date | datetime | None = None, text: str = "") -> dict[str, Any]:
    return {"title": title, "at": on, "text": text, "next": True, "by": ""}
