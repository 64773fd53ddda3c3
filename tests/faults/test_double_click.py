"""F-16: the same click twenty times at once, two people on one thing, one fiscal folio in two drafts: one winner."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction

from billing import services as billing
from billing.models import Invoice
from billing.rules import REVIEW
from portal import clock
from portal.errors import RuleBroken
from portal.fiscal.models import TaxReceipt
from portal.folios.models import IssuedFolio, Series
from portal.once.models import IdempotencyKey
from portal.once.rules import Answer
from portal.once.services import once
from portal.treasury.models import BatchApproval, LedgerTransaction, PaymentBatch
from tests.factories import billing as made
from tests.factories.threads import LONG, at_once, somebody_waits
from tests.faults import invariants
from tests.faults.ground import Answer as Got
from tests.faults.ground import Browser, Web
from tests.faults.town import Town

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CLICKS = 20


def clicked(browser: Browser, path: str, fields: dict[str, Any] | None = None, *, winners: int = 302) -> list[Got]:
    """Twenty POSTs of one form; each answer is the one answer or a 409 that says when to come back."""
    answers = at_once(
        [lambda: browser.post(path, fields, key="a-double-click" + path[-40:].replace("/", "."))] * CLICKS
    )
    assert all(isinstance(answer, Got) for answer in answers), answers
    statuses = {answer.status for answer in answers}
    assert statuses <= {winners, 409}, [answer.sentence for answer in answers if answer.status not in {winners, 409}]
    assert winners in statuses
    for answer in answers:
        if answer.status == 409:
            assert int(answer.headers.get("retry-after", "0")) > 0, answer.sentence
    return [answer for answer in answers if answer.status == winners]


def test_mo_04_twenty_clicks_on_submit_accept_approve_and_import_take_effect_once(place: Town, web: Web) -> None:
    doctor = place.doctor(paid=True)
    invoice = place.attached(doctor)
    won = clicked(Browser(web.port, doctor.user), f"/medico/facturas/borradores/{invoice.pk}/enviar/")
    invoice.refresh_from_db()
    assert {answer.location for answer in won} == {f"/medico/facturas/{invoice.folio}/listo/"}
    clicked(Browser(web.port, place.reviewer), f"/mesa/facturas/{invoice.folio}/aceptar/")
    assert LedgerTransaction.objects.filter(subject_id=str(invoice.pk)).count() == 1
    batch = place.prepared(doctor)
    clicked(Browser(web.port, place.approver), f"/mesa/pagos/{batch.pk}/autorizar/", {"total": str(batch.total)})
    assert BatchApproval.objects.filter(batch=batch).count() == 1
    result = place.answered(doctor)
    page = f"/mesa/pagos/{result.batch_id}/respuesta/{result.pk}/"
    clicked(Browser(web.port, place.preparer), page)
    transfer = result.batch.transfers.get()
    assert LedgerTransaction.objects.filter(kind="payment", subject_id=str(transfer.pk)).count() == 1
    invariants.all_hold()


def test_mo_04_twenty_clicks_on_what_is_refused_are_refused_with_its_sentence(place: Town, web: Web) -> None:
    """A refusal keeps no key: nobody may meet a hole where the key was a moment ago."""
    doctor = place.doctor()
    invoice, browser = place.draft(doctor), Browser(web.port, doctor.user)
    before = invariants.digest()
    won = clicked(browser, f"/medico/facturas/borradores/{invoice.pk}/enviar/", winners=422)
    assert all("XML" in answer.text for answer in won)
    assert invariants.changed(before, invariants.digest()) == []
    assert not IdempotencyKey.objects.filter(user=doctor.user).exists()


def test_mo_04_key_that_is_being_freed_is_waited_for_and_taken(place: Town) -> None:
    """Seen once in many double clicks on something refused: a key that its holder gives back while one looks."""
    asked = {"user_id": place.reviewer.pk, "scope": "test.race", "key": "key-of-a-race", "body_sha256": "0" * 64}
    now = clock.real_now()
    IdempotencyKey.objects.create(
        **asked, attempt=uuid.uuid4(), locked_until=now + timedelta(minutes=1), created_at=now
    )
    freeing = threading.Event()

    def free() -> bool:
        with transaction.atomic():
            IdempotencyKey.objects.filter(scope="test.race").delete()
            freeing.set()
            return somebody_waits()

    def click() -> int:
        assert freeing.wait(LONG)
        return once(**asked, act=lambda: Answer(204)).status

    assert at_once([free, click]) == [True, 204]


def test_f_16_two_reviewers_on_one_invoice_one_wins_the_other_reads_why(place: Town, web: Web) -> None:
    invoice = place.submitted(place.doctor())
    first, second = Browser(web.port, place.reviewer), Browser(web.port, place.second_reviewer)
    page = f"/mesa/facturas/{invoice.folio}"
    answers = at_once(
        [
            lambda: first.post(f"{page}/aceptar/"),
            lambda: second.post(f"{page}/devolver/", {"reasons": "pdf_of_another", "note": "Es de otro mes."}),
        ]
    )
    (lost,) = [place for place, answer in enumerate(answers) if answer.status != 302]
    assert answers[lost].status in {409, 422}, [answer.sentence for answer in answers]
    invoice.refresh_from_db()
    assert invoice.state == ("returned", "accepted")[lost]
    assert f"Está en «{REVIEW.label(invoice.state)}»" in answers[lost].text, answers[lost].sentence
    assert invoice.decisions.count() == 1
    invariants.all_hold()


def test_mo_07_one_fiscal_folio_attached_to_two_drafts_at_once_lives_in_one(place: Town, web: Web) -> None:
    """The same physician, two drafts of equal orders, one CFDI that bills either: only one of them may hold it."""
    doctor = place.doctor()
    drafts = [place.draft(doctor) for _ in range(2)]
    files = {"xml": ("factura.xml", made.xml_of_either(*drafts, at=place.now))}
    browser = Browser(web.port, doctor.user)
    answers = at_once(
        [
            lambda draft=draft: browser.post(f"/medico/facturas/borradores/{draft.pk}/archivos/", files)
            for draft in drafts
        ]
    )
    assert sorted(answer.status for answer in answers) == [302, 409], [answer.sentence for answer in answers]
    held = [draft.uuid for draft in Invoice.objects.filter(pk__in=[draft.pk for draft in drafts]) if draft.uuid]
    assert len(held) == 1
    assert TaxReceipt.objects.filter(uuid=held[0], released_at=None).count() == 1


def test_folios_stay_gapless_when_submissions_run_together_and_some_are_rolled_back(
    place: Town, chance: Random
) -> None:
    """Twelve submissions at once, each with an even chance to fail after its folio was drawn, then all again."""
    doctor = place.doctor()
    drafts = [place.attached(doctor) for _ in range(12)]
    last = Series.objects.filter(prefix="FA").values_list("last", flat=True).first() or 0
    fails = [chance.random() < 0.5 for _ in drafts]

    def send(invoice: Invoice, fail: bool) -> str:
        with transaction.atomic():
            folio = str(billing.submit_invoice(invoice=invoice, by=doctor.user, at=place.now).folio)
            if fail:
                raise ConnectionError("the line broke after the folio was drawn")
        return folio

    first = at_once([lambda i=i, f=f: send(i, f) for i, f in zip(drafts, fails, strict=True)])
    assert [isinstance(answer, ConnectionError) for answer in first] == fails, first
    again = at_once([lambda i=i: send(i, False) for i in drafts])
    assert [isinstance(answer, RuleBroken) for answer in again] == [not fail for fail in fails], again
    drawn = sorted(str(answer) for answer in [*first, *again] if isinstance(answer, str))
    year = place.now.year
    assert drawn == [f"FA-{year}-{number:06d}" for number in range(last + 1, last + 13)]
    assert IssuedFolio.objects.filter(series__prefix="FA").count() == last + 12
    invariants.folios_have_no_gap()


def test_mo_05_approvals_of_two_batches_at_once_number_them_without_gap(place: Town, web: Web) -> None:
    doctor = place.doctor(paid=True)
    batches = [place.prepared(doctor) for _ in range(4)]
    browser = Browser(web.port, place.approver)
    answers = at_once(
        [
            lambda batch=batch: browser.post(f"/mesa/pagos/{batch.pk}/autorizar/", {"total": str(batch.total)})
            for batch in batches
        ]
    )
    assert {answer.status for answer in answers} == {302}, [answer.sentence for answer in answers]
    assert PaymentBatch.objects.filter(pk__in=[batch.pk for batch in batches], state="approved").count() == 4
    invariants.folios_have_no_gap()
