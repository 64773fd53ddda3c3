"""Who is told of a batch, and what its state says: made, downloaded, answered (MO-05, MO-09, PR-08)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.notices.models import Notice
from portal.treasury import labels, rules, services
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
    assert told(people.approver, "waits") == 2
    a.validated(other, later)  # and its last transfer
    assert told(people.preparer, "cancelled") == 1


def test_a_batch_is_never_said_to_be_sent_and_tells_whether_anybody_has_its_file(doctor, people) -> None:
    a.validated(doctor)
    batch = a.locked(doctor, people)
    preparer = browser(people.preparer)

    def finds(state: str) -> bool:
        return batch.folio in text(preparer.get(reverse("treasury:batches"), {"estado": state}))

    assert not any("nviado" in label for label in [*labels.SHOWN_LABELS.values(), *rules.BATCH.labels.values()])
    assert post(preparer, "export_bank_file", batch.pk).status_code == 302
    assert "Archivo generado, sin descargar" in text(preparer.get(reverse("treasury:batch", args=[batch.pk])))
    assert finds("exported") and not finds("downloaded")
    assert post(preparer, "download_bank_file", batch.pk).status_code == 200
    assert "Archivo descargado, sin respuesta" in text(preparer.get(reverse("treasury:batch", args=[batch.pk])))
    assert finds("downloaded") and not finds("exported")
    csv = b"".join(preparer.get(reverse("treasury:batches"), {"formato": "csv"}).streaming_content).decode()
    assert "Archivo descargado, sin respuesta" in csv
    bank_says(batch, (batch.transfers.get(), "rechazada", "Cerrada"))
    assert "Respondido y contabilizado" in text(preparer.get(reverse("treasury:batch", args=[batch.pk])))
