"""Files of a draft one by one: each sent by itself, taken out and put back; what is stored is never lost (UX D5)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing import selectors, services
from billing.models import Invoice
from config.demo.scenes import billing as billing_scene
from config.demo.uploads import upload_of
from portal import clock
from portal.errors import Conflict
from portal.fiscal.selectors import live_receipt
from portal.history.models import AuditEvent
from portal.papers import services as papers
from portal.papers.models import StoredFile
from tests.factories import billing as a
from tests.factories import people

from .pages import post, text, url

pytestmark = pytest.mark.django_db


def removed(invoice: Invoice, who, file: StoredFile | None) -> Invoice:
    services.remove_file(invoice=invoice, file=file, by=who.user, at=a.NOW)
    return Invoice.objects.get(pk=invoice.pk)


def put_back(invoice: Invoice, who, file: StoredFile) -> Invoice:
    services.put_file_back(invoice=invoice, file=file, by=who.user, at=a.NOW)
    return Invoice.objects.get(pk=invoice.pk)


def told(invoice: Invoice) -> list[str]:
    """Names of what may be put back."""
    return [file.display_name for file in selectors.removed_files(invoice)]


def test_a_removed_xml_frees_its_folio_and_put_back_it_is_judged_anew(trusted) -> None:
    who = a.doctor()
    before = a.with_files(who)
    xml = before.xml
    without = removed(before, who, xml)
    assert (without.xml, without.uuid, without.verdict, without.facts, without.issued_on) == (None, "", "", {}, None)
    assert (without.pdf, live_receipt(without), told(without)) == (before.pdf, None, ["factura.xml"])
    assert removed(without, who, xml).xml is None
    acts = AuditEvent.objects.filter(action="billing.file_removed", subject_id=str(before.pk))
    assert [event.details["kind"] for event in acts] == ["xml"], "removed twice it is recorded once"
    stored = StoredFile.objects.count()
    again = put_back(without, who, xml)
    assert put_back(again, who, xml).xml == xml
    assert (again.uuid, again.verdict, again.total, told(again)) == (before.uuid, before.verdict, before.total, [])
    assert live_receipt(again) is not None and StoredFile.objects.count() == stored
    assert services.submit_invoice(invoice=again, by=who.user, at=a.NOW).folio


def test_a_removed_pdf_comes_back_unless_another_took_its_place(trusted) -> None:
    who = a.doctor()
    before = a.with_files(who)
    pdf = before.pdf
    without = removed(removed(before, who, pdf), who, before.xml)
    assert told(without) == ["factura.xml", "factura.pdf"]
    assert put_back(without, who, pdf).pdf == pdf
    other = upload_of("otra.pdf", billing_scene.files_for(before, issued_at=a.NOW)[1])
    services.attach_files(invoice=removed(without, who, pdf), xml=None, pdf=other, by=who.user, at=a.NOW)
    with pytest.raises(Conflict, match="Ya subiste otro PDF."):
        put_back(without, who, pdf)
    current = Invoice.objects.get(pk=before.pk)
    assert told(current) == ["factura.xml"]
    without, newer = removed(current, who, current.pdf), current.pdf
    for last in (pdf, newer, pdf):
        without = removed(put_back(without, who, last), who, last)
        assert selectors.removed_files(without)[1] == last, "what was taken out last, however often before"


def test_a_file_put_back_takes_no_place_that_another_took_while_it_was_examined(trusted, monkeypatch) -> None:
    who = a.doctor()
    before = a.with_files(who)
    other = upload_of("otra.pdf", billing_scene.files_for(before, issued_at=a.NOW)[1])
    without, examine = removed(removed(before, who, before.pdf), who, before.xml), papers.examine_upload

    def meanwhile(**said):
        monkeypatch.setattr(papers, "examine_upload", examine)
        services.attach_files(invoice=without, xml=None, pdf=other, by=who.user, at=a.NOW)
        return examine(**said)

    monkeypatch.setattr(papers, "examine_upload", meanwhile)
    with pytest.raises(Conflict, match="Ya subiste otro PDF."):
        put_back(without, who, before.pdf)
    assert Invoice.objects.get(pk=before.pk).pdf.display_name == "otra.pdf"


def test_what_was_sent_keeps_its_files(trusted) -> None:
    who = a.doctor()
    for invoice, said in ((a.submitted(who), "Ya la enviaste"), (a.returned(who), "Una factura devuelta conserva")):
        with pytest.raises(Conflict, match=said):
            removed(invoice, who, invoice.xml)
        assert told(invoice) == []


def test_on_screen_each_file_is_a_request_of_its_own_and_a_bad_one_costs_no_good_one(trusted) -> None:
    who = a.doctor()
    invoice, owner = a.draft(who), people.signed_in(who.user)
    xml, pdf = billing_scene.files_for(invoice, issued_at=clock.now() - timedelta(hours=2))

    def send(name: str, content: bytes, key: str = ""):
        return post(owner, "attach", invoice.pk, key=key, files=SimpleUploadedFile(name, content))

    keys = [uuid.uuid4().hex for _ in range(2)]
    assert [send("f.pdf", pdf, keys[0]).status_code for _ in range(2)] == [302, 302]
    refused = send("foto.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    assert refused.status_code == 422 and "data-upload-answer" in refused.content.decode()
    assert send("f.xml", xml, keys[1]).status_code == 302
    page = text(owner.get(url("draft", invoice.pk)))
    assert page.count(">Quitar<") >= 2 and "f.xml" in page and "Tu factura pasa todas las reglas." in page
    assert StoredFile.objects.count() == 2
    invoice.refresh_from_db()
    for name, sees, lacks in (("remove_file", "Deshacer", "pasa todas"), ("put_file_back", "pasa todas", "Deshacer")):
        key = uuid.uuid4().hex
        answers = [post(owner, name, invoice.pk, invoice.xml_id, key=key) for _ in range(2)]
        assert {answer["Location"] for answer in answers} == {f"{url('draft', invoice.pk)}#resultado"}
        page = text(owner.get(url("draft", invoice.pk)))
        assert sees in page and lacks not in page
    other = StoredFile.objects.get(pk=a.with_files(a.doctor()).xml_id)
    assert post(owner, "remove_file", invoice.pk, other.pk).status_code == 404
    assert post(owner, "put_file_back", invoice.pk, uuid.uuid4()).status_code == 404


def test_a_draft_discarded_in_another_window_is_told_and_missed_by_no_act(trusted) -> None:
    who = a.doctor()
    draft, by = a.with_files(who), {"by": who.user, "at": a.NOW}
    seen = Invoice.objects.get(pk=draft.pk)
    xml, pdf = a.files(seen)
    services.discard_draft(invoice=draft, **by)
    for act in (
        lambda: services.discard_draft(invoice=seen, **by),
        lambda: services.submit_invoice(invoice=seen, **by),
        lambda: services.remove_file(invoice=seen, file=seen.pdf, **by),
        lambda: services.attach_files(invoice=seen, xml=xml, pdf=pdf, **by),
    ):
        with pytest.raises(Conflict, match="se descartó en otra ventana") as refused:
            act()
        assert refused.value.way == ("Elegir órdenes", reverse("billing:start"))
    owner, stranger = people.signed_in(who.user), people.signed_in(a.doctor().user)
    answers = [owner.get(url("draft", draft.pk)), *(post(owner, name, draft.pk) for name in ("submit", "discard"))]
    for answer in answers:
        assert answer.status_code == 409 and "se descartó en otra ventana" in text(answer)
    assert stranger.get(url("draft", draft.pk)).status_code == 404


def test_d7_an_xml_is_read_on_its_page_as_a_receipt_with_the_way_back(trusted) -> None:
    who = a.doctor()
    draft = a.with_files(who)
    browser, page = people.signed_in(who.user), url("draft", draft.pk)
    shown = text(
        browser.get(reverse("papers:file", args=[draft.xml_id]), headers={"referer": f"http://testserver{page}"})
    )
    assert "Conceptos e importes" in shown and "no tiene vista previa" not in shown
    assert f'<a href="{page}">Volver</a>' in shown
    assert "Volver</a>" not in text(browser.get(reverse("papers:file", args=[draft.xml_id])))
