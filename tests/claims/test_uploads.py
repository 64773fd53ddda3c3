"""Files of a draft, whole: large ones wait, what is wrong is told at once, two tabs, what a CFDI is told for (N4)."""

from __future__ import annotations

import html
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from claims import selectors, services
from claims.models import Claim, ClaimFile
from config.demo.samples import make_invoice_pdf
from memberships import services as families
from portal import queue
from portal.errors import RuleBroken
from portal.papers import services as papers
from portal.papers.models import StoredFile
from tests.factories import billing, people
from tests.factories import claims as a
from tests.factories.threads import people_at
from tests.pages import once
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
    check = client.get(f"{page}revisar/").content.decode()
    assert "todavía se revisan" in check and 'name="comes-back"' in check
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
    kept, refused = services.answer_item(item=item, note=None, uploads=[a.upload("r.pdf", makers.pdf())], **told)
    assert refused == [] and kept[0].file.verdict == "pending"
    with pytest.raises(RuleBroken, match="todavía se revisan"):
        services.complete_request(request=wanted, **told)
    examine()
    assert services.complete_request(request=wanted, **told).state == "answered"


def test_s3_20_what_is_wrong_with_a_photograph_is_told_at_once_and_it_stays_for_a_person() -> None:
    family = a.a_family()
    claim, client = a.a_draft(family), people.signed_in(family.user)
    for name, content, told in (
        ("vacia.jpg", makers.plain_photo(), "parece estar en blanco. Revisa que sea la foto correcta."),
        ("movida.jpg", makers.plain_photo(blur=True), "se ve borrosa. Tómala otra vez con buena luz y sin moverte."),
        ("chica.jpg", makers.photo(320, 400), "es muy pequeña para leerla. Tómala de más cerca o con más calidad."),
        ("echada.jpg", makers.photo(orientation=8), "parece estar de lado. Si no se lee derecha, gírala"),
    ):
        sent = {"files": SimpleUploadedFile(name, content)} | once()
        assert client.post(f"/tramites/borradores/{claim.pk}/archivos/other/", sent).status_code == 302, name
        page = client.get(f"/tramites/borradores/{claim.pk}/documentos/").content.decode()
        assert told in page, name
    turned = add(claim, "girada.jpg", makers.photo(orientation=6))
    assert (turned.facts["width"], turned.facts["height"]) == (1200, 900), "what the camera turned is put upright"


def test_c8_a_heic_and_a_png_become_jpeg_before_they_count() -> None:
    claim = a.a_draft(a.a_family())
    heic, png = add(claim, "IMG_1.HEIC", makers.photo(kind="HEIF")), add(claim, "b.png", makers.photo(kind="PNG"))
    for item, came in ((heic, "heic"), (png, "png")):
        assert (item.file.kind, item.file.content_type) == ("jpeg", "image/jpeg")
        assert (item.facts["converted_from"], item.file.page_images.count()) == (came, 1)
    assert heic.file.original_name == "IMG_1.HEIC", "nobody is asked to rename (C7)"


# --- two tabs --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_s3_24_s3_25_the_51st_file_and_one_byte_too_many_lose_thirty_times_from_two_tabs(at_once: None) -> None:
    claim = a.a_draft(a.a_family())
    kept = [a.a_file(claim, "other") for _file in range(49)]
    with people_at(2) as tabs:
        for number in range(60):  # thirty of each: odd rounds fill the files, even ones the bytes
            by_bytes = number % 2 == 0
            ClaimFile.objects.filter(pk=kept[0].pk).update(removed_at=a.AT if by_bytes else None)
            size = 52_428_800 - 2 * len("%PDF-1.4 0000 1") + 1 if by_bytes else 1_000
            StoredFile.objects.filter(pk=kept[1].file_id).update(size=size - 47_000 if by_bytes else size)
            before = StoredFile.objects.count()
            contents = [f"%PDF-1.4 {number:04d} {tab}".encode() for tab in (1, 2)]
            told = tabs([partial(add, claim, f"{number}-{tab}.pdf", one) for tab, one in enumerate(contents)])
            won, lost = sorted(told, key=lambda one: isinstance(one, RuleBroken))
            assert isinstance(won, ClaimFile) and isinstance(lost, RuleBroken), told
            assert lost.code == "envelope_full" and ("50 MB" in str(lost)) is by_bytes
            sizes = selectors.files_of(claim).values_list("file__size", flat=True)
            assert (StoredFile.objects.count(), len(sizes)) == (before + 1, 49 if by_bytes else 50)
            assert sum(sizes) <= 52_428_800
            ClaimFile.objects.filter(pk=won.pk).update(removed_at=a.AT)


# --- what a CFDI is told for -----------------------------------------------------------------------------------------

