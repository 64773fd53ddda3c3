"""Accounts that end because the RFC goes to its owner (AC-11)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.access import Role
from portal.errors import Conflict
from portal.folios.models import IssuedFolio
from portal.notices.models import Notice
from portal.papers.models import StoredFile
from portal.papers.selectors import open_file
from portal.people.models import User
from portal.proofs.models import RfcMove
from portal.treasury import invariants, selectors, services
from portal.treasury.models import BankAccount, BankFile, PaymentBatch
from tests.factories import treasury as a
from tests.factories.treasury import NOW

from .test_models import broken
from .test_views import browser, post, text

pytestmark = pytest.mark.django_db


def test_accounts_end_when_the_rfc_goes_to_its_owner_AC_11() -> None:
    """Whatever is not locked pays nobody; the owner sees none of it and registers a first account."""
    doctor, by = a.physician(), a.person("Administra", Role.ADMINISTRATOR)
    old = a.validated(doctor, NOW - timedelta(days=9))
    desk = a.desk()
    batch = services.prepare_batch(payables=[a.payable(doctor), a.payable(payee())], by=desk.preparer, at=NOW)
    waiting = a.in_review(a.physician())
    services.end_accounts(party=doctor.party, by=by, at=NOW)
    services.end_accounts(party=waiting.party, by=by, at=NOW)
    captured = a.captured(a.physician())
    services.end_accounts(party=captured.party, by=by, at=NOW)
    for account in (old, waiting, captured):
        account.refresh_from_db()
        assert (account.state, account.usable_from, account.replaced_at) == ("stopped", None, NOW)
    batch.refresh_from_db()
    assert batch.count == 1 and not batch.transfers.filter(account=old).exclude(state="withdrawn").exists()
    doctor.party.rfc_moved_at = NOW
    doctor.party.save()
    mine = selectors.my_account(party=doctor.party, purpose="digital_orders", at=NOW)
    assert (mine.current, mine.under_way, mine.refused) == (None, None, None)
    assert not BankAccount.objects.visible_to(User.objects.get(pk=doctor.user.pk)).exists()
    assert a.in_review(doctor, NOW + timedelta(hours=1)).reviews_needed == 1


def moved(doctor: SimpleNamespace, at=NOW) -> None:
    services.end_accounts(party=doctor.party, by=a.person("Administra", Role.ADMINISTRATOR), at=at)
    doctor.party.rfc_moved_at = at
    doctor.party.save()


@pytest.mark.parametrize("settled", [True, False], ids=["two accounts of record", "a change taken back"])
def test_no_account_of_before_comes_back_by_a_change_that_the_owner_takes_back_AC_11(settled) -> None:
    """The owner's account is a first one: there is nothing behind it, whatever the other had changed there."""
    doctor = a.physician()
    first = a.validated(doctor, NOW - timedelta(days=20))
    second = a.validated(doctor, NOW - timedelta(days=10)) if settled else a.in_review(doctor, NOW - timedelta(days=10))
    abandoned = a.captured(doctor, NOW - timedelta(days=5)) if settled else None
    moved(doctor)
    for account in filter(None, (first, second, abandoned)):
        account.refresh_from_db()
        assert (account.state, account.usable_from) == ("stopped", None)
    client = browser(doctor.user)
    for account in filter(None, (first, second, abandoned)):  # nor does it exist for them, on the screen or by the API
        for name in ("submit_account", "cancel_change", "api_submit_account", "api_cancel_change"):
            assert post(client, name, account.pk).status_code == 404, name
    own = a.validated(doctor, NOW + timedelta(hours=1))
    assert (own.replaces, own.reviews_needed, own.usable_from) == (None, 1, NOW + timedelta(hours=1))
    with pytest.raises(Conflict):
        services.cancel_change(account=own, by=doctor.user, at=NOW + timedelta(hours=2))
    change = a.validated(doctor, NOW + timedelta(hours=3))
    services.cancel_change(account=change, by=doctor.user, at=NOW + timedelta(hours=4))
    usable = BankAccount.objects.usable(at=NOW + timedelta(hours=5)).filter(party=doctor.party)
    assert list(usable) == [own] and change.replaces == own


def test_a_statement_kept_before_the_rfc_moved_is_never_offered_to_its_owner_AC_11() -> None:
    doctor = a.physician()
    kept = a.stored_pdf(doctor.party, doctor.user)
    assert selectors.kept_statement(party=doctor.party, at=NOW + timedelta(minutes=1)) == kept
    moved(doctor)
    assert selectors.kept_statement(party=doctor.party, at=NOW + timedelta(minutes=1)) is None
    StoredFile.objects.filter(pk=kept.pk).update(created_at=NOW + timedelta(minutes=1))
    assert selectors.kept_statement(party=doctor.party, at=NOW + timedelta(minutes=2)) == kept


def test_another_room_holds_a_transfer_before_what_an_answer_of_the_bank_changes_too(people, doctor) -> None:
    a.validated(doctor, NOW - timedelta(days=9))
    transfer = a.locked(doctor, people).transfers.get()
    with CaptureQueriesContext(connection) as asked:
        services.hold_transfer(transfer)
    (held,) = asked.captured_queries
    assert held["sql"].endswith("FOR NO KEY UPDATE") and str(transfer.pk) in held["sql"]


