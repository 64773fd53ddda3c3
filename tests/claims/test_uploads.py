"""Files of a draft, whole: large ones wait, what is wrong is told at once, two tabs, what a CFDI is refused for (N4)."""

from __future__ import annotations

import pytest

from claims import selectors, services
from claims.models import Claim, ClaimFile
from config.demo.samples import make_invoice_pdf
from portal import queue
from portal.errors import RuleBroken
from portal.papers import services as papers
from portal.papers.models import StoredFile
from tests.factories import billing, people
from tests.factories import claims as a
from tests.papers import makers

pytestmark = pytest.mark.django_db


def add(claim: Claim, name: str, content: bytes, document: str = "other") -> ClaimFile:
    told = {"document": document, "by": claim.filed_by, "at": a.AT}
    return services.add_file(claim=claim, upload=a.upload(name, content), **told)


def examine() -> None:
    """The drain passes once."""
    queue.drain(StoredFile, lambda row: papers.examine_waiting(file=row, at=a.AT))


def lacks(claim: Claim) -> set[str]:
    return {one.name for one in selectors.lacks_of(claim, at=a.AT)} & {"files_pending", "files_rejected"}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything of more than ten bytes is too large to judge at once."""
    monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 10)


def test_n4_a_large_file_is_kept_waits_holds_the_sending_back_and_is_told(at_once: None) -> None:
    family = a.a_family()
    claim, client = a.a_whole_draft(family), people.signed_in(family.user)
    invoice = claim.invoices.get()
    invoice.xml.file.__class__.objects.filter(pk=invoice.xml.file_id).update(original_name="F-9.xml")
    ClaimFile.objects.filter(pk=invoice.pdf_id).update(removed_at=a.AT)
    good = add(claim, "F-9.pdf", makers.pdf(), "invoice_xml")
    bad = add(claim, "otro.pdf", makers.with_javascript())
    assert {good.file.verdict, bad.file.verdict} == {"pending"} and lacks(claim) == {"files_pending"}
    assert claim.invoices.get().pdf == good, "it goes with its invoice by its name already"
    page = f"/tramites/borradores/{claim.pk}/"
    told = client.get(f"{page}documentos/").content.decode()
    assert "Pesa más de 5 MB: lo revisamos en un momento" in told and f"/archivos/{good.file_id}" not in told
    assert "todavía se revisan" in client.get(f"{page}revisar/").content.decode()
    with pytest.raises(RuleBroken, match="todavía se revisan"):
        services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT)
    examine()
    good.refresh_from_db()
    assert (good.file.verdict, good.facts["uuids"], lacks(claim)) == ("accepted", [], {"files_rejected"})
    refused = client.get(f"{page}documentos/").content.decode()
    assert "No pasó la revisión: quítalo." in refused and "JavaScript" in refused
    services.remove_file(claim=claim, item=bad, by=family.user, at=a.AT)
    assert services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT).folio


def test_n4_what_a_large_pdf_shows_brings_it_to_its_invoice_once_it_is_read(at_once: None) -> None:
    family = a.a_family()
    claim = a.a_draft(family)
    uuids = [a.an_invoice(claim, f"{number}.00", pdf=False) for number in (1, 2)]
    billing.trust()
    xml = a.xml(family.titular)
    shown = add(claim, "escaneo.pdf", make_invoice_pdf(xml=xml), "invoice_pdf")
    from portal.papers.services import examine_bytes

    read = examine_bytes(content=make_invoice_pdf(xml=xml), name="x.pdf", kinds={"pdf"}, check="claims.checks.paper")
    uuids[1].__class__.objects.filter(pk=uuids[1].pk).update(uuid=read.facts["uuids"][0])
    assert [one.pdf for one in selectors.invoices_of(claim)] == [None, None]
    examine()
    assert [one.pdf for one in selectors.invoices_of(claim)] == [None, shown]
    again = a.a_draft(family)
    same = add(again, "escaneo.pdf", make_invoice_pdf(xml=xml), "invoice_pdf")
    assert same.file == shown.file and same.facts == shown.__class__.objects.get(pk=shown.pk).facts


def test_n4_an_answer_may_be_large_too_and_is_sent_once_it_was_read(at_once: None) -> None:
    family = a.a_family()
    wanted = a.an_open_request(a.bare(family))
    item, told = wanted.items.get(), {"by": family.user, "at": a.AT}
    kept, refused = services.add_answers(item=item, uploads=[a.upload("r.pdf", makers.pdf())], **told)
    assert refused == [] and kept[0].file.verdict == "pending"
    with pytest.raises(RuleBroken, match="todavía se revisan"):
        services.complete_request(request=wanted, **told)
    examine()
    assert services.complete_request(request=wanted, **told).state == "answered"
