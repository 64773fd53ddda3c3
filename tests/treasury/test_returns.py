"""A transfer that was paid and came back: the books, what is owed, the account, who is told (MO-02, MO-09)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from config.demo.uploads import upload_of
from portal.access import Role
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.papers.services import void_document
from portal.treasury import invariants, rules, selectors, services
from portal.treasury.models import BankAccount, BankResult, LedgerTransaction, Payable, PaymentBatch, Transfer
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY

from .test_views import browser, post, text

pytestmark = pytest.mark.django_db
HEAD = "clave_rastreo,resultado,fecha,referencia,importe,motivo"
Row = tuple[Transfer, str, str]


def answer(batch: PaymentBatch, rows: Sequence[Row], *, on: date = TODAY, more: str = "") -> Any:
    lines = [f"{row.tracking},{word},{on},R1,{row.amount},{why}" for row, word, why in rows]
    return upload_of("respuesta.csv", "\n".join([HEAD, *lines, more]).encode(), "text/csv")


def bank_says(batch: PaymentBatch, *rows: Row, at: Any = NOW, **more: Any) -> PaymentBatch:
    batch.refresh_from_db()
    said = answer(batch, rows, **more)
    result = services.read_bank_result(batch=batch, upload=said, by=batch.prepared_by, at=at)
    return services.import_bank_result(result=result, by=batch.prepared_by, at=at)


def sent(people: SimpleNamespace, *payables: Payable, at: Any = NOW) -> PaymentBatch:
    batch = services.prepare_batch(payables=payables, by=people.preparer, at=at)
    batch = services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=at)
    services.export_bank_file(batch=batch, by=people.preparer, at=at)
    batch.refresh_from_db()
    return batch


def paid(doctor: SimpleNamespace, people: SimpleNamespace, amount: str = "900.00") -> Transfer:
    """Owed in the books, and paid by a batch that is posted since."""
    owed = a.payable(doctor, amount)
    lines = [
        rules.Line("care_expense", owed.amount, "MXN"),
        rules.Line("physician_payable", -owed.amount, "MXN", doctor.party.pk),
    ]
    services.post_entry(kind="accepted", subject=owed, lines=lines, at=NOW, on=TODAY, by=None)
    batch = sent(people, owed)
    bank_says(batch, (batch.transfers.get(), "pagada", ""))
    return batch.transfers.select_related("batch", "advice").get()


def returned(transfer: Transfer, why: str = "Cuenta cancelada", **more: Any) -> Transfer:
    bank_says(transfer.batch, (transfer, "devuelta", why), **more)
    return Transfer.objects.select_related("batch", "advice").get(pk=transfer.pk)


def balance(code: str, party: Any = None) -> Decimal:
    return selectors.balance(code=code, currency="MXN", party=party)


def test_what_came_back_is_owed_again_by_a_reversal_and_the_books_hold(doctor, people, told) -> None:
    a.validated(doctor)
    transfer = paid(doctor, people)
    entry = LedgerTransaction.objects.get(kind="payment")
    assert (transfer.batch.state, balance("physician_payable", doctor.party)) == ("posted", 0)
    transfer = returned(transfer)
    assert (transfer.state, transfer.returned_on, transfer.reason) == ("returned", TODAY, "Cuenta cancelada")
    assert transfer.paid_on == TODAY and transfer.batch.state == "posted"
    assert (entry.reversal.on, entry.reversal.kind) == (TODAY, "reversal")
    assert (balance("physician_payable", doctor.party), balance("bank")) == (Decimal("-900.00"), 0)
    owed = Payable.objects.get()
    assert (owed.state, owed.transfer, owed.paid_at) == ("open", None, None)
    assert "Cuenta cancelada" in owed.reason
    assert told == [(name, owed.pk) for name in ("on_scheduled", "on_paid", "on_returned")]
    assert not transfer.advice.is_in_force
    assert invariants.faults() == []


def test_its_account_goes_back_to_the_reviewers_and_its_owner_is_told_the_cure(doctor, people) -> None:
    account = a.validated(doctor)
    first = account.reviews.get().reviewer
    returned(paid(doctor, people))
    account.refresh_from_db()
    assert (account.state, account.round, account.returned_at) == ("in_review", 2, NOW)
    assert not BankAccount.objects.usable(at=NOW).exists()
    mail = Notice.objects.get(user=doctor.user, kind="treasury/payment_returned")
    folio = Payable.objects.get().reference
    assert mail.by_mail and mail.title == f"{folio}: el banco devolvió tu depósito de $900.00"
    for said in ("Cuenta cancelada", account.last4, "registra otra", "ya no hace falta complemento"):
        assert said in mail.body
    page = text(browser(doctor.user).get(reverse("treasury:my_account")))
    assert "El banco devolvió un pago a esta cuenta bancaria" in page and "Cambiar de cuenta" in page
    assert list(selectors.accounts_to_review(first)) == [account]  # who approved it before may look again
    desk = text(browser(first).get(reverse("treasury:account_review", args=[account.pk])))
    assert "Volvió a revisión porque el banco devolvió un pago" in desk and "Apruébala solo si" in desk
    account = services.review_account(account=account, decision="approved", by=first, at=NOW)
    assert (account.state, account.usable_from, account.hold_rule) == ("validated", NOW, "")
    assert selectors.returned_to(account) is None
    assert list(selectors.accounts_to_review(first)) == []
    assert AuditEvent.objects.filter(action="treasury.account_reopened", subject_id=str(account.pk)).count() == 1


def test_an_advice_that_was_void_already_stays_as_it_was_voided(doctor, people) -> None:
    a.validated(doctor)
    transfer = paid(doctor, people)
    void_document(document=transfer.advice, reason="Salió con otro concepto.", by=None, at=NOW)
    assert returned(transfer).advice.void_reason == "Salió con otro concepto."


def test_the_same_row_twice_changes_nothing(doctor, people) -> None:
    a.validated(doctor)
    transfer = returned(paid(doctor, people))
    before = (LedgerTransaction.objects.count(), Notice.objects.count(), BankAccount.objects.get().round)
    for word in ("devuelta", "pagada"):  # and the bank's list of old answers
        batch = PaymentBatch.objects.get()
        row = (transfer, word, "Cuenta cancelada")
        said = answer(batch, [row], more="" if word == "pagada" else "\n")
        result = services.read_bank_result(batch=batch, upload=said, by=batch.prepared_by, at=NOW)
        assert (len(result.told), result.run.unchanged) == (0, 1)
        services.import_bank_result(result=result, by=batch.prepared_by, at=NOW)
    assert (LedgerTransaction.objects.count(), Notice.objects.count(), BankAccount.objects.get().round) == before
    assert invariants.faults() == []


def test_it_is_paid_again_by_the_normal_way_to_the_account_that_was_mended_and_may_come_back_again(
    doctor, people
) -> None:
    old = a.validated(doctor)
    first = returned(paid(doctor, people))
    ready, waiting = selectors.choices_for_batch(by=people.preparer, at=NOW)
    assert (ready, [row.wait for row in waiting]) == ([], ["Su cuenta bancaria está en revisión"])
    new = a.in_review(doctor)  # while the old one is back in review: it may be the cure
    assert (new.replaces, new.reviews_needed) == (old, 2)
    for number in range(2):
        services.review_account(account=new, decision="approved", by=a.person(f"R{number}", Role.REVIEWER), at=NOW)
    old.refresh_from_db()
    assert old.state == "replaced"
    later = NOW + timedelta(hours=73)
    owed = Payable.objects.get()
    batch = sent(people, owed, at=later)
    second = batch.transfers.get()
    assert (second.account, second.amount, second.pk != first.pk) == (new, first.amount, True)
    day = TODAY + timedelta(days=4)
    bank_says(batch, (second, "pagada", ""), on=day, at=later + timedelta(days=2))
    owed.refresh_from_db()
    assert (owed.state, owed.transfer, balance("physician_payable", doctor.party)) == ("paid", second, 0)
    bank_says(batch, (second, "devuelta", "Otra vez"), on=day, at=later + timedelta(days=2))
    owed.refresh_from_db()
    assert (owed.state, balance("physician_payable", doctor.party)) == ("open", Decimal("-900.00"))
    assert Notice.objects.filter(user=doctor.user, kind="treasury/payment_returned").count() == 2
    assert LedgerTransaction.objects.filter(kind="reversal").count() == 2
    assert invariants.faults() == []


def test_an_account_rejected_then_is_followed_by_a_change_that_can_be_stopped(doctor, people) -> None:
    account = a.validated(doctor)
    returned(paid(doctor, people))
    account.refresh_from_db()
    services.review_account(account=account, decision="rejected", reason="Está cerrada", by=people.reviewer, at=NOW)
    assert selectors.my_account(party=doctor.party, purpose="digital_orders", at=NOW).refused.reason == "Está cerrada"
    new = a.in_review(doctor)
    assert (new.replaces, new.reviews_needed) == (account, 2)
    new = services.cancel_change(account=new, by=doctor.user, at=NOW)
    account.refresh_from_db()
    assert (new.state, account.state) == ("stopped", "rejected")
    assert "no se puede pagar ahora" in Notice.objects.get(kind="treasury/account_change_stopped").body


def test_a_change_stopped_after_a_return_to_the_old_account_leaves_it_in_review(doctor, people) -> None:
    old = a.validated(doctor)
    transfer = paid(doctor, people)
    change = a.validated(doctor)
    returned(transfer)
    old.refresh_from_db()
    assert (old.state, old.round) == ("replaced", 2)
    services.cancel_change(account=change, by=doctor.user, at=NOW)
    old.refresh_from_db()
    assert old.state == "in_review"
    with pytest.raises(Conflict):  # it is no change: nobody stops it
        services.cancel_change(account=old, by=doctor.user, at=NOW)
    services.review_account(account=old, decision="approved", by=people.reviewer, at=NOW)
    assert BankAccount.objects.usable(at=NOW).get() == old


def test_a_return_to_an_account_already_judged_or_in_review_begins_no_other_round(doctor, people) -> None:
    account = a.validated(doctor)
    one, two, three = (paid(doctor, people, amount) for amount in ("10.00", "20.00", "30.00"))
    returned(one)
    returned(two)
    account.refresh_from_db()
    assert (account.state, account.round) == ("in_review", 2)
    services.review_account(account=account, decision="rejected", reason="Cerrada", by=people.reviewer, at=NOW)
    returned(three)
    account.refresh_from_db()
    assert (account.state, account.round) == ("rejected", 2)
    assert Payable.objects.filter(state="open").count() == 3


def test_its_transfer_leaves_the_batches_that_are_not_locked(doctor, people) -> None:
    a.validated(doctor)
    transfer = paid(doctor, people)
    open_batch = services.prepare_batch(payables=[a.payable(doctor, "5.00")], by=people.preparer, at=NOW)
    returned(transfer)
    open_batch.refresh_from_db()
    assert (open_batch.state, open_batch.cancel_reason) == (
        "cancelled",
        "El banco devolvió un pago a esta cuenta bancaria.",
    )


# --- one file --------------------------------------------------------------------------------------------------------


def test_one_row_that_contradicts_is_left_out_and_the_good_rows_are_applied(doctor, people) -> None:
    other, third = a.physician("Juan Ortiz"), a.physician("Inés Ruiz")
    for who in (doctor, other, third):
        a.validated(who)
    batch = sent(people, a.payable(doctor, "1.00"), a.payable(other, "2.00"), a.payable(third, "3.00"))
    one, two, three = (batch.transfers.get(party=who.party) for who in (doctor, other, third))
    bank_says(batch, (one, "pagada", ""), (two, "rechazada", "No existe"))
    bad = [(one, "rechazada", "x"), (two, "pagada", "")]
    with pytest.raises(RuleBroken) as refused:  # with nothing else to apply it is refused, with each reason
        services.read_bank_result(batch=batch, upload=answer(batch, bad), by=people.preparer, at=NOW)
    assert ["otra respuesta" in found.message for found in refused.value.findings] == [True, True]
    rows = [*bad, (three, "pagada", "")]
    result = services.read_bank_result(batch=batch, upload=answer(batch, rows), by=people.preparer, at=NOW)
    shown = text(browser(people.preparer).get(reverse("treasury:bank_result", args=[batch.pk, result.pk])))
    assert "Renglones que quedan fuera" in shown and "otra respuesta" in shown and "Aplicar y contabilizar" in shown
    services.import_bank_result(result=result, by=people.preparer, at=NOW)
    states = {row.pk: row.state for row in batch.transfers.all()}
    assert states == {one.pk: "paid", two.pk: "rejected", three.pk: "paid"}
    assert invariants.faults() == []


def test_one_file_tells_a_payment_and_its_return_in_any_order(doctor, people) -> None:
    a.validated(doctor)
    batch = sent(people, a.payable(doctor))
    transfer = batch.transfers.get()
    batch = bank_says(batch, (transfer, "devuelta", "Cerrada"), (transfer, "pagada", ""))
    transfer.refresh_from_db()
    assert (transfer.state, batch.state, balance("bank")) == ("returned", "posted", 0)
    assert LedgerTransaction.objects.filter(kind__in=["payment", "reversal"]).count() == 2
    assert invariants.faults() == []


def test_a_return_read_before_the_payment_was_applied_is_a_return_all_the_same(doctor, people) -> None:
    a.validated(doctor)
    batch = sent(people, a.payable(doctor))
    transfer = batch.transfers.get()
    told = {"batch": batch, "by": people.preparer, "at": NOW}
    late = services.read_bank_result(upload=answer(batch, [(transfer, "devuelta", "")]), **told)
    contradicts = services.read_bank_result(upload=answer(batch, [(transfer, "rechazada", "")]), **told)
    bank_says(batch, (transfer, "pagada", ""))
    services.import_bank_result(result=contradicts, by=people.preparer, at=NOW)
    transfer.refresh_from_db()
    assert transfer.state == "paid"
    assert AuditEvent.objects.filter(action="treasury.bank_result_imported").last().details["left_out"] == 1
    services.import_bank_result(result=late, by=people.preparer, at=NOW)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.reason) == ("returned", "El banco no dijo por qué.")


def test_the_screen_of_a_batch_long_posted_takes_the_return_and_names_it(doctor, people) -> None:
    a.validated(doctor)
    transfer = paid(doctor, people)
    preparer, batch = browser(people.preparer), transfer.batch
    assert "ya había pagado" in text(preparer.get(reverse("treasury:batch", args=[batch.pk])))
    said = answer(batch, [(transfer, "devuelta", "Cuenta cancelada")])
    read = post(preparer, "read_result", batch.pk, result=said)
    assert read.status_code == 302, text(read)
    page = text(preparer.get(read["Location"]))
    assert "Devueltas después de pagadas" in page and "1 por $900.00" in page and "a revisión" in page
    assert post(preparer, "bank_result", batch.pk, BankResult.objects.latest("run__read_at").pk).status_code == 302
    shown = text(preparer.get(reverse("treasury:batch", args=[batch.pk])))
    assert "Devuelta después de pagada" in shown and "Cuenta cancelada" in shown
    csv = b"".join(browser(people.auditor).get(reverse("treasury:batches"), {"formato": "csv"}).streaming_content)
    assert transfer.batch.folio in csv.decode()


# --- the table keeps it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"state": "returned", "reason": "x"}, "transfer_returned_on"),
        ({"state": "returned", "reason": "x", "returned_on": TODAY - timedelta(days=1)}, "transfer_returned_on"),
        ({"returned_on": TODAY}, "transfer_returned_on"),
        ({"state": "returned", "returned_on": TODAY}, "transfer_rejected_why"),
        ({"state": "returned", "reason": "x", "returned_on": TODAY, "paid_on": None}, "transfer_settled_once"),
        ({"state": "rejected", "reason": "x", "paid_on": None}, "transfer_settled_once"),
        ({"state": "pending", "paid_on": None}, "transfer_settled_once"),
    ],
)
def test_a_paid_transfer_becomes_returned_whole_and_nothing_else(doctor, people, change, name) -> None:
    a.validated(doctor)
    transfer = paid(doctor, people)
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        Transfer.objects.filter(pk=transfer.pk).update(**change)
    assert broken.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize("state", ["pending", "paid", "rejected"])
def test_a_returned_transfer_is_settled_for_good(doctor, people, state) -> None:
    a.validated(doctor)
    transfer = returned(paid(doctor, people))
    with pytest.raises(IntegrityError, match="settled"), transaction.atomic():
        Transfer.objects.filter(pk=transfer.pk).update(state=state, returned_on=None)
    assert invariants.faults() == []


def test_a_transfer_that_waits_is_not_returned_and_the_books_miss_a_reversal(doctor, people) -> None:
    a.validated(doctor)
    waiting = sent(people, a.payable(doctor, "1.00")).transfers.get()
    with pytest.raises(IntegrityError, match="settled"), transaction.atomic():
        Transfer.objects.filter(pk=waiting.pk).update(state="returned", reason="x", paid_on=TODAY, returned_on=TODAY)
    transfer = paid(doctor, people)
    Transfer.objects.filter(pk=transfer.pk).update(state="returned", reason="x", returned_on=TODAY)
    assert f"returned_transfer_is_reversed_once: {transfer.pk}" in invariants.faults()


def test_an_account_counts_its_rounds_and_one_reviewer_decides_once_a_round(doctor, people) -> None:
    account = a.validated(doctor)
    for change in ({"round": 2}, {"returned_at": NOW}):
        with pytest.raises(IntegrityError, match="account_round_begins_with_a_return"), transaction.atomic():
            BankAccount.objects.filter(pk=account.pk).update(**change)
    returned(paid(doctor, people))
    with pytest.raises(IntegrityError, match="lacks reviewers"), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(state="validated")


def test_pr_08_a_deposit_of_no_verticals_own_words_is_told_once_with_amount_date_and_all_it_pays(
    doctor, people
) -> None:
    a.validated(doctor)
    one, two = a.payable(doctor, "100.00"), a.payable(doctor, "50.50")
    batch = sent(people, one, two)
    bank_says(batch, (batch.transfers.get(), "pagada", ""))
    (told,) = Notice.objects.filter(user=doctor.user, kind="treasury/paid")
    assert told.title == f"Te depositamos $150.50 el {dates.short(TODAY)}"
    assert f"{one.reference} y {two.reference}" in told.body and "$150.50" in told.body
