"""Treasury's acts on rows: accounts, the hold, batches, three people (N10, MO-05, MO-06)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.people.models import Grant, User
from portal.treasury import rules, selectors, services
from portal.treasury.models import BankAccount, Payable, PaymentBatch, TransferItem
from portal.work import selectors as work
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY

pytestmark = pytest.mark.django_db
HOLD = timedelta(hours=72)


def prepare(people, *payables, at=NOW) -> PaymentBatch:
    return services.prepare_batch(payables=payables, by=people.preparer, at=at)


def approve(batch, by, at=NOW) -> PaymentBatch:
    return services.approve_batch(batch=batch, total=batch.total, by=by, at=at)


def kinds(user) -> list[str]:
    return sorted(Notice.objects.filter(user=user).values_list("kind", flat=True))


# --- accounts ----------------------------------------------------------------------------------------------------


def test_a_first_account_needs_one_reviewer_and_no_hold(doctor) -> None:
    account = a.validated(doctor)
    assert (account.state, account.reviews_needed, account.usable_from) == ("validated", 1, NOW)
    assert kinds(doctor.user) == ["treasury/account_validated"]


def test_mo_06_a_change_needs_two_reviewers_and_waits_72_hours(doctor, people) -> None:
    old = a.validated(doctor)
    change = a.in_review(doctor)
    assert (change.reviews_needed, change.replaces) == (2, old)
    change = services.review_account(account=change, decision="approved", by=people.reviewer, at=NOW)
    assert change.state == "in_review"
    with pytest.raises(Conflict, match="Ya revisaste"):
        services.review_account(account=change, decision="approved", by=people.reviewer, at=NOW)
    change = services.review_account(account=change, decision="approved", by=a.person("Otra", Role.REVIEWER), at=NOW)
    old.refresh_from_db()
    assert (change.state, change.usable_from, change.hold_rule) == (
        "validated",
        NOW + HOLD,
        "account_change_hold_hours v1 · operador",
    )
    assert (old.state, old.replaced_at) == ("replaced", NOW)
    assert kinds(doctor.user) == [
        "treasury/account_change_asked",
        "treasury/account_changed",
        "treasury/account_validated",
    ]


def test_nobody_judges_their_own_account(doctor) -> None:
    account = a.in_review(doctor)
    with pytest.raises(RuleBroken, match="otra persona"):
        services.review_account(account=account, decision="approved", by=doctor.user, at=NOW)


def test_who_acts_for_the_party_does_not_judge_its_account(doctor) -> None:
    assistant = a.person("Asistente", Role.PHYSICIAN_ASSISTANT, doctor.party)
    with pytest.raises(RuleBroken, match="otra persona"):
        services.review_account(account=a.in_review(doctor), decision="approved", by=assistant, at=NOW)


def test_a_rejection_tells_the_owner_why_and_lets_them_try_again(doctor, people) -> None:
    account = a.in_review(doctor)
    with pytest.raises(RuleBroken, match="motivo"):
        services.review_account(account=account, decision="rejected", by=people.reviewer, at=NOW, reason=" ")
    services.review_account(account=account, decision="rejected", by=people.reviewer, at=NOW, reason="No se lee.")
    assert "No se lee." in Notice.objects.get(user=doctor.user).body
    mine = selectors.my_account(party=doctor.party, purpose="digital_orders", at=NOW)
    assert (mine.refused.reason, mine.current, mine.under_way) == ("No se lee.", None, None)
    assert a.in_review(doctor).reviews_needed == 1


def test_an_account_that_moved_on_is_a_conflict(doctor, people) -> None:
    account = a.in_review(doctor)
    services.review_account(account=account, decision="approved", by=people.reviewer, at=NOW)
    for act in (
        lambda: services.review_account(account=account, decision="approved", by=a.person("X", Role.REVIEWER), at=NOW),
        lambda: services.submit_account(account=account, by=doctor.user, at=NOW),
    ):
        with pytest.raises(Conflict, match="ya cambió"):
            act()


# --- account change × batch lock: every interleaving (N10) ---------------------------------------------------------


def test_n10_change_before_preparation_waits_and_then_goes_to_the_new_account(doctor, people) -> None:
    a.validated(doctor)
    new = a.validated(doctor)
    owed = a.payable(doctor)
    ready, waiting = selectors.choices_for_batch(by=people.preparer, at=NOW + HOLD - timedelta(seconds=1))
    assert (ready, [row.payable for row in waiting]) == ([], [owed])
    assert "plazo de seguridad" in waiting[0].wait
    with pytest.raises(Conflict, match="no se puede pagar"):
        prepare(people, owed, at=NOW + HOLD - timedelta(seconds=1))
    batch = prepare(people, owed, at=NOW + HOLD)
    assert batch.transfers.get().account == new


def test_n10_change_between_preparation_and_lock_goes_to_neither_account(doctor, people, told) -> None:
    a.validated(doctor)
    owed = a.payable(doctor)
    batch = prepare(people, owed)
    a.validated(doctor)
    batch.refresh_from_db()
    owed.refresh_from_db()
    assert (batch.state, owed.state, batch.transfers.get().state) == ("cancelled", "open", "withdrawn")
    assert not TransferItem.objects.filter(live=True).exists()
    assert told == [("on_scheduled", owed.pk), ("on_released", owed.pk)]


def test_n10_a_change_takes_only_its_own_transfer_out_and_voids_approvals(doctor, people) -> None:
    other = a.physician("Juan Ortiz")
    for who in (doctor, other):
        a.validated(who)
    batch = prepare(people, a.payable(doctor, "400000.00"), a.payable(other, "300000.00"))
    assert batch.approvals_needed == 2
    approve(batch, people.approver)
    a.validated(doctor)
    batch.refresh_from_db()
    assert (batch.total, batch.count, batch.state) == (Decimal("300000.00"), 1, "prepared")
    assert batch.approvals.filter(voided_at=None).count() == 0
    approve(batch, people.approver)
    assert approve(batch, people.second).state == "approved"


def test_n10_a_locked_batch_goes_on_to_the_account_frozen_in_it(doctor, people) -> None:
    old = a.validated(doctor)
    batch = a.locked(doctor, people)
    a.validated(doctor)
    batch.refresh_from_db()
    transfer = batch.transfers.get()
    assert (batch.state, transfer.state, transfer.clabe, transfer.account) == ("approved", "pending", old.clabe, old)


def test_n10_a_change_that_is_only_asked_for_stops_nothing(doctor, people) -> None:
    old = a.validated(doctor)
    a.in_review(doctor)
    assert prepare(people, a.payable(doctor)).transfers.get().account == old


# --- batches -----------------------------------------------------------------------------------------------------


def test_one_transfer_per_account(doctor, people) -> None:
    other = a.physician("Juan Ortiz")
    for who in (doctor, other):
        a.validated(who)
    batch = prepare(people, a.payable(doctor, "10.00"), a.payable(doctor, "5.50"), a.payable(other, "1.00"))
    assert sorted(batch.transfers.values_list("amount", flat=True)) == [Decimal("1.00"), Decimal("15.50")]
    assert (batch.total, batch.count, batch.folio) == (Decimal("16.50"), 2, None)


def test_mo_05_three_people_and_the_folio_comes_with_the_lock(doctor, people, barred) -> None:
    a.validated(doctor)
    owed = a.payable(doctor)
    barred.add(people.reviewer.pk)
    with pytest.raises(RuleBroken, match="Revisaste"):
        services.prepare_batch(payables=[owed], by=people.reviewer, at=NOW)
    batch = prepare(people, owed)
    for person, sentence in ((people.preparer, "Preparaste"), (people.reviewer, "Revisaste")):
        with pytest.raises(RuleBroken, match=sentence):
            approve(batch, person)
    batch = approve(batch, people.approver)
    assert (batch.state, batch.folio, batch.locked_at) == ("approved", f"LP-{TODAY.year}-000001", NOW)
    with pytest.raises(Conflict):
        approve(batch, people.second)


def test_mo_05_who_reviews_after_the_preparation_does_not_approve_either(doctor, people, barred) -> None:
    a.validated(doctor)
    batch = prepare(people, a.payable(doctor))
    barred.add(people.approver.pk)
    with pytest.raises(RuleBroken, match="Revisaste"):
        approve(batch, people.approver)
    assert approve(batch, people.second).state == "approved"


def test_mo_05_above_the_limit_two_people_approve(doctor, people) -> None:
    a.validated(doctor)
    batch = approve(prepare(people, a.payable(doctor, "500000.01")), people.approver)
    assert (batch.state, batch.folio) == ("prepared", None)
    with pytest.raises(Conflict, match="segunda autorización"):
        approve(batch, people.approver)
    assert approve(batch, people.second).state == "approved"


def test_an_approver_says_yes_to_the_total_on_the_screen(doctor, people) -> None:
    a.validated(doctor)
    batch = prepare(people, a.payable(doctor))
    with pytest.raises(Conflict, match="total"):
        services.approve_batch(batch=batch, total=Decimal("999.99"), by=people.approver, at=NOW)


def test_a_cancelled_batch_frees_its_payables_and_a_locked_one_is_not_cancelled(doctor, people) -> None:
    a.validated(doctor)
    owed = a.payable(doctor)
    batch = prepare(people, owed)
    with pytest.raises(RuleBroken, match="por qué"):
        services.cancel_batch(batch=batch, reason=" ", by=people.preparer, at=NOW)
    services.cancel_batch(batch=batch, reason="Fecha equivocada", by=people.preparer, at=NOW)
    owed.refresh_from_db()
    assert (owed.state, owed.transfer) == ("open", None)
    again = approve(prepare(people, owed), people.approver)
    assert again.folio == f"LP-{TODAY.year}-000001"
    with pytest.raises(Conflict, match="cerrado"):
        services.cancel_batch(batch=again, reason="x", by=people.preparer, at=NOW)


def test_a_payable_is_in_one_batch_only(doctor, people) -> None:
    a.validated(doctor)
    owed = a.payable(doctor)
    prepare(people, owed)
    with pytest.raises(Conflict, match="otro lote"):
        prepare(people, owed)


def test_each_act_leaves_exactly_one_audit_event(doctor, people) -> None:
    a.validated(doctor)
    owed = a.payable(doctor)
    before = AuditEvent.objects.count()
    batch = prepare(people, owed)
    approve(batch, people.approver)
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))[before:] == [
        "treasury.batch_prepared",
        "treasury.batch_approved",
    ]


def waiting(user):
    return work.figures(user, at=NOW, app="treasury")


def test_the_desk_is_told_what_waits(doctor, people) -> None:
    assert waiting(people.auditor) == []
    account = a.in_review(doctor)
    assert [row[1] for row in waiting(people.reviewer)] == [1]
    services.review_account(account=account, decision="approved", by=people.reviewer, at=NOW)
    owed = a.payable(doctor)
    assert [row[1] for row in waiting(people.preparer)] == [1, 1, 0]
    prepare(people, owed)
    assert [row[1] for row in waiting(people.approver)] == [1]
    assert BankAccount.objects.usable(at=NOW).count() == 1
    assert Payable.objects.waiting().count() == 0


def test_who_reviewed_after_a_batch_was_prepared_is_told_before_they_press_the_button(doctor, people, barred) -> None:
    a.validated(doctor)
    batch = prepare(people, a.payable(doctor))
    assert selectors.acts_on(batch, by=people.approver).approve
    barred.add(people.approver.pk)
    acts = selectors.acts_on(batch, by=people.approver)
    assert not acts.approve
    assert "quien revisa no autoriza" in acts.why_not


def test_mo_05_nobody_prepares_or_approves_what_pays_them_or_whom_they_act_for(doctor, people) -> None:
    a.validated(doctor)
    other = a.physician("Juan Ortiz")
    a.validated(other)
    owed, else_ = a.payable(doctor), a.payable(other)
    for who in (people.preparer, people.approver):
        Grant.objects.create(user=who, party=doctor.party, role=Role.PHYSICIAN_ASSISTANT, since=TODAY)
        people.__dict__.update({name: User.objects.get(pk=who.pk) for name, one in vars(people).items() if one == who})
    ready, waiting = selectors.choices_for_batch(by=people.preparer, at=NOW)
    assert ([row.payable for row in ready], [row.payable for row in waiting]) == ([else_], [owed])
    assert waiting[0].wait.startswith("Es un pago tuyo")
    with pytest.raises(RuleBroken, match="Uno de estos pagos es tuyo"):
        prepare(people, owed, else_)
    fresh = a.person("Otra que prepara", Role.PAYMENT_PREPARER)
    batch = services.prepare_batch(payables=[owed, else_], by=fresh, at=NOW)
    assert "desk/batch_waits" not in kinds(people.approver) and "desk/batch_waits" in kinds(people.second)
    acts = selectors.acts_on(batch, by=people.approver)
    assert (acts.approve, acts.why_not) == (False, rules.OWN_PAYMENT)
    assert batch not in selectors.batches_to_approve(people.approver)
    with pytest.raises(RuleBroken, match="Uno de estos pagos es tuyo") as refused:
        approve(batch, people.approver)
    assert refused.value.code == "own_payment"
    assert batch in selectors.batches_to_approve(people.second)
    assert approve(batch, people.second).state == "approved"


def test_mo_05_the_limit_of_one_approver_is_of_each_currency(doctor, people) -> None:
    a.validated(doctor)
    for currency, amount, needed, rule in (
        ("MXN", "500000.00", 1, "batch.four_eyes_limit v1 · operador"),
        ("MXN", "500000.01", 2, "batch.four_eyes_limit v1 · operador"),
        ("CLP", "25000000.00", 1, "batch.four_eyes_limit_clp v1 · operador"),
        ("CLP", "25000001.00", 2, "batch.four_eyes_limit_clp v1 · operador"),
    ):
        owed = a.payable(doctor, amount, currency=currency)
        batch = prepare(people, owed)
        assert (batch.currency, batch.approvals_needed, batch.limit_rule) == (currency, needed, rule)
        services.cancel_batch(batch=batch, reason="Otro", by=people.preparer, at=NOW)
    assert set(rules.FOUR_EYES_LIMITS) == {code for code, _label in rules.CURRENCIES}
