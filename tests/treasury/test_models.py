"""The database keeps treasury's promises by itself, under the application's role too (MO-01, MO-02, MO-05, MO-06)."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Sum

from portal.access import Role
from portal.treasury import services
from portal.treasury.models import (
    AccountReview,
    BankAccount,
    BatchApproval,
    BatchBarred,
    LedgerAccount,
    LedgerLine,
    LedgerTransaction,
    Payable,
    PaymentBatch,
    Transfer,
)
from portal.treasury.rules import Line
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY

pytestmark = pytest.mark.django_db


def broken(name: str):
    return pytest.raises(IntegrityError, match=name)


def entry(**lines: str) -> LedgerTransaction:
    made = LedgerTransaction.objects.create(kind="t", subject_type="x", subject_id=uuid.uuid4().hex, at=NOW, on=TODAY)
    for code, amount in lines.items():
        account = LedgerAccount.objects.get_or_create(code=code, currency="MXN", party=None)[0]
        LedgerLine.objects.create(transaction=made, account=account, amount=Decimal(amount), currency="MXN")
    return made


def check_deferred() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ({"a": "1.00", "b": "-0.99"}, "does not sum to zero"),
        ({"a": "1.00"}, "fewer than two lines"),
        ({}, "fewer than two lines"),
    ],
)
def test_mo_02_an_unbalanced_entry_does_not_commit(lines, name) -> None:
    with broken(name), transaction.atomic():
        entry(**lines)
        check_deferred()


def test_mo_01_lines_are_never_zero_whole_in_clp_and_in_their_accounts_currency() -> None:
    made = entry(a="1.00", b="-1.00")
    peso = LedgerAccount.objects.create(code="c", currency="CLP")
    for name, account, amount, currency in (
        ("ledger_line_not_zero", LedgerAccount.objects.get(code="a"), "0.00", "MXN"),
        ("ledger_line_clp_whole", peso, "1.50", "CLP"),
    ):
        with broken(name), transaction.atomic():
            LedgerLine.objects.create(transaction=made, account=account, amount=Decimal(amount), currency=currency)
    with broken("ledger_line_currency_of_account"), transaction.atomic():
        LedgerLine.objects.create(transaction=made, account=peso, amount=Decimal(1), currency="MXN")
        check_deferred()


@pytest.mark.parametrize("table", ["ledgertransaction", "ledgerline", "ledgeraccount", "accountreview", "batchbarred"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_mo_02_the_application_cannot_change_what_only_grows(table, statement) -> None:
    entry(a="1.00", b="-1.00")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{settings.DATABASE_APPLICATION_ROLE}"')
        cursor.execute(statement.format(f"treasury_{table}"))


def test_mo_02_not_even_the_owner_updates_or_deletes_a_line() -> None:
    entry(a="1.00", b="-1.00")
    for act in (lambda: LedgerLine.objects.update(amount=Decimal(2)), lambda: LedgerLine.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            act()


def test_mo_02_the_application_cannot_commit_an_unbalanced_entry() -> None:
    with broken("does not sum to zero"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{settings.DATABASE_APPLICATION_ROLE}"')
        entry(a="1.00", b="-2.00")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_entry_is_reversed_once_and_names_the_original() -> None:
    doctor = a.physician()
    lines = [
        Line("care_expense", Decimal("10.00"), "MXN"),
        Line("physician_payable", Decimal("-10.00"), "MXN", doctor.party.pk),
    ]
    first = services.post_entry(kind="t", lines=lines, subject=doctor.party, at=NOW, on=TODAY, by=None)
    assert services.post_entry(kind="t", lines=lines, subject=doctor.party, at=NOW, on=TODAY, by=None) == first
    mirror = services.reverse_entry(entry=first, by=None, at=NOW, on=TODAY, reason="error")
    assert services.reverse_entry(entry=first, by=None, at=NOW, on=TODAY, reason="otra vez") == mirror
    assert mirror.reverses == first
    assert LedgerLine.objects.aggregate(total=Sum("amount"))["total"] == 0
    with broken("reverses_id"), transaction.atomic():
        LedgerTransaction.objects.create(kind="r", subject_type="x", subject_id="9", at=NOW, on=TODAY, reverses=first)


def test_exactly_one_validated_account_and_one_under_way() -> None:
    doctor = a.physician()
    first = a.validated(doctor)
    second = a.captured(doctor)
    with broken("one_account_under_way"), transaction.atomic():
        a.captured(doctor)
    reviewers = [a.person("R", Role.REVIEWER) for _ in range(2)]
    BankAccount.objects.filter(pk=second.pk).update(reviews_needed=2)
    for reviewer in reviewers:
        AccountReview.objects.create(account=second, reviewer=reviewer, decision="approved", at=NOW)
    with broken("one_validated_account"), transaction.atomic():
        BankAccount.objects.filter(pk=second.pk).update(state="validated", usable_from=NOW, decided_at=NOW)
    assert first.state == "validated"


def test_mo_06_the_database_asks_two_different_reviewers_for_a_change() -> None:
    doctor = a.physician()
    a.validated(doctor)
    account = a.in_review(doctor)
    reviewer = a.person("R", Role.REVIEWER)
    with broken("change of account needs two"), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(replaces=None, reviews_needed=1)
    with broken("change_needs_two_reviews"), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(reviews_needed=1, state="captured")
    services.review_account(account=account, decision="approved", by=reviewer, at=NOW)
    with broken("one_review_per_reviewer"), transaction.atomic():
        AccountReview.objects.create(account=account, reviewer=reviewer, decision="approved", at=NOW)
    with broken("lacks reviewers"), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(state="validated", usable_from=NOW, decided_at=NOW)
    with broken("hands an account in"), transaction.atomic():
        AccountReview.objects.create(account=account, reviewer=doctor.user, decision="approved", at=NOW)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"state": "rejected"}, "rejected_account_has_reason"),
        ({"submitted_by": None}, "account_submitted_who_and_when"),
        ({"clabe_index": "0" * 64}, "account_is_frozen"),
        ({"holder": "otro"}, "account_is_frozen"),
    ],
)
def test_an_account_keeps_its_shape(change, name) -> None:
    account = a.in_review(a.physician())
    with broken(name), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(**change)


def test_a_clabe_is_never_in_clear_in_the_table() -> None:
    account = a.captured(a.physician())
    with connection.cursor() as cursor:
        cursor.execute("SELECT clabe, clabe_index FROM treasury_bankaccount WHERE id = %s", [account.pk])
        row = cursor.fetchone()
    assert account.clabe not in "".join(row)


def test_mo_05_the_database_keeps_three_people_apart(barred) -> None:
    people, doctor = a.desk(), a.physician()
    a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)
    with broken("preparer does not approve"), transaction.atomic():
        BatchApproval.objects.create(batch=batch, approver=people.preparer, at=NOW)
    with broken("reviewer does not prepare"), transaction.atomic():
        BatchBarred.objects.create(batch=batch, user=people.preparer)
    BatchBarred.objects.create(batch=batch, user=people.reviewer)
    with broken("reviewer does not approve"), transaction.atomic():
        BatchApproval.objects.create(batch=batch, approver=people.reviewer, at=NOW)
    with broken("lacks approvals"), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch.pk).update(state="approved", locked_at=NOW, folio="LP-1")
    with broken("batch_is_frozen"), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch.pk).update(prepared_by=people.approver)


@pytest.mark.parametrize(
    ("model", "change", "name"),
    [
        (PaymentBatch, {"total": Decimal("2.00")}, "is locked"),
        (PaymentBatch, {"folio": "LP-X"}, "is locked"),
        (PaymentBatch, {"state": "cancelled"}, "batch_cancelled_says_why"),
        (PaymentBatch, {"locked_at": None}, "is locked"),
        (Transfer, {"amount": Decimal("2.00")}, "transfer_is_frozen"),
        (Transfer, {"clabe_index": "0" * 64}, "transfer_is_frozen"),
        (Transfer, {"state": "withdrawn"}, "is locked"),
        (Transfer, {"state": "paid"}, "transfer_paid_on"),
        (Transfer, {"state": "rejected"}, "transfer_rejected_why"),
        (Payable, {"amount": Decimal("2.00")}, "payable_is_frozen"),
        (Payable, {"state": "open"}, "payable_scheduled_with_transfer"),
        (Payable, {"state": "paid"}, "payable_paid_when"),
    ],
)
def test_a_locked_batch_does_not_change(model, change, name) -> None:
    doctor = a.physician()
    a.validated(doctor)
    a.locked(doctor, a.desk())
    with broken(name), transaction.atomic():
        model.objects.update(**change)


def test_a_locked_batch_is_not_cancelled_though_it_says_who_when_and_why() -> None:
    doctor = a.physician()
    a.validated(doctor)
    desk = a.desk()
    a.locked(doctor, desk)
    with broken("batch_locked_by_state"), transaction.atomic():
        PaymentBatch.objects.update(
            state="cancelled", cancelled_by=desk.preparer, cancelled_at=NOW, cancel_reason="Ya no se paga"
        )


def test_a_batch_that_does_not_add_up_does_not_lock() -> None:
    people, doctor = a.desk(), a.physician()
    a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)
    PaymentBatch.objects.filter(pk=batch.pk).update(total=Decimal("999.99"))
    BatchApproval.objects.create(batch=batch, approver=people.approver, at=NOW)
    with broken("does not add up"), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch.pk).update(state="approved", locked_at=NOW, folio="LP-1")


def test_one_subject_is_owed_once_and_more_than_zero() -> None:
    doctor = a.physician()
    row = a.payable(doctor)
    copy = dict(
        party=doctor.party,
        currency="MXN",
        kind=row.kind,
        subject_type=row.subject_type,
        liability="x",
        reference="x",
        due_on=TODAY,
        due_rule=a.DUE_RULE,
        opened_at=NOW,
        waiting_since=NOW,
    )
    with broken("one_payable_per_subject"), transaction.atomic():
        Payable.objects.create(**copy, subject_id=row.subject_id, amount=Decimal(1))
    with broken("payable_positive"), transaction.atomic():
        Payable.objects.create(**copy, subject_id="z", amount=Decimal(0))
    with broken("payable_clp_whole"), transaction.atomic():
        Payable.objects.create(**{**copy, "currency": "CLP"}, subject_id="z", amount=Decimal("1.50"))
    with broken("payable_due_says_its_rule"), transaction.atomic():
        Payable.objects.create(**{**copy, "due_rule": ""}, subject_id="z", amount=Decimal(1))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"posted_at": NOW}, "batch_posted_when"),
        ({"state": "cancelled"}, "batch_cancelled_says_why"),
        ({"cancel_reason": "sin cancelar"}, "batch_cancelled_says_why"),
    ],
)
def test_a_batch_says_when_it_was_posted_and_why_it_was_cancelled(change, name) -> None:
    doctor = paid_to()
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=a.desk().preparer, at=NOW)
    with broken(name), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch.pk).update(**change)


@pytest.mark.parametrize(("model", "name"), [(Transfer, "transfer_state_known"), (BankAccount, "account_state_known")])
def test_a_state_that_the_rules_do_not_know_is_no_state(model, name) -> None:
    a.locked(paid_to(), a.desk())
    with broken(name), transaction.atomic():
        model.objects.update(state="elsewhere")


def paid_to():
    """A physician with an account of record."""
    doctor = a.physician()
    a.validated(doctor)
    return doctor
