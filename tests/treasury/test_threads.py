"""Several people at once: one effect, no deadlock, sums hold (MO-04, MO-10)."""

from __future__ import annotations

import pytest

from portal.errors import Conflict
from portal.treasury import invariants, selectors, services
from portal.treasury.models import BankAccount, LedgerTransaction, PaymentBatch
from portal.treasury.rules import Line
from tests.factories import treasury as a
from tests.factories.threads import at_once
from tests.factories.treasury import NOW, TODAY

from .test_machine import Treasury

pytestmark = pytest.mark.django_db(transaction=True)


def test_mo_10_two_preparers_never_share_a_payable() -> None:
    people, doctor = a.desk(), a.physician()
    a.validated(doctor)
    owed = a.payable(doctor)
    answers = at_once([lambda: services.prepare_batch(payables=[owed], by=people.preparer, at=NOW)] * 6)
    assert [type(answer) for answer in answers if not isinstance(answer, PaymentBatch)] == [Conflict] * 5
    assert PaymentBatch.objects.count() == 1


def test_mo_05_many_approvals_at_once_lock_once_with_one_folio() -> None:
    people, doctor = a.desk(), a.physician()
    a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)
    acts = [
        lambda by=by: services.approve_batch(batch=batch, total=batch.total, by=by, at=NOW)
        for by in (people.approver, people.second) * 3
    ]
    answers = at_once(acts)
    assert sum(isinstance(answer, PaymentBatch) for answer in answers) == 1, answers
    assert all(isinstance(answer, PaymentBatch | Conflict) for answer in answers)
    batch.refresh_from_db()
    assert (batch.state, batch.approvals.count()) == ("approved", 1)


def test_n10_an_account_change_against_a_lock_ends_in_one_of_the_two_right_ways() -> None:
    people, doctor = a.desk(), a.physician()
    old = a.validated(doctor)
    owed = a.payable(doctor)
    batch = services.prepare_batch(payables=[owed], by=people.preparer, at=NOW)
    change = a.in_review(doctor)
    services.review_account(account=change, decision="approved", by=people.reviewer, at=NOW)
    last = a.person("Última", a.Role.REVIEWER)
    answers = at_once(
        [
            lambda: services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=NOW),
            lambda: services.review_account(account=change, decision="approved", by=last, at=NOW),
        ]
    )
    assert isinstance(answers[1], BankAccount), answers
    batch.refresh_from_db()
    owed.refresh_from_db()
    transfer = batch.transfers.get()
    if isinstance(answers[0], Conflict):
        assert (batch.state, owed.state, transfer.state) == ("cancelled", "open", "withdrawn")
    else:
        assert (batch.state, owed.state, transfer.account_id) == ("approved", "scheduled", old.pk)


def test_mo_10_the_same_entry_posted_by_many_threads_stands_once() -> None:
    doctor = a.physician()
    lines = [
        Line("care_expense", a.Decimal("10.00"), "MXN"),
        Line("physician_payable", a.Decimal("-10.00"), "MXN", doctor.party.pk),
    ]
    answers = at_once(
        [lambda: services.post_entry(kind="t", lines=lines, subject=doctor.party, at=NOW, on=TODAY, by=None)] * 8
    )
    assert len({answer.pk for answer in answers}) == 1, answers
    assert LedgerTransaction.objects.count() == 1
    assert selectors.balance(code="care_expense", currency="MXN") == a.Decimal("10.00")
    assert selectors.books_are_whole()


def test_mo_04_the_same_answer_imported_by_many_threads_pays_once(barred: set) -> None:
    people, doctor, other = a.desk(), a.physician(), a.physician("Juan Ortiz Vera")
    for who in (doctor, other):
        a.validated(who)
    owed = [a.payable(doctor, "900.00"), a.payable(other, "87.00")]
    batch = services.prepare_batch(payables=owed, by=people.preparer, at=NOW)
    batch = services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=NOW)
    services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    batch.refresh_from_db()
    machine = type("Machine", (), {"doctors": [doctor, other], "at": NOW})
    both = [
        services.read_bank_result(
            batch=batch, upload=Treasury.answer_file(machine, batch, told), by=people.preparer, at=NOW
        )
        for told in ({0: "pagada", 1: "rechazada"}, {0: "pagada"}, {1: "pagada"})
    ]
    answers = at_once(
        [lambda row=row: services.import_bank_result(result=row, by=people.preparer, at=NOW) for row in both * 3]
    )
    # the third file contradicts the first: whichever came first holds, the other is refused as a whole
    assert {type(answer) for answer in answers} <= {PaymentBatch, Conflict}, answers
    for row in owed:
        row.refresh_from_db()
    batch.refresh_from_db()
    assert (batch.state, owed[0].state) == ("posted", "paid") and owed[1].state in {"paid", "rejected"}
    paid = sum(row.state == "paid" for row in owed)
    assert LedgerTransaction.objects.filter(kind="payment").count() == paid
    assert selectors.balance(code="bank", currency="MXN") == -sum(row.amount for row in owed if row.state == "paid")
    assert invariants.faults() == []
