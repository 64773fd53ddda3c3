"""An analyst decides a claim line by line; what another has to look at waits, the rest is final and paid (S3.32)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from claims import selectors
from claims.models import Claim, Decision, Opening, QualityCheck
from claims.models.shared import CURRENCY
from claims.rules import ledger
from claims.rules.automatic import seed_of
from claims.rules.deciding import Outcome, SecondLook, Told, check_told, needs_condition, outcome_of, second_look
from claims.rules.kinds import Kind
from claims.rules.scheduled import letter_until
from claims.rules.settlement import Figures, Settled
from claims.rules.states import CLAIM, PAYMENT, ClaimState, PaymentState
from claims.services import settling
from claims.services.holding import hold_claim, refuse_own, settle_hold
from claims.services.requests import drop_requests
from claims.services.running import stop_clock
from claims.services.telling import tell_family
from memberships.models import CoveredPerson
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history import services as history
from portal.money import ZERO
from portal.papers import services as papers
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import refer
from portal.treasury import services as treasury
from portal.treasury.rules import Line

if TYPE_CHECKING:
    from memberships.models import Condition
    from portal.people.models import User

BENEFITS, REFUSAL, LETTER = "claim_benefits", "claim_refusal", "claim_letter"
KIND = ledger.KIND


@transaction.atomic
def begin_review(*, claim: Claim, by: User, at: datetime) -> None:
    """An analyst took a claim: from now on its family reads that a person looks at it. Taken again nothing changes."""
    claim = hold_claim(claim)
    if claim.state != ClaimState.SUBMITTED:
        return
    _refuse_own_appeal(claim, by=by)
    refuse_own(claim=claim, by=by, at=at)
    CLAIM.check(claim.state, ClaimState.IN_REVIEW)
    claim.state = ClaimState.IN_REVIEW
    claim.save(update_fields=["state"])
    tell_family(claim=claim, kind="claim_taken", context={}, at=at)
    record_act(claim=claim, action="claims.review_begun", by=by, at=at)


@transaction.atomic
def open_claim(*, claim: Claim, reason: str, by: User, at: datetime) -> Opening:
    """Say why one opens a claim that one did not take: its papers are read with it for some hours."""
    refuse_own(claim=claim, by=by, at=at)
    opened = Opening.objects.create(claim=claim, by=by, reason=reason, at=at)
    history.record(
        action="claims.claim_opened",
        subject=claim,
        by=by,
        at=at,
        party_id=claim.affected.party_id,
        details={"folio": claim.folio},
        reason=reason,
    )
    return opened


@transaction.atomic
def decide_claim(
    *, claim: Claim, condition: Condition | None, told: Mapping[int, Told], note: str, by: User, at: datetime
) -> Decision:
    """Decide every line (by its number) of a claim in review. Final at once, unless the rules ask another analyst.

    The condition is settled first: where the coverage's deductible is of an illness there is none without it. Raises
    RuleBroken for one's own, a line left out or told wrongly, Conflict for what a colleague has or nobody took.
    """
    row = hold_to_decide(claim=claim, condition=condition, by=by, at=at)
    if row.kind == Kind.SCHEDULED:
        raise Conflict("Un evento se autoriza o se rechaza entero. Recarga la página.", code="is_an_event")
    hold_person(claim=row)
    _check_lines(row, told, reasons=selectors.reasons_on(clock.date_in(at)))
    return keep_decision(claim=row, told=told, note=note, by=by, at=at)


def keep_decision(*, claim: Claim, told: Mapping[int, Told], note: str, by: User | None, at: datetime) -> Decision:
    """A new decision of a held claim, by an analyst or by the published rules; final where nobody else has to look."""
    reckoned = settling.reckon(claim, told)
    decision = Decision(claim=claim, number=claim.decisions.count() + 1, note=note.strip(), by=by, at=at)
    decision.outcome = outcome_of(reckoned.total).value
    decision.second_look = _second_look(claim, reckoned, at=at).value
    decision.explanations = settling.explain(claim, reckoned)
    for name, value in settling.figures_of_line(reckoned.total).items():
        setattr(decision, name, value)
    decision.save(force_insert=True)
    settling.write_lines(decision, reckoned)
    return _keep_decision(claim, decision, by=by, at=at)


def _keep_decision(claim: Claim, decision: Decision, *, by: User | None, at: datetime) -> Decision:
    """Recorded, then final, unless another has to look."""
    record_act(claim=claim, action="claims.claim_decided", by=by, at=at, decision=decision)
    if decision.second_look:
        _draw_decision(decision, at=at)
        _await_second_look(claim)
    else:
        _make_final(claim, decision, by=by, at=at)
    return decision


def _draw_decision(decision: Decision, *, at: datetime) -> None:
    """A decision that was drawn is a quality check too: what its second person says is kept apart."""
    if decision.second_look != SecondLook.SAMPLE:
        return
    rule = rulebook.rule_on("claim.qa_percent", on=clock.date_in(at))
    QualityCheck.objects.create(
        decision=decision,
        seed=seed_of(decision.claim.folio),
        percent=int(rule.value),
        rule=str(refer(rule)),
        drawn_at=at,
    )


def _note_check(decision: Decision, *, agreed: bool, by: User, at: datetime) -> None:
    QualityCheck.objects.filter(decision=decision, agreed=None).update(agreed=agreed, done_by=by, done_at=at)


def _settle_condition(claim: Claim, condition: Condition | None) -> None:
    if condition is not None and condition.person_id != claim.affected_id:
        raise RuleBroken("Ese padecimiento no es de la persona afectada.", code="not_theirs", field="condition")
    if condition is None and needs_condition(claim.coverage.scope):
        raise RuleBroken(
            "El deducible de esta cobertura es por padecimiento. Elige o registra el padecimiento antes de decidir.",
            code="condition_missing",
            field="condition",
        )
    claim.condition, claim.condition_pending = condition, claim.condition_pending and condition is None
    claim.save(update_fields=["condition", "condition_pending"])


def _check_lines(claim: Claim, told: Mapping[int, Told], *, reasons: Collection[str]) -> None:
    claimed = dict(claim.lines.values_list("number", "claimed"))
    if set(claimed) != set(told) or any(told[number].claimed != amount for number, amount in claimed.items()):
        raise RuleBroken("Faltan renglones por decidir. Recarga la página y decídelos todos.", code="lines_missing")
    before = selectors.covered_before(claim)
    for number in sorted(told):
        check_told(number, replace(told[number], already=before.get(number, ZERO)), reasons=reasons)


def _second_look(claim: Claim, reckoned: settling.Reckoned, *, at: datetime) -> SecondLook:
    on = clock.date_in(at)
    above = Decimal(str(rulebook.rule_on("claim.second_look_amount", on=on).value))
    percent = rulebook.whole("claim.qa_percent", on=on)
    return second_look(reckoned.total, above=above, folio=claim.folio, percent=percent)


def _await_second_look(claim: Claim) -> None:
    CLAIM.check(claim.state, ClaimState.SECOND_LOOK)
    claim.state = ClaimState.SECOND_LOOK
    claim.save(update_fields=["state"])


@transaction.atomic
def confirm_decision(*, decision: Decision, note: str, shown: str, by: User, at: datetime) -> Decision:
    """Another analyst agrees: the decision is final. `shown`: the figures they read, as `preview_decision` marks them.

    Raises RuleBroken for who decided it, or for one's own; Conflict where the figures moved since they were read.
    """
    row, held = _hold_look(decision, by=by, at=at)
    if settling.preview_decision(held).mark != shown:
        raise Conflict("Las sumas de este dictamen cambiaron. Revísalas otra vez.", code="figures_moved")
    held.looked_by, held.looked_at, held.looked_note = by, at, note.strip()
    held.save(update_fields=["looked_by", "looked_at", "looked_note"])
    _note_check(held, agreed=True, by=by, at=at)
    _make_final(row, held, by=by, at=at)
    return held


@transaction.atomic
def send_decision_back(*, decision: Decision, note: str, by: User, at: datetime) -> Decision:
    """Another analyst does not agree, and says why: the claim is in review again, nothing of the decision happened."""
    row, held = _hold_look(decision, by=by, at=at)
    if not note.strip():
        raise RuleBroken("Escribe qué hay que cambiar: lo lee quien dictamina.", code="note_missing", field="note")
    CLAIM.check(row.state, ClaimState.IN_REVIEW)
    held.looked_by, held.looked_at, held.looked_note, held.ended_at = by, at, note.strip(), at
    held.save(update_fields=["looked_by", "looked_at", "looked_note", "ended_at"])
    _note_check(held, agreed=False, by=by, at=at)
    row.state = ClaimState.IN_REVIEW
    row.save(update_fields=["state"])
    record_act(claim=row, action="claims.decision_sent_back", by=by, at=at, decision=held)
    return held


def _hold_look(decision: Decision, *, by: User, at: datetime) -> tuple[Claim, Decision]:
    row = hold_claim(decision.claim)
    held = Decision.objects.select_for_update().get(pk=decision.pk)
    if held.ended_at is not None or row.state != ClaimState.SECOND_LOOK:
        raise Conflict(CLAIM.moved, code=CLAIM.code)
    if held.by_id == by.pk:
        raise RuleBroken("La segunda vista es de otra persona: tú dictaminaste este trámite.", code="looks_twice")
    refuse_own(claim=row, by=by, at=at)
    settle_hold(claim=row, by=by)
    hold_person(claim=row)
    return row, held


def hold_person(*, claim: Claim) -> None:
    """Decisions on one person follow each other: what a second look is asked by is what becomes final."""
    CoveredPerson.objects.select_for_update(no_key=True).get(pk=claim.affected_id)


def _make_final(claim: Claim, decision: Decision, *, by: User | None, at: datetime) -> None:
    """Accumulators, books, debt, paper and notice of a decision, all of one instant."""
    CLAIM.check(claim.state, ClaimState.DECIDED)
    if claim.kind == Kind.SCHEDULED:
        _end_event(claim, decision, by=by, at=at)
        return
    reckoned, held = settling.reckon_final(claim, settling.told_of(decision))
    decision.outcome = outcome_of(reckoned.total).value
    decision.explanations = settling.explain(claim, reckoned)
    for name, value in settling.figures_of_line(reckoned.total).items():
        setattr(decision, name, value)
    decision.final_at = at
    decision.save()
    settling.move_accumulators(decision=decision, reckoned=reckoned, held=held, at=at)
    _answer_family(claim, at=at)
    if decision.paid:
        owe_family(claim=claim, decision=decision, by=by, at=at)
    _issue_benefits(decision, by=by, at=at)
    tell_family(claim=claim, kind="claim_decided", context={"pays": bool(decision.paid)}, at=at)
    record_act(claim=claim, action="claims.decision_final", by=by, at=at, decision=decision)


def owe_family(*, claim: Claim, decision: Decision, by: User | None, at: datetime) -> None:
    """Dr expense of the insurer, Cr what is owed to whoever filed; it is paid with the next batch."""
    PAYMENT.check(claim.payment_state, PaymentState.PAYABLE)
    claim.payment_state = PaymentState.PAYABLE
    claim.save(update_fields=["payment_state"])
    on, whose = clock.date_in(at), {ledger.EXPENSE: claim.coverage.plan.party_id, ledger.OWED: claim.payee_id}
    lines = [
        Line(account, amount, CURRENCY, whose[account])
        for account, amount in ledger.entry(ledger.DECIDED, {"paid": decision.paid})
    ]
    treasury.post_entry(kind=ledger.DECIDED, subject=decision, at=at, on=on, by=by, lines=lines)
    due = selectors.payment_due(on)
    treasury.open_payable(
        party=claim.payee,
        amount=decision.paid,
        currency=CURRENCY,
        kind=KIND,
        subject=decision,
        reference=claim.folio,
        due_on=due.on,
        due_rule=due.rule,
        by=by,
        at=at,
    )


def _issue_benefits(decision: Decision, *, by: User | None, at: datetime) -> None:
    """What the family reads on paper: why not and how to appeal, or every peso of what is covered."""
    refused = decision.outcome == Outcome.NOT_COVERED
    decision.document = papers.issue_document(
        kind=REFUSAL if refused else BENEFITS,
        template="pdf/claims/refusal.html" if refused else "pdf/claims/benefits.html",
        context=selectors.benefits_context(decision),
        party=decision.claim.affected.party,
        by=by,
        at=at,
    )
    decision.save(update_fields=["document"])


def record_act(*, claim: Claim, action: str, by: User | None, at: datetime, decision: Decision | None = None) -> None:
    """Put an act of a claim on record, with what was decided where a decision is told."""
    details = {"folio": claim.folio}
    if decision is not None:
        details |= {"outcome": decision.outcome, "covered": str(decision.covered), "paid": str(decision.paid)}
        details |= {"second_look": decision.second_look}
    history.record(action=action, subject=claim, by=by, at=at, party_id=claim.affected.party_id, details=details)


def _refuse_own_appeal(claim: Claim, *, by: User) -> None:
    """Nobody decides an appeal of what they decided, or looked at."""
    if by.pk in selectors.who_decided_before(claim):
        raise RuleBroken(
            "Tú decidiste lo que aquí se apela. Lo decide otra persona de dictamen.", code="own_decision_appealed"
        )


def hold_to_decide(*, claim: Claim, condition: Condition | None, by: User, at: datetime) -> Claim:
    """A claim in review under its lock, by who took it, with its illness settled. Raises as `decide_claim` says."""
    row = hold_claim(claim)
    if row.state != ClaimState.IN_REVIEW:
        CLAIM.check(row.state, ClaimState.PENDING_DOCUMENTS)  # what only a claim in review may do
    refuse_own(claim=row, by=by, at=at)
    _refuse_own_appeal(row, by=by)
    settle_hold(claim=row, by=by)
    drop_requests(claim=row, by=by, at=at)
    _settle_condition(row, condition)
    return row


def keep_event_decision(*, claim: Claim, authorised: Decimal | None, note: str, by: User, at: datetime) -> Decision:
    """What was decided of a scheduled event: up to how much, or that it is not covered. No figure moves with it."""
    hold_person(claim=claim)
    outcome = Outcome.AUTHORISED if authorised is not None else Outcome.NOT_COVERED
    decision = Decision(claim=claim, number=claim.decisions.count() + 1, note=note, by=by, at=at, claimed=ZERO)
    decision.outcome, decision.authorised = outcome.value, authorised
    on = clock.date_in(at)
    above = Decimal(str(rulebook.rule_on("claim.second_look_amount", on=on).value))
    total = Settled(ZERO, ZERO, ZERO, Figures(paid=authorised or ZERO))
    percent = rulebook.whole("claim.qa_percent", on=on)
    decision.second_look = second_look(total, above=above, folio=claim.folio, percent=percent).value
    if authorised is not None:
        decision.explanations = [settling.explain_event(claim, authorised)]
    decision.save(force_insert=True)
    return _keep_decision(claim, decision, by=by, at=at)


def _end_event(claim: Claim, decision: Decision, *, by: User | None, at: datetime) -> None:
    """A letter, or a refusal, is final: its days begin, the family is told; accumulators move with the bill alone."""
    on = clock.date_in(at)
    if decision.authorised is not None:
        decision.valid_until = letter_until(on, rulebook.whole("claim.letter_days", on=on))
        decision.explanations = [settling.explain_event(claim, decision.authorised)]
    decision.final_at = at
    decision.save()
    _answer_family(claim, at=at)
    refused = decision.authorised is None
    decision.document = papers.issue_document(
        kind=REFUSAL if refused else LETTER,
        template="pdf/claims/refusal.html" if refused else "pdf/claims/letter.html",
        context=selectors.benefits_context(decision) if refused else selectors.letter_context(decision),
        party=claim.affected.party,
        by=by,
        at=at,
    )
    decision.save(update_fields=["document"])
    kind = "claim_decided" if refused else "claim_letter"
    tell_family(claim=claim, kind=kind, context={"pays": False}, at=at)
    record_act(claim=claim, action="claims.decision_final", by=by, at=at, decision=decision)


def _answer_family(claim: Claim, *, at: datetime) -> None:
    CLAIM.check(claim.state, ClaimState.DECIDED)
    stop_clock(claim=claim, at=at, met=True)
    claim.state, claim.decided_at = ClaimState.DECIDED, at
    claim.elapsed_minutes = selectors.elapsed_minutes(claim, at=at)
    claim.save(update_fields=["state", "decided_at", "elapsed_minutes"])


def tell_bill(*, decision: Decision, by: User, at: datetime) -> None:
    """A hospital's bill was recorded: its paper, its notice. Nothing is owed to the family."""
    _issue_benefits(decision, by=by, at=at)
    tell_family(claim=decision.claim, kind="claim_bill", context={}, at=at)
    record_act(claim=decision.claim, action="claims.bill_recorded", by=by, at=at, decision=decision)