STRANGER = {"rfc": "XIA190128J61", "name": "AJENA", "zip": "06600", "regime": "601"}
GENERIC = {"rfc": "XAXX010101000", "zip": "06600", "regime": "616"}
# What is wrong → (its making, the answer, what the family reads, its cure, whether it is kept).
TOLD: dict[str, tuple[dict[str, Any], int, str, str, bool]] = {
    "wrong receiver": ({"receiver": STRANGER}, 422, "no es de nadie de tu familia", "Pide que la cancelen", False),
    "the insurer's": ({"receiver": "insurer"}, 422, "a nombre de tu aseguradora", "la emitan a nombre de", False),
    "generic RFC": ({"receiver": "generic"}, 302, "el RFC genérico", "La próxima vez da el RFC", True),
    "two patients": ({"patients": 2}, 302, "nombra a 2 personas", "Pide una factura por persona", True),
    "used elsewhere": ({"uuid": "used"}, 409, "ya se usó en otro trámite", "busca en tus trámites", False),
    "here already": ({"uuid": "here"}, 409, "ya está en este trámite", "No la subas dos veces", False),
    "paid later": ({"faults": []}, 302, "Se paga después (PPD)", "pide el complemento de pago", True),
    "credit note": ({"faults": ["pue", "egress"]}, 422, "nota de crédito", "sube la factura", False),
    "dollars": ({"faults": ["pue", "dollars"]}, 422, "está en USD", "Escríbenos", False),
    "altered": ({"faults": ["pue", "altered"]}, 422, "", "Descarga otra vez el XML", False),
    "unsealed": ({"faults": ["pue", "unsealed"]}, 422, "", "Pide a quien te la dio", False),
    "of payment": ({"faults": ["payment_kind"]}, 422, "aquí va la factura de lo que pagaste", "pídelo a quien", False),
}


def test_s3_26_each_wrong_cfdi_is_a_sentence_and_a_cure_and_what_is_refused_leaves_nothing() -> None:
    billing.trust()
    family = a.a_family()
    used, client = a.sent(a.a_family()).invoices.get().uuid, people.signed_in(family.user)
    wrong = []
    for name, (made, status, told, cure, kept) in TOLD.items():
        claim = a.a_draft(family)
        here = a.an_invoice(claim, "1.00").uuid
        before = StoredFile.objects.count()
        sent = {"files": SimpleUploadedFile("F 1&2.xml", _made(family, made, used, here))} | once()
        answer = client.post(f"/tramites/borradores/{claim.pk}/archivos/invoice_xml/", sent)
        page = answer if status != 302 else client.get(f"/tramites/borradores/{claim.pk}/documentos/")
        text = html.unescape(page.content.decode())
        stands = claim.invoices.count() == 2 and StoredFile.objects.count() == before + 1
        if (answer.status_code, told in text, cure in text, stands) != (status, True, True, kept):
            wrong.append((name, answer.status_code, told in text, cure in text, stands))
    assert wrong == []


def _made(family: Any, made: dict[str, Any], used: str, here: str) -> bytes:
    """A sealed CFDI with one thing wrong."""
    person, told = family.titular, {"faults": ["pue"], **made}
    if told.get("uuid"):
        told["uuid"] = {"used": used, "here": here}[told["uuid"]]
    if told.get("receiver") == "insurer":
        told["receiver"] = {"rfc": family.plan.party.rfc, "name": "ASEGURADORA", "zip": "06600", "regime": "601"}
    if told.get("receiver") == "generic":
        told["receiver"] = GENERIC | {"name": person.as_printed.upper()}
    if told.pop("patients", 0):
        names = (person.as_printed, family.child.as_printed)
        told["orders"] = [{"account": f"C{at}", "patient": one, "payable": "500.00"} for at, one in enumerate(names)]
    return a.xml(person, **told)


def test_an_rfc_that_nobody_told_is_asked_beside_its_invoice_and_the_next_one_is_judged_by_it() -> None:
    billing.trust()
    family = a.a_family()
    claim, person = a.a_draft(family), family.titular
    client, page = people.signed_in(family.user), f"/tramites/borradores/{claim.pk}/"
    assert not selectors.without_rfc(claim, on=a.ON)
    doubtful = services.add_file(
        claim=claim,
        upload=a.upload("factura.xml", a.xml(person, faults=["pue"])),
        document="invoice_xml",
        by=family.user,
        at=a.AT,
    )
    assert [one.code for one in doubtful.found if one.level == "review"] == ["receiver_rfc_not_known"]
    shown = client.get(f"{page}documentos/").content.decode()
    assert "Un RFC que no tenemos" in shown and family.child.as_printed in shown
    told = {"person": str(person.pk), "rfc": "LURF850506AA1"}
    wrong = client.post(f"{page}rfc/", once() | told)
    assert wrong.status_code == 422 and "que nació el 05/05/1985" in wrong.content.decode()
    assert client.post(f"{page}rfc/", once() | told | {"person": str(claim.pk)}).status_code == 422
    with pytest.raises(RuleBroken) as stranger:
        services.give_rfc(claim=claim, person=str(claim.pk), rfc=a.RFC, by=family.user, at=a.AT)
    assert stranger.value.code == "not_a_choice"
    assert client.post(f"{page}rfc/", once() | told | {"rfc": a.RFC.lower()}).status_code == 302
    person.refresh_from_db()
    assert person.rfc == a.RFC
    with pytest.raises(RuleBroken) as twice:
        families.keep_rfc(person=person, rfc=a.RFC, by=family.user, at=a.AT)
    assert twice.value.code == "rfc_known"
    services.remove_file(claim=claim, item=doubtful, by=family.user, at=a.AT)
    again = services.add_file(
        claim=claim,
        upload=a.upload("factura.xml", a.xml(person, faults=["pue"])),
        document="invoice_xml",
        by=family.user,
        at=a.AT,
    )
    assert (again.findings, again.file.verdict) == ([], "accepted"), "now it may be approved by itself"
