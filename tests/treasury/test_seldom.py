"""Treasury's seldom paths: refusals before a file is opened, rows that somebody changed behind our back."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.papers.models import StoredFile
from portal.treasury import invariants, services
from portal.treasury.models import BankAccount, BankFile, BankResult, Payable, Transfer
from portal.treasury.services import accounts
from portal.treasury.tasks import verify
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY

pytestmark = pytest.mark.django_db


def capture(doctor, digits: str, content: bytes = b""):
    sent = SimpleUploadedFile("estado.pdf", content, content_type="application/pdf")
    upload = RequestFactory().post("/", {"statement": sent}).FILES["statement"] if content else None
    said = {"party": doctor.party, "purpose": a.PURPOSE, "by": doctor.user, "at": NOW}
    return services.capture_account(clabe=digits, upload=upload, **said)


def test_the_validated_clabe_again_is_told(doctor) -> None:
    with pytest.raises(RuleBroken, match="ya es tu cuenta bancaria validada"):
        capture(doctor, a.validated(doctor).clabe)


def test_another_account_waits_until_the_one_in_review_is_judged(doctor) -> None:
    a.in_review(doctor)
    with pytest.raises(RuleBroken, match="Ya tienes una cuenta bancaria en revisión"):
        capture(doctor, a.clabe(987))


def test_a_statement_too_big_to_judge_at_once_is_refused(doctor) -> None:
    with pytest.raises(RuleBroken, match="más de 5 MB"):
        capture(doctor, a.clabe(988), b"%PDF-1.7\n" + b"%" * (5 * 1024 * 1024))
    assert BankAccount.objects.count() == 0


def test_a_clabe_swapped_in_the_table_is_never_paid(doctor) -> None:
    people, account = a.desk(), a.validated(doctor)
    batch = a.locked(doctor, people)
    Transfer.objects.filter(batch=batch).update(clabe=a.clabe(999))
    with pytest.raises(AssertionError, match="not the one that was approved"):
        services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    BankAccount.objects.filter(pk=account.pk).update(clabe=a.clabe(999))
    with pytest.raises(AssertionError, match="not the one that was reviewed"):
        services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)


def test_a_batch_is_not_locked_with_an_account_that_cannot_be_paid(doctor) -> None:
    people, account = a.desk(), a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)
    BankAccount.objects.filter(pk=account.pk).update(usable_from=NOW + timedelta(hours=1))
    with pytest.raises(Conflict, match="ya no se puede pagar"):
        services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=NOW)


def test_mo_09_an_answer_before_the_banks_file_left_is_refused_unread(doctor) -> None:
    people = a.desk()
    a.validated(doctor)
    batch = a.locked(doctor, people)
    upload = SimpleUploadedFile("respuesta.csv", b"", content_type="text/csv")
    with pytest.raises(Conflict, match="Descarga primero") as refused:
        services.read_bank_result(batch=batch, upload=upload, by=people.preparer, at=NOW)
    assert refused.value.code == "not_exported"
    assert not BankResult.objects.exists()
    assert not StoredFile.objects.filter(purpose="bank-result").exists()
    batch.refresh_from_db()
    assert batch.state == "approved"


def answered(batch, rows: list[tuple[Transfer, str]]) -> SimpleUploadedFile:
    lines = [f"{row.tracking},{word},{TODAY},R1,{row.amount}," for row, word in rows]
    content = "\n".join(["clave_rastreo,resultado,fecha,referencia,importe,motivo", *lines])
    sent = SimpleUploadedFile("respuesta.csv", content.encode(), content_type="text/csv")
    return RequestFactory().post("/", {"result": sent}).FILES["result"]


def test_mo_06_the_bank_cannot_answer_for_a_transfer_that_left_the_batch(doctor) -> None:
    people, other = a.desk(), a.physician("Juan Ortiz Vera")
    for who in (doctor, other):
        a.validated(who)
    owed = [a.payable(doctor), a.payable(other)]
    batch = services.prepare_batch(payables=owed, by=people.preparer, at=NOW)
    a.validated(other)  # a change: what is not locked goes to neither account
    batch.refresh_from_db()
    batch = services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=NOW)
    services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    batch.refresh_from_db()
    stays, left = (batch.transfers.get(party=who.party) for who in (doctor, other))
    assert (stays.state, left.state) == ("pending", "withdrawn")
    said = {"batch": batch, "by": people.preparer, "at": NOW}
    with pytest.raises(RuleBroken) as refused:
        services.read_bank_result(upload=answered(batch, [(stays, "pagada"), (left, "pagada")]), **said)
    assert refused.value.code == "result_rejected"
    assert "no es de este lote" in refused.value.findings[0].message
    assert services.read_bank_result(upload=answered(batch, [(stays, "pagada")]), **said).run.rows == 1


def test_mo_04_an_answer_is_applied_once_and_each_download_is_told_apart(doctor) -> None:
    people = a.desk()
    a.validated(doctor)
    batch = a.locked(doctor, people)
    file = services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    assert services.export_bank_file(batch=batch, by=people.preparer, at=NOW) == file
    assert BankFile.objects.count() == 1
    for _ in range(3):
        services.note_download(bank_file=file, by=people.preparer, at=NOW)
    batch.refresh_from_db()
    upload = answered(batch, [(batch.transfers.get(), "pagada")])
    result = services.read_bank_result(batch=batch, upload=upload, by=people.preparer, at=NOW)
    for later in (0, 1):
        batch = services.import_bank_result(result=result, by=people.preparer, at=NOW + timedelta(hours=later))
        assert (batch.state, batch.posted_at) == ("posted", NOW)
    told = AuditEvent.objects.filter(action__startswith="treasury.bank_").values_list("action", flat=True)
    assert Counter(told) == {
        "treasury.bank_file_exported": 1,
        "treasury.bank_file_downloaded": 1,
        "treasury.bank_file_exported_again": 2,
        "treasury.bank_result_read": 1,
        "treasury.bank_result_imported": 1,
    }


def test_the_account_of_record_of_one_party_is_no_account_of_another(doctor) -> None:
    taken = a.validated(a.physician("Juan Ortiz Vera")).clabe
    with pytest.raises(RuleBroken) as refused:
        capture(doctor, taken, b"%PDF-1.7 no es un estado de cuenta")
    assert refused.value.code == "statement_rejected"


def test_the_same_subject_is_owed_once(doctor) -> None:
    owed = a.payable(doctor)
    said = {"party": doctor.party, "amount": owed.amount, "currency": "MXN", "kind": "test", "reference": "x"}
    subject = a.Party.objects.get(pk=owed.subject_id)
    again = services.open_payable(**said, subject=subject, due_on=TODAY, due_rule=a.DUE_RULE, by=None, at=NOW)
    assert (again, Payable.objects.count()) == (owed, 1)


def test_mo_03_the_nightly_look_names_what_is_wrong(doctor, caplog) -> None:
    people = a.desk()
    a.validated(doctor)
    batch = a.locked(doctor, people)
    assert (invariants.faults(), verify()) == ([], 0)
    Transfer.objects.filter(batch=batch).update(state="paid", paid_on=TODAY)
    assert verify() == 2
    assert f"paid_payable_is_in_one_paid_transfer: {Payable.objects.get().pk}" in caplog.text
    assert f"paid_transfer_has_one_payment: {batch.transfers.get().pk}" in caplog.text


def test_mo_04_the_same_answer_of_the_bank_read_twice_is_one(doctor) -> None:
    people = a.desk()
    a.validated(doctor)
    batch = a.locked(doctor, people)
    services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    batch.refresh_from_db()
    first, second = (
        services.read_bank_result(
            batch=batch, upload=answered(batch, [(batch.transfers.get(), "pagada")]), by=people.preparer, at=NOW
        )
        for _ in range(2)
    )
    assert second == first
    assert BankResult.objects.count() == 1


@pytest.mark.parametrize("typed", ["", "123", "012180012345678900"])
def test_a_clabe_that_cannot_be_is_refused_at_its_field_with_the_cause(typed: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        accounts.check_clabe(typed)
    assert (refused.value.code, refused.value.field) == ("clabe_invalid", "clabe")
    assert str(refused.value).endswith(".")
    assert accounts.check_clabe("032 180 00011835971 9") == "032180000118359719"
