"""F-04: SIGKILL of the web server in the middle of an act; afterwards the same key brings the one effect (MO-04)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.models import Complement, Invoice
from config.demo.scenes import treasury as bank_scene
from portal import clock
from portal.papers import services as papers
from portal.papers import store
from portal.treasury.models import BankFile, LedgerTransaction, Transfer
from tests.faults import invariants
from tests.faults.ground import Answer, Browser, Gone, Web, free_keys, wait_for
from tests.faults.town import Town

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def killed_then_again(browser: Browser, path: str, fields: dict, points: tuple[int, ...]) -> Answer:
    """POST with one key, the serving process dying at each of `points`; then once more without a fault."""
    key, deaths = f"key-{path}"[-60:].replace("/", "."), 0
    for point in points:
        try:
            browser.post(path, fields, key=key, fault=f"kill:{point}")
        except Gone:
            deaths += 1
            early = browser.post(path, fields, key=key)
            assert early.status in {302, 409}, early.sentence
            if early.status == 302:
                break  # it died before it had taken the key, or after the answer was kept
            assert int(early.headers.get("retry-after", "0")) > 0, "409 does not say when to come back"
            free_keys()
    assert deaths, f"{path} has fewer steps than {points}"
    answer = browser.post(path, fields, key=key)
    assert answer.status == 302, answer.sentence
    again = browser.post(path, fields, key=key)
    assert (again.status, again.location) == (302, answer.location), "the same key answered something else"
    return answer


def test_f_04_half_sent_upload_dies_with_its_worker_and_leaves_only_a_part(place: Town, web: Web) -> None:
    doctor = place.doctor()
    browser, clabe_and_pdf = Browser(web.port, doctor.user), place.statement(doctor)
    clabe, pdf = clabe_and_pdf
    before = invariants.digest()
    fields = {"clabe": clabe, "statement": ("estado.pdf", pdf + b"\n%" + b"x" * 700_000)}
    way = browser.post_half("/cuenta/bancaria/nueva/", fields)
    folder = store._folder("parts")
    wait_for(lambda: list(folder.glob("*.part")))
    web.kill()
    way.close()
    assert invariants.changed(before, invariants.digest()) == []
    assert invariants.orphans() == set()
    parts = list(folder.glob("*.part"))
    (part,) = parts
    assert pdf[:200] not in part.read_bytes(), "plain bytes on the disk"
    web.start()
    answer = browser.post("/cuenta/bancaria/nueva/", {"clabe": clabe, "statement": ("estado.pdf", pdf)})
    assert answer.status == 302, answer.sentence
    assert papers.sweep(older_than=timedelta(seconds=-60))["parts"] == 1
    invariants.all_hold(orphans_at_most=0)


def test_f_04_attach_and_submit_killed_give_one_folio(place: Town, web: Web) -> None:
    doctor = place.doctor()
    browser, invoice = Browser(web.port, doctor.user), place.draft(doctor)
    xml, pdf = place.papers(invoice)
    files = {"xml": ("factura.xml", xml), "pdf": ("factura.pdf", pdf)}
    killed_then_again(browser, f"/medico/facturas/borradores/{invoice.pk}/archivos/", files, (8, 45))
    killed_then_again(browser, f"/medico/facturas/borradores/{invoice.pk}/enviar/", {}, (7, 14, 30))
    invoice.refresh_from_db()
    assert invoice.state == "submitted"
    papers.sweep(older_than=timedelta(seconds=-60))
    invariants.all_hold(orphans_at_most=0)


def test_f_04_accept_killed_posts_once(place: Town, web: Web) -> None:
    invoice = place.submitted(place.doctor())
    browser = Browser(web.port, place.reviewer)
    killed_then_again(browser, f"/mesa/facturas/{invoice.folio}/aceptar/", {}, (12, 25, 40))
    posted = LedgerTransaction.objects.filter(kind="invoice_accepted", subject_id=str(invoice.pk))
    assert posted.count() == 1
    invariants.all_hold()


def test_f_04_payment_killed_at_each_act_pays_once(place: Town, web: Web) -> None:
    """Approve, export, read and import, each killed and repeated; then the complement."""
    doctor = place.doctor(paid=True)
    batch = place.prepared(doctor, count=2)
    preparer, approver = Browser(web.port, place.preparer), Browser(web.port, place.approver)
    page = f"/mesa/pagos/{batch.pk}/"
    killed_then_again(approver, f"{page}autorizar/", {"total": str(batch.total)}, (14, 24))
    killed_then_again(preparer, f"{page}archivo/", {}, (14, 22))
    batch.refresh_from_db()
    answer = bank_scene.bank_answer(batch, on=clock.date_in(place.now))
    killed_then_again(preparer, f"{page}respuesta/", {"result": ("respuesta.csv", answer)}, (16,))
    result = batch.results.get()
    killed_then_again(preparer, f"{page}respuesta/{result.pk}/", {}, (20, 45, 80))
    transfer = Transfer.objects.get(batch=batch)
    assert transfer.state == "paid"
    assert BankFile.objects.filter(batch=batch).count() == 1
    assert LedgerTransaction.objects.filter(kind="payment", subject_id=str(transfer.pk)).count() == 1
    rep = {"xml": ("rep.xml", place.complement(transfer))}
    killed_then_again(Browser(web.port, doctor.user), f"/medico/pagos/{transfer.pk}/complemento/", rep, (30,))
    assert Complement.objects.filter(transfer=transfer).count() == 1
    assert set(Invoice.objects.filter(transfer=transfer).values_list("payment_state", flat=True)) == {"closed"}
    papers.sweep(older_than=timedelta(seconds=-60))
    invariants.all_hold(orphans_at_most=0)


def test_f_04_master_killed_the_next_start_serves_on_the_same_port(place: Town, web: Web) -> None:
    doctor = place.doctor()
    browser = Browser(web.port, doctor.user)
    assert browser.get("/medico/").status == 200
    web.kill_only_parent()
    wait_for(lambda: not web.answers())  # the workers see that they are orphans and go
    web.start()
    assert browser.get("/medico/").status == 200, "the session did not live through it"
