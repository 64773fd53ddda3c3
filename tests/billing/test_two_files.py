"""Two files in one form: a right one is kept beside a wrong one, one in the other's field finds its own (D24)."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from billing import rules, services
from billing.models import Invoice
from config.demo.samples.statements import text_pdf
from config.demo.scenes import billing as billing_scene
from config.demo.uploads import upload_of
from portal.errors import Conflict, RuleBroken
from portal.papers.models import StoredFile
from tests.factories import billing as a

from .test_invoices import attach

pytestmark = pytest.mark.django_db


SCAN = text_pdf(["Factura impresa y escaneada, sin folio que se lea"])


def refusal(invoice: Invoice, who, **files) -> RuleBroken:
    with pytest.raises(RuleBroken) as refused:
        attach(invoice, who, **files)
    invoice.refresh_from_db()
    return refused.value


def bytes_for(invoice: Invoice, *, hours: int = 1, **more) -> tuple[bytes, bytes]:
    return billing_scene.files_for(invoice, issued_at=a.NOW - timedelta(hours=hours), **more)


def test_d24_beside_a_wrong_xml_the_pdf_stays_and_only_the_xml_is_asked_for(trusted) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    right, pdf = bytes_for(invoice)
    wrong = upload_of("otra.xml", b"<?xml version='1.0'?><a/>")
    problem = refusal(invoice, who, xml=wrong, pdf=upload_of("f.pdf", pdf))
    assert (invoice.xml, invoice.pdf.display_name) == (None, "f.pdf")
    assert problem.status == 422 and problem.message.endswith("Tu PDF quedó guardado: sube solo el XML.")
    assert {finding.level for finding in problem.findings} == {"error"}
    assert StoredFile.objects.count() == 1
    attach(invoice, who, xml=upload_of("f.xml", right))
    invoice.refresh_from_db()
    assert invoice.pdf.display_name == "f.pdf" and invoice.is_paired
    assert services.submit_invoice(invoice=invoice, by=who.user, at=a.NOW).folio


def test_d24_beside_a_wrong_pdf_the_xml_stays_and_only_the_pdf_is_asked_for(trusted) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    xml, pdf = bytes_for(invoice)
    other = bytes_for(invoice, hours=2)[1]
    problem = refusal(invoice, who, xml=upload_of("f.xml", xml), pdf=upload_of("otra.pdf", other))
    assert (invoice.xml.display_name, invoice.pdf, invoice.verdict) == ("f.xml", None, "accepted")
    assert problem.message.endswith("Tu XML quedó guardado: sube solo el PDF.")
    assert [finding.code for finding in problem.findings if finding.level == "error"] == ["pdf_of_another"]
    attach(invoice, who, pdf=upload_of("f.pdf", pdf))
    invoice.refresh_from_db()
    assert services.submit_invoice(invoice=invoice, by=who.user, at=a.NOW).folio


def test_d24_a_scan_that_shows_no_folio_stays_through_a_wrong_xml_and_goes_with_another_one(trusted) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    refusal(invoice, who, xml=a.files(invoice, faults=["pue"])[0], pdf=upload_of("escaneo.pdf", SCAN))
    attach(invoice, who, xml=upload_of("f.xml", bytes_for(invoice)[0]))
    invoice.refresh_from_db()
    assert invoice.pdf.display_name == "escaneo.pdf" and invoice.is_paired
    attach(invoice, who, pdf=upload_of("escaneo2.pdf", SCAN + b"\n"))
    attach(invoice, who, xml=upload_of("g.xml", bytes_for(invoice, hours=2)[0]))
    invoice.refresh_from_db()
    assert invoice.pdf is None


def test_d24_two_wrong_files_are_told_together_and_nothing_is_kept(trusted) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    wrong_xml, wrong_pdf = a.files(invoice, faults=["pue"])[0], upload_of("f.pdf", b"%PDF-1.7 roto")
    problem = refusal(invoice, who, xml=wrong_xml, pdf=wrong_pdf)
    assert (invoice.xml, invoice.pdf) == (None, None) and not StoredFile.objects.exists()
    assert problem.is_of_both and "El XML" in problem.message and "El PDF" in problem.message
    assert len({finding.code for finding in problem.findings if finding.level == "error"}) >= 2
    empty = refusal(invoice, who, xml=upload_of("f.xml", b""), pdf=upload_of("f.pdf", b""))
    assert len(empty.findings) == 2 and empty.message.count("vacío") == 1


def test_d24_a_pdf_of_another_invoice_beside_a_refused_xml_waits_for_its_own_and_is_not_sent_without(trusted) -> None:
    who = a.doctor()
    invoice = a.with_files(who)
    kept = invoice.xml_id
    xml, pdf = bytes_for(invoice, hours=3)
    refusal(invoice, who, xml=upload_of("mala.xml", xml[:-40]), pdf=upload_of("nueva.pdf", pdf))
    assert (invoice.xml_id, invoice.pdf.display_name, invoice.is_paired) == (kept, "nueva.pdf", False)
    with pytest.raises(RuleBroken, match="Sube el XML que salió junto con tu PDF"):
        services.submit_invoice(invoice=invoice, by=who.user, at=a.NOW)
    attach(invoice, who, xml=upload_of("buena.xml", xml))
    invoice.refresh_from_db()
    assert invoice.pdf.display_name == "nueva.pdf" and invoice.is_paired


def test_d24_an_xml_whose_folio_bills_something_else_leaves_its_pdf_in_the_draft(trusted, monkeypatch) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    xml, pdf = bytes_for(invoice)

    def taken(**_) -> None:
        raise Conflict("Ese folio fiscal ya está en otra factura. Sube el XML de esta.", code="receipt_taken")

    monkeypatch.setattr(services.invoices.fiscal, "claim_receipt", taken)
    problem = refusal(invoice, who, xml=upload_of("f.xml", xml), pdf=upload_of("f.pdf", pdf))
    assert (problem.status, problem.code) == (409, "receipt_taken")
    assert (invoice.xml, invoice.pdf.display_name, invoice.uuid) == (None, "f.pdf", "")
    alone = refusal(invoice, who, xml=upload_of("f.xml", xml))
    assert type(alone) is Conflict


@pytest.mark.parametrize("fields", [("pdf", "xml"), ("pdf",), ("xml",)])
def test_d24_files_in_each_others_fields_change_places_in_silence(trusted, fields) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    xml, pdf = bytes_for(invoice)
    crossed = {"xml": upload_of("f.pdf", pdf), "pdf": upload_of("f.xml", xml)}
    attach(invoice, who, **{name: crossed[name] for name in fields})
    invoice.refresh_from_db()
    assert (invoice.pdf is not None) == ("xml" in fields)
    assert (invoice.xml is not None) == ("pdf" in fields)


def test_d24_a_right_pdf_in_the_others_field_is_kept_beside_what_is_no_invoice(trusted) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    pdf = bytes_for(invoice)[1]
    refusal(invoice, who, xml=upload_of("f.pdf", pdf), pdf=upload_of("nada.pdf", b"hola"))
    assert invoice.pdf.display_name == "f.pdf"


@pytest.mark.parametrize(("uuids", "compared"), list(product([[], ["a"]], ["", "a", "b", None])))
def test_a_kept_pdf_stays_with_its_own_xml_only(uuids, compared) -> None:
    facts = {"uuids": uuids, "compared_with": compared}
    assert rules.stays_with(facts, "a") == (bool(uuids) or compared in {"", "a"})
    assert rules.shows_uuid(facts, "b") == (not uuids)