def two_payees(people: SimpleNamespace) -> tuple[SimpleNamespace, SimpleNamespace, PaymentBatch]:
    """A locked batch that pays a squatter 1,000.00 and somebody else 1,000.00."""
    doctor, other = a.physician(), payee()
    a.validated(doctor, NOW - timedelta(days=9))
    batch = services.prepare_batch(payables=[a.payable(doctor), a.payable(other)], by=people.preparer, at=NOW)
    return doctor, other, services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=NOW)


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user, kind__contains="batch_").order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize("exported", [False, True], ids=["authorised", "file made, nobody has it"])
def test_a_locked_batch_that_nobody_has_sent_never_pays_whoever_lost_the_rfc_AC_11(people, exported) -> None:
    """Its total is what people said yes to and stays: no file leaves, it is cancelled whole and another is prepared."""
    doctor, other, batch = two_payees(people)
    if exported:
        services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    with pytest.raises(Conflict, match="ya está cerrado"):
        services.cancel_batch(batch=batch, reason="Fecha", by=people.preparer, at=NOW)
    moved(doctor)
    assert told(people.preparer)[-1] == "desk/batch_stopped"
    lost = batch.transfers.get(party=doctor.party)
    ((_, line),) = selectors.under_way_to(parties=[doctor.party], ended=True)
    assert batch.folio in line and lost.last4 in line and "Paula Prepara" in line
    with pytest.raises(Conflict) as refused:
        if exported:
            services.note_download(bank_file=BankFile.objects.get(), by=people.preparer, at=NOW)
        else:
            services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    assert refused.value.code == "account_stopped" and "Cancela el lote y prepara otro" in refused.value.message
    assert f"{doctor.party.name} $1,000.00 a •••• {lost.last4}" in refused.value.message
    batch.refresh_from_db()
    acts = selectors.acts_on(batch, by=people.preparer)
    assert (acts.export, acts.download, acts.cancel, acts.stopped) == (False, False, True, refused.value.message)
    page = text(browser(people.preparer).get(reverse("treasury:batch", args=[batch.pk])))
    assert refused.value.message in page and "Cancelar el lote" in page
    assert "Generar archivo" not in page and "Descargar archivo" not in page
    batch = services.cancel_batch(batch=batch, reason="Un RFC pasó a su dueño.", by=people.preparer, at=NOW)
    assert (batch.state, batch.total, batch.count) == ("cancelled", Decimal("2000.00"), 2)
    assert set(batch.transfers.values_list("state", flat=True)) == {"withdrawn"}
    assert IssuedFolio.objects.get(folio=batch.folio).voided_at == NOW
    assert told(people.approver)[-1] == "desk/batch_undone"
    assert selectors.under_way_to(parties=[doctor.party], ended=True) == [] and invariants.faults() == []
    for bank_file in BankFile.objects.all():
        with pytest.raises(Conflict):
            services.note_download(bank_file=bank_file, by=people.preparer, at=NOW)
    _another_batch_pays_the_other_alone(people, doctor, other, lost)


def _another_batch_pays_the_other_alone(people, doctor, other, lost) -> None:
    ready, waiting = selectors.choices_for_batch(by=people.preparer, at=NOW)
    assert [row.payable.party for row in ready] == [other.party]
    assert [row.payable.party for row in waiting] == [doctor.party]
    again = services.prepare_batch(payables=[row.payable for row in ready], by=people.preparer, at=NOW)
    again = services.approve_batch(batch=again, total=again.total, by=people.approver, at=NOW)
    file = services.export_bank_file(batch=again, by=people.preparer, at=NOW)
    assert lost.clabe.encode() not in b"".join(open_file(file.file))


def test_a_batch_whose_file_somebody_has_is_told_to_the_preparer_and_on_the_page_of_the_move_AC_11(people) -> None:
    doctor, _, batch = two_payees(people)
    ((_, before),) = selectors.under_way_to(parties=[doctor.party], ended=False)
    assert "autorizado y cerrado" in before
    file = services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    services.note_download(bank_file=file, by=people.preparer, at=NOW)
    moved(doctor)
    assert told(people.preparer)[-1] == "desk/batch_stopped_outside"
    ((_, line),) = selectors.under_way_to(parties=[doctor.party], ended=True)
    assert "archivo descargado" in line
    batch.refresh_from_db()
    acts = selectors.acts_on(batch, by=people.preparer)
    assert (acts.download, acts.cancel) == (True, False) and "en su respuesta va como rechazada" in acts.stopped
    services.note_download(bank_file=file, by=people.preparer, at=NOW)
    with pytest.raises(Conflict, match="ya está cerrado"):
        services.cancel_batch(batch=batch, reason="Un RFC pasó a su dueño.", by=people.preparer, at=NOW)
    with broken("batch_locked_by_state"), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch.pk).update(
            state="cancelled", cancelled_at=NOW, cancelled_by=people.preparer, cancel_reason="x"
        )
    moves = text(browser(a.person("Otra", Role.ADMINISTRATOR)).get(move_page(doctor)))
    assert "Pagos que ya se autorizaron" in moves and batch.folio in moves
    assert selectors.under_way_to(parties=[a.physician().party], ended=False) == []


def move_page(doctor: SimpleNamespace) -> str:
    by, other = a.person("Pide", Role.ADMINISTRATOR), a.person("Confirma", Role.ADMINISTRATOR)
    made = RfcMove.objects.create(
        party=doctor.party,
        email="duena@ejemplo.mx",
        name="NORA",
        evidence="Su Constancia.",
        asked_by=by,
        asked_at=NOW,
        file=a.stored_pdf(a.operator(), by),
        decided_by=other,
        decided_at=NOW,
        state="handed_over",
    )
    return reverse("proofs:move", args=[made.pk])


def payee() -> SimpleNamespace:
    made = a.physician()
    a.validated(made, NOW - timedelta(days=9))
    return made
