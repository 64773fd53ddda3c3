"""Treasury's rules, without a database (MO-01, MO-02, MO-05, MO-06)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portal.errors import Conflict, RuleBroken
from portal.treasury import labels, rules
from portal.treasury.rules import Line

AT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
A, B, C = (uuid.UUID(int=n) for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("values", "table"),
    [
        (rules.BatchState, labels.BATCH_STEP),
        (rules.Decision, rules.DECISION_LABELS),
        (rules.Wait, rules.WAIT_LABELS),
    ],
)
def test_every_table_is_total(values, table) -> None:
    assert set(table) == set(values)


@pytest.mark.parametrize(
    "lines",
    [
        [Line("a", Decimal("1.00"), "MXN")],
        [Line("a", Decimal("1.00"), "MXN"), Line("b", Decimal("-0.99"), "MXN")],
        [Line("a", Decimal("1.00"), "MXN"), Line("b", Decimal("-1"), "CLP")],
        [Line("a", Decimal("0.00"), "MXN"), Line("b", Decimal("0.00"), "MXN")],
        [Line("a", Decimal("1.005"), "MXN"), Line("b", Decimal("-1.005"), "MXN")],
        [Line("a", Decimal("1.50"), "CLP"), Line("b", Decimal("-1.50"), "CLP")],
    ],
)
def test_an_entry_that_does_not_balance_is_a_bug(lines) -> None:
    with pytest.raises(ValueError):
        rules.check_entry(lines)


def test_an_entry_balances_per_currency() -> None:
    rules.check_entry(
        [
            Line("a", Decimal("1"), "CLP"),
            Line("b", Decimal("-1"), "CLP"),
            Line("a", Decimal("0.10"), "MXN"),
            Line("b", Decimal("-0.10"), "MXN"),
        ]
    )


@pytest.mark.parametrize(("amount", "currency"), [("0", "MXN"), ("-1", "MXN"), ("1.001", "MXN"), ("1.5", "CLP")])
def test_what_cannot_be_owed_is_a_bug(amount, currency) -> None:
    with pytest.raises(ValueError):
        rules.check_amount(Decimal(amount), currency)


@pytest.mark.parametrize(("total", "needed"), [("500000.00", 1), ("500000.01", 2), ("0.01", 1)])
def test_mo_05_two_approvers_only_above_the_limit(total, needed) -> None:
    assert rules.approvals_needed(total=Decimal(total), limit=Decimal("500000.00")) == needed


def test_mo_06_first_account_has_no_hold_and_a_change_waits_72_natural_hours() -> None:
    assert rules.usable_from(approved_at=AT, is_change=False, hold_hours=72) == AT
    assert rules.usable_from(approved_at=AT, is_change=True, hold_hours=72) == AT + timedelta(hours=72)
    assert (rules.reviews_needed(is_change=False), rules.reviews_needed(is_change=True)) == (1, 2)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"by": A, "preparer": A, "barred": set(), "earlier": set(), "what": "facturas"}, "Preparaste este lote"),
        ({"by": A, "preparer": B, "barred": {A}, "earlier": set(), "what": "facturas"}, "Revisaste facturas"),
        ({"by": A, "preparer": B, "barred": set(), "earlier": {A}, "what": "facturas"}, "Ya autorizaste"),
    ],
)
def test_mo_05_reviewer_preparer_and_approver_are_three_people(given, sentence) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        rules.check_approver(**given)
    assert sentence in rules.why_not_approve(**given)


@pytest.mark.parametrize("what", ["facturas", "viáticos", "facturas y viáticos"])
def test_mo_05_who_reviewed_does_not_prepare_and_reads_what_to_take_out_whatever_it_is_called(what) -> None:
    rules.check_preparer(by=A, barred={B}, what=what)
    with pytest.raises(RuleBroken, match=f"^Revisaste {what} de esta .* Quita de la selección lo que revisaste o pide"):
        rules.check_preparer(by=A, barred={A}, what=what)


def test_mo_05_a_third_person_approves() -> None:
    assert rules.why_not_approve(by=C, preparer=A, barred={B}, earlier=set(), what="facturas") == ""


def test_who_hands_an_account_in_does_not_judge_it() -> None:
    for given in (
        {"reviewer": A, "submitter": A, "earlier": (), "own_party": False},
        {"reviewer": A, "submitter": B, "earlier": (), "own_party": True},
    ):
        with pytest.raises(RuleBroken, match="otra persona"):
            rules.check_reviewer(**given)
    with pytest.raises(Conflict, match="Ya revisaste"):
        rules.check_reviewer(reviewer=A, submitter=B, earlier={A}, own_party=False)


@pytest.mark.parametrize(
    ("validated_from", "in_review", "wait"),
    [
        (None, False, rules.Wait.NO_ACCOUNT),
        (None, True, rules.Wait.IN_REVIEW),
        (AT + timedelta(seconds=1), False, rules.Wait.ON_HOLD),
        (AT, True, None),
        (AT - timedelta(days=1), False, None),
    ],
)
def test_why_a_payable_waits(validated_from, in_review, wait) -> None:
    assert rules.why_waits(validated_from=validated_from, in_review=in_review, at=AT) == wait


def test_a_selection_is_one_currency_of_waiting_payables() -> None:
    assert rules.check_selection([("MXN", "open"), ("MXN", "rejected")]) == "MXN"
    for chosen, error in (
        ([], RuleBroken),
        ([("MXN", "scheduled")], Conflict),
        ([("MXN", "open"), ("CLP", "open")], RuleBroken),
    ):
        with pytest.raises(error):
            rules.check_selection(chosen)


def test_the_spei_concept_is_plain_and_short() -> None:
    assert rules.concept(["FA-2026-000001"], what="facturas") == "PAGO FA 2026 000001"
    assert rules.concept(["a", "b"], what="facturas") == "PAGO DE 2 FACTURAS"
    assert rules.concept(["a", "b"], what="viáticos") == "PAGO DE 2 VIATICOS", "an accent is a letter, not a blank"
    assert len(rules.concept(["Ñ" * 90], what="facturas")) <= 40


def test_a_transition_the_table_does_not_know_is_a_conflict() -> None:
    with pytest.raises(Conflict, match="ya cambió"):
        rules.BATCH.check(rules.BatchState.POSTED, rules.BatchState.CANCELLED)


def test_a_refusal_needs_its_reason() -> None:
    with pytest.raises(RuleBroken):
        rules.check_reason("  ")
    assert rules.check_reason(" no coincide ") == "no coincide"


@pytest.mark.parametrize(
    ("state", "is_change", "hours_left", "wanted"),
    [
        ("in_review", True, None, True),
        ("in_review", False, None, False),
        ("validated", True, 1, True),
        ("validated", True, 0, False),
        ("validated", True, -1, False),
        ("validated", True, None, False),
        ("validated", False, 1, False),
        ("captured", True, None, False),
        ("rejected", True, None, False),
        ("replaced", True, 1, False),
        ("stopped", True, None, False),
    ],
)
def test_n10_a_change_is_stopped_in_review_or_while_its_hold_runs(state, is_change, hours_left, wanted) -> None:
    until = None if hours_left is None else AT + timedelta(hours=hours_left)
    can = rules.can_stop(state=rules.AccountState(state), is_change=is_change, usable_from=until, at=AT)
    assert can is wanted


def test_a_batch_is_cancelled_by_its_preparer_or_by_an_approver() -> None:
    rules.check_canceller(by=A, preparer=A, may_approve=False)
    rules.check_canceller(by=B, preparer=A, may_approve=True)
    with pytest.raises(RuleBroken, match="quien lo preparó o una persona que autoriza"):
        rules.check_canceller(by=B, preparer=A, may_approve=False)


def test_each_answer_of_the_bank_moves_a_transfer_as_the_machine_draws_it_or_is_known() -> None:
    assert set(rules.ANSWERS) == set(rules.TransferState)
    for state, said in rules.ANSWERS.items():
        for target in filter(None, said.values()):
            rules.TRANSFER.check(state, target)


@pytest.mark.parametrize("state", sorted(set(rules.AccountState) - {rules.AccountState.IN_REVIEW}))
def test_only_what_is_in_review_is_judged_though_other_ways_lead_to_validated(state) -> None:
    rules.check_stands(rules.AccountState.IN_REVIEW, rules.AccountState.IN_REVIEW)
    with pytest.raises(Conflict, match="ya cambió"):
        rules.check_stands(state, rules.AccountState.IN_REVIEW)


def test_a_transfer_that_came_back_is_never_told_in_the_words_of_one_that_was_refused() -> None:
    assert rules.TRANSFER.labels[rules.TransferState.REJECTED] == "Rechazada"
    assert rules.TRANSFER.labels[rules.TransferState.RETURNED] == "Devuelta después de pagada"
    told = rules.control_sums([("paid", Decimal(3)), ("returned", Decimal(2)), ("rejected", Decimal(1))])
    assert told == rules.Sums(1, Decimal(3), 1, Decimal(1), 1, Decimal(2))
