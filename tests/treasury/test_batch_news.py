"""Who is told of a batch, and what its state says: made, downloaded, answered (MO-05, MO-09, PR-08)."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from portal.access import Role
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.treasury import labels, services
from portal.treasury.models import BankFile
from tests.factories import treasury as a
from tests.factories.treasury import NOW

from .test_returns import bank_says
from .test_views import browser, post, text

pytestmark = pytest.mark.django_db


def told(user, what: str) -> int:
    return Notice.objects.filter(user=user, kind=f"desk/batch_{what}").count()


def test_whoever_may_authorise_a_batch_is_told_that_it_waits_and_nobody_else(doctor, people, barred) -> None:
    a.validated(doctor)
    barred.add(people.second.pk)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)
    assert {name: told(getattr(people, name), "waits") for name in vars(people)} == {
        "preparer": 0,
        "approver": 1,
        "second": 0,
        "reviewer": 0,
        "auditor": 0,
    }
    notice = Notice.objects.get(user=people.approver)
    assert notice.by_mail and notice.action_url.endswith(reverse("treasury:batch", args=[batch.pk]))
    assert "1,000" not in notice.body + notice.title and doctor.party.name not in notice.body


def test_its_preparer_is_told_when_it_is_authorised_cancelled_or_answered_by_another(doctor, people) -> None:
    a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor, "500000.01")], by=people.preparer, at=NOW)
    services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=NOW)
    assert told(people.preparer, "approved") == 0  # it waits for the second one
    batch = services.approve_batch(batch=batch, total=batch.total, by=people.second, at=NOW)
    notice = Notice.objects.get(user=people.preparer, kind="desk/batch_approved")
    assert notice.title == f"{batch.folio}: autorizaron tu lote"
    services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    bank_says(batch, (batch.transfers.get(), "pagada", ""))
    assert (told(people.preparer, "answered"), told(people.approver, "answered"), told(people.second, "answered")) == (
        0,
        1,
        1,
    )
    other = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)
    services.cancel_batch(batch=other, reason="Duplicado", by=people.approver, at=NOW)
    assert told(people.preparer, "cancelled") == 1
    mine = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)
    services.cancel_batch(batch=mine, reason="Fecha", by=people.preparer, at=NOW)
    assert told(people.preparer, "cancelled") == 1


def test_who_had_authorised_is_asked_again_when_a_change_of_account_voids_it(doctor, people) -> None:
    other = a.physician("Juan Ortiz")
    for who in (doctor, other):
        a.validated(who)
    batch = services.prepare_batch(
        payables=[a.payable(doctor, "400000.00"), a.payable(other, "300000.00")], by=people.preparer, at=NOW
    )
    services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=NOW)
    later = NOW.replace(microsecond=1)
    a.validated(doctor, later)
    assert told(people.approver, "waits") == 2 and told(people.preparer, "shrunk") == 1
    a.validated(other, later)  # and its last transfer
    assert told(people.preparer, "cancelled") == 1


def test_made_downloaded_and_sent_are_three_facts_each_with_who_and_when(doctor, people) -> None:
    a.validated(doctor)
    batch = a.locked(doctor, people)
    preparer, other = browser(people.preparer), browser(a.person("Otra Prepara", Role.PAYMENT_PREPARER))
    page = reverse("treasury:batch", args=[batch.pk])

    def stands(state: str) -> bool:
        lists = [text(preparer.get(reverse("treasury:batches"), {"estado": one})) for one in labels.SHOWN_LABELS]
        found = [one for one, listed in zip(labels.SHOWN_LABELS, lists, strict=True) if batch.folio in listed]
        return found == [state] and labels.SHOWN_LABELS[state] in text(preparer.get(page))

    assert post(preparer, "note_sent", batch.pk).status_code == 409, "there is no file"
    assert post(preparer, "export_bank_file", batch.pk).status_code == 302
    assert stands("exported") and "Ya lo subí" not in text(preparer.get(page))
    answer = post(preparer, "note_sent", batch.pk)
    assert answer.status_code == 409 and "Descarga primero el archivo" in text(answer)
    assert post(preparer, "download_bank_file", batch.pk).status_code == 200
    assert stands("downloaded") and "Ya lo subí" in text(preparer.get(page))
    asked = post(preparer, "note_sent", batch.pk, ask="ya_lo_subi")
    assert "¿Ya subiste al banco el archivo" in text(asked) and stands("downloaded")
    assert post(other, "note_sent", batch.pk).status_code == 422
    for _ in range(2):
        assert post(preparer, "note_sent", batch.pk, key="s" * 20).status_code == 302
    assert stands("sent") and "Ya lo subí" not in text(preparer.get(page))
    first = BankFile.objects.get(batch=batch)
    assert post(preparer, "note_sent", batch.pk).status_code == 302
    again = BankFile.objects.get(batch=batch)
    assert (again.sent_by, again.sent_at) == (people.preparer, first.sent_at), "said once"
    assert AuditEvent.objects.filter(action="treasury.bank_file_sent").count() == 1
    csv = b"".join(preparer.get(reverse("treasury:batches"), {"formato": "csv"}).streaming_content).decode()
    assert "Enviado al banco, sin respuesta" in csv
    shown = text(preparer.get(page))
    for fact in ("Archivo generado", "Descargado", "Enviado al banco"):
        assert re.search(rf"{fact}</dt> <dd>.*?Paula Prepara", shown), fact
    bank_says(batch, (batch.transfers.get(), "rechazada", "Cerrada"))
    assert "Respondido y contabilizado" in text(preparer.get(page))
    assert post(preparer, "note_sent", batch.pk).status_code == 409


def test_what_nobody_said_was_sent_the_banks_answer_says(doctor, people) -> None:
    a.validated(doctor)
    batch = a.locked(doctor, people)
    services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    bank_says(batch, (batch.transfers.get(), "pagada", ""))
    assert BankFile.objects.get(batch=batch).sent_at is not None
    assert "lo dice la respuesta del banco" in text(
        browser(people.auditor).get(reverse("treasury:batch", args=[batch.pk]))
    )
