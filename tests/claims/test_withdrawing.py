"""A final decision is withdrawn by two people while nothing stands on it; nothing of it is left (section 5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Sum

from claims import queues, selectors, services
from claims.models import Accumulator, AccumulatorEntry, Claim, Decision, DecisionWithdrawal
from claims.models.shared import SHARES
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Notice
from portal.papers.models import IssuedDocument
from portal.treasury.models import LedgerLine, Payable
from tests.claims.test_deciding import D, decide
from tests.claims.test_further import AFTER, answer, appealed, decided
from tests.factories import claims as a
from tests.factories import people
from tests.pages import once

pytestmark = pytest.mark.django_db
WHY = "Se eligió otro padecimiento."


def ask(one: Any, **more: Any) -> DecisionWithdrawal:
    told = {"decision": one.decision, "reason": WHY, "by": one.analyst, "at": AFTER}
    return services.ask_withdrawal(**(told | more))


def agree(one: Any, asked: DecisionWithdrawal, *, by: Any = None, agrees: bool = True) -> DecisionWithdrawal:
    from tests.claims.test_deciding import hold

    by = by or one.other
    hold(one.claim, by)
    return services.answer_withdrawal(withdrawal=asked, agrees=agrees, note="", by=by, at=AFTER)


def test_a_withdrawn_decision_leaves_no_figure_no_debt_no_paper_and_its_claim_is_decided_anew() -> None:
    one = decided()
    asked = ask(one)
    assert one.claim in queues.to_withdraw(one.other, AFTER) and one.claim not in queues.to_withdraw(one.analyst, AFTER)
    agree(one, asked)
    bucket, claim = Accumulator.objects.get(), Claim.objects.get()
    assert {getattr(bucket, name) for name in SHARES} == {D("0.00")}
    assert AccumulatorEntry.objects.aggregate(Sum("covered"), Sum("paid")) == {"covered__sum": 0, "paid__sum": 0}
    assert Payable.objects.get().state == "cancelled"
    assert sum(line.amount for line in LedgerLine.objects.filter(account__code="claims_expense")) == 0
    with pytest.raises(Conflict) as gone:
        ask(one)
    assert gone.value.code == "claim_moved_on"
    one.decision.refresh_from_db()
    assert (one.decision.ended_at, one.decision.document.is_in_force) == (AFTER, False)
    assert (claim.state, claim.payment_state, claim.decided_at) == ("in_review", "none", None)
    assert claim.segments.get(until=None).since == AFTER
    assert Notice.objects.filter(kind="claims/claim_reopened", user=one.family.user).exists()
    one.claim.refresh_from_db()
    again = decide(one, ("20000.00", ""), ("500.00", "above_agreed"), at=AFTER)
    assert (again.number, again.covered, again.paid) == (2, D("20500.00"), D("11250.00"))
    assert Payable.objects.filter(state="open").count() == 1


def test_it_takes_a_reason_and_another_analyst_and_no_stays_as_it_is() -> None:
    one = decided()
    with pytest.raises(RuleBroken, match="por qué"):
        ask(one, reason=" ")
    with pytest.raises(RuleBroken) as own:
        ask(one, by=one.family.user)
    assert own.value.code == "own_claim"
    asked = ask(one)
    with pytest.raises(Conflict, match="Ya se pidió"):
        ask(one)
    with pytest.raises(RuleBroken) as twice:
        agree(one, asked, by=one.analyst)
    assert twice.value.code == "answers_own"
    agree(one, asked, agrees=False)
    with pytest.raises(Conflict):
        agree(one, asked)
    assert Claim.objects.get().state == "decided"
    assert selectors.may_withdraw(one.claim)


def test_a_decision_stays_once_its_money_moves_it_is_appealed_or_a_later_one_counts_on_it() -> None:
    one = decided()
    asked = ask(one)
    Claim.objects.update(payment_state="scheduled")
    with pytest.raises(Conflict) as paid:
        agree(one, asked)
    assert paid.value.code == "decision_is_paid"
    Claim.objects.update(payment_state="payable")
    appeal = appealed(one)
    with pytest.raises(Conflict) as runs:
        agree(one, asked)
    assert runs.value.code == "is_appealed"
    services.withdraw_claim(claim=appeal, by=one.family.user, at=AFTER)
    assert selectors.may_withdraw(one.claim)
    later = a.sent(one.family, "100.00")
    second = answer(one, later, by=one.analyst)
    assert not selectors.may_withdraw(one.claim)
    with pytest.raises(Conflict) as followed:
        agree(one, asked)
    assert followed.value.code == "later_stands_on_it"
    of_later = services.ask_withdrawal(decision=second, reason=WHY, by=one.analyst, at=AFTER)
    one.claim, first = later, one.claim
    agree(one, of_later)
    one.claim = first
    agree(one, asked)
    assert Accumulator.objects.get().covered == 0


def test_an_appeal_that_was_decided_blocks_no_withdrawal_but_what_it_raised_goes_first() -> None:
    one = decided()
    appeal = appealed(one)
    refused = answer(one, appeal, ("20000.00", ""), ("0.00", "not_medical"), by=one.other)
    assert selectors.may_withdraw(one.claim), "the appeal is over and raised nothing"
    asked = ask(one)
    agree(one, asked)
    appeal.refresh_from_db()
    assert not selectors.may_withdraw(appeal)
    with pytest.raises(Conflict) as reopened:
        services.ask_withdrawal(decision=refused, reason=WHY, by=one.other, at=AFTER)
    assert reopened.value.code == "first_is_reopened", "else one expense is covered by both"
    one.claim.refresh_from_db()
    one.decision = decide(one, ("20000.00", ""), ("0.00", "not_medical"), at=AFTER)
    raised = answer(one, appealed(one), ("20000.00", ""), ("100.00", "above_agreed"), by=one.other)
    assert (raised.covered, selectors.may_withdraw(one.claim)) == (D("100.00"), False)
    with pytest.raises(Conflict) as stands:
        ask(one)
    assert stands.value.code == "later_stands_on_it"


def test_terms_that_were_mended_hold_once_everything_booked_under_the_old_ones_was_undone() -> None:
    from memberships.models import CoverageTerms

    one = decided()
    CoverageTerms.objects.update(deductible=D("1000.00"))
    agree(one, ask(one))
    one.claim.refresh_from_db()
    assert decide(one, ("20000.00", ""), ("0.00", "not_medical"), at=AFTER).deductible == D("1000.00")


def test_a_decision_that_was_recorded_without_its_paper_is_withdrawn_and_voids_no_other() -> None:
    one = decided()
    Decision.objects.update(document=None)
    agree(one, ask(one))
    assert Claim.objects.get().state == "in_review"
    assert IssuedDocument.objects.get(kind="claim_benefits").is_in_force


def test_the_desk_asks_and_answers_on_the_page() -> None:
    one = decided()
    page = f"/mesa/tramites/{one.claim.folio}/"
    first, second = people.signed_in(one.analyst), people.signed_in(one.other)
    assert "Retirar la decisión" in first.get(page).content.decode()
    assert first.post(f"{page}pedir-retiro/", once()).status_code == 422
    for status in (302, 409):
        assert first.post(f"{page}pedir-retiro/", once() | {"reason": WHY}).status_code == status
    from portal.work import services as work

    work.take(queue=queues.WITHDRAWALS, thing=one.claim, by=one.other, at=AFTER)
    shown = second.get(page).content.decode()
    assert (WHY in shown, "Retirar decisión" in shown) == (True, True)
    assert (
        "¿Retirar la decisión"
        in second.post(f"{page}responder-retiro/", once() | {"ask": "retirar-decision"}).content.decode()
    )
    assert second.post(f"{page}responder-retiro/", once() | {"act": "agree", "note": "x" * 301}).status_code == 422
    for status in (302, 409):
        assert second.post(f"{page}responder-retiro/", once() | {"act": "agree"}).status_code == status
    assert first.post(f"{page}pedir-retiro/", once() | {"reason": WHY}).status_code == 409
    assert Claim.objects.get().state == "in_review"
