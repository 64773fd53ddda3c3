"""The examiner on PDFs (XP-04): what they may hold, hide, refer to, and how large they may unpack."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf.generic import DictionaryObject, IndirectObject, NameObject, NullObject, NumberObject

from portal.errors import Verdict
from portal.papers import examiner
from portal.papers.examiner import entries
from tests.papers import makers
from tests.papers.asking import refused, seen

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "pdf"
# Some bytes that ask for ten thousand by ten thousand pixels, whatever the PDF around them says.
_SIDE = (10_000).to_bytes(4, "big")
JPX_WALL = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"\xff\x4f\xff\x51\x00\x29\x00\x00" + _SIDE * 2 + b"\x00" * 40
JBIG2_WALL = (
    b"\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01a"
    + b"\x00\x00\x00\x01\x30\x00\x01\x00\x00\x00\x13"
    + _SIDE * 2
    + b"\x00" * 11
)
JPEG_WALL = b"\xff\xd8\xff\xc2\x00\x0b\x08\x27\x10\x27\x10\x01\x01\x11\x00"
INLINE_WALL = b"q 1 0 0 1 0 0 cm BI /W 10000 /Height 10000 /BPC 1 ID \x00 EI Q"
pytestmark = pytest.mark.usefixtures("server_ends")


def test_honest_pdf_gives_text_sizes_and_pictures() -> None:
    report = seen(makers.pdf("CLABE 0123", pages=12), "estado.pdf", {"pdf"})
    facts = report.judgement.facts
    assert report.judgement.verdict is Verdict.ACCEPTED
    assert (report.pages, facts["has_text"], facts["sizes"][0], facts["embedded"]) == (12, True, [612.0, 792.0], [])
    assert "CLABE 0123 12" in facts["text"][11]
    assert [picture.number for picture in report.pictures] == list(range(1, 11))
    with Image.open(io.BytesIO(report.pictures[0].content)) as image:
        assert (image.format, max(image.size)) == ("JPEG", 1600)


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (makers.with_javascript, "pdf.active", "JavaScript"),
        (lambda: makers.with_action("/JavaScript"), "pdf.active", "JavaScript"),
        (makers.hidden_in_object_stream, "pdf.active", "JavaScript"),
        (lambda: makers.with_javascript().replace(b"/JavaScript", b"/Java#53cript"), "pdf.active", "JavaScript"),
        (lambda: makers.with_action("/Launch"), "pdf.active", "abre programas"),
        (lambda: makers.with_action("/SubmitForm"), "pdf.active", "envía datos"),
        (lambda: makers.with_action("/ImportData"), "pdf.active", "importa datos"),
        (makers.with_form_xfa, "pdf.active", "XFA"),
        (lambda: makers.with_action("/GoToR"), "pdf.active", "un enlace a otro archivo"),
        (lambda: makers.with_action("/GoToE"), "pdf.active", "archivo incrustado"),
        (lambda: makers.with_action("/Thread"), "pdf.active", "un enlace a otro archivo"),
        (lambda: makers.with_action("/Rendition"), "pdf.active", "multimedia"),
        (lambda: makers.with_action("/Movie"), "pdf.active", "multimedia"),
        (lambda: makers.with_action("/Sound"), "pdf.active", "multimedia"),
        (lambda: makers.with_action("/GoToR").replace(b"/GoToR", b"/GoTo#52"), "pdf.active", "otro archivo"),
        (lambda: makers.with_link("file:///C:/a.exe"), "pdf.active", "abre programas"),
        (lambda: makers.with_link("javascript:alert(1)"), "pdf.active", "abre programas"),
        (lambda: makers.with_link("\\\\servidor\\a"), "pdf.active", "abre programas"),
        (lambda: makers.with_stream(F="otro"), "pdf.active", "en otro archivo"),
        (lambda: makers.with_stream(Subtype="Form", Ref="otro"), "pdf.active", "en otro archivo"),
        (lambda: makers.with_image(wide=10_000, high=6_001), "pdf.too_many_pixels", "60 megapíxeles"),
        (lambda: makers.with_image(JPX_WALL, packed="JPXDecode"), "pdf.too_many_pixels", "60 megapíxeles"),
        (lambda: makers.with_image(JBIG2_WALL, packed="JBIG2Decode"), "pdf.too_many_pixels", "60 megapíxeles"),
        (lambda: makers.with_image(JPEG_WALL, packed="DCTDecode"), "pdf.too_many_pixels", "60 megapíxeles"),
        (lambda: makers.with_stream(INLINE_WALL, Subtype="Form"), "pdf.too_many_pixels", "60 megapíxeles"),
        (lambda: makers.with_stream(INLINE_WALL), "pdf.too_many_pixels", "60 megapíxeles"),
        (lambda: makers.with_attachments(("virus.exe", b"MZ")), "pdf.embedded", "«virus.exe»"),
        (lambda: makers.with_attachments(("a.xml", b"<a/>")), "pdf.embedded", "«a.xml»"),
        (
            lambda: makers.with_attachments(("a.xml", makers.INVOICE), ("b.xml", makers.INVOICE + b" ")),
            "pdf.embedded",
            "Solo se admite un XML",
        ),
        (lambda: makers.pdf() + b"PK\x03\x04 zip", "pdf.trailing", "pegado al final"),
        (lambda: makers.pdf() + b"<script>alert(1)</script>", "pdf.trailing", "pegado al final"),
        (lambda: makers.pdf()[: len(makers.pdf()) // 2], "pdf.incomplete", "incompleto"),
        (lambda: makers.locked(user="secreta", owner="duena"), "pdf.password", "pide contraseña"),
        (lambda: makers.pdf(pages=501), "pdf.too_many_pages", "501 páginas"),
        (makers.huge_page, "pdf.page_size", "cinco metros"),
        (lambda: b"%PDF-1.7\nnada\n%%EOF", "pdf.damaged", "dañado"),
        (lambda: makers.pdf().replace(b"/Kids", b"/Kadz"), "pdf.no_pages", "páginas"),
    ],
)
def test_dangerous_or_broken_pdf_is_refused_with_its_own_sentence(make: Any, code: str, words: str) -> None:
    said = refused(make(), "estado.pdf", {"pdf"})
    assert said.split()[0] == code
    assert words in said


SIZE, KIND = ("/Width", "/Height"), ("/Subtype",)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (makers.with_program, "pdf.embedded"),
        (lambda: makers.with_program(apart=["/EF", "/F"]), "pdf.embedded"),
        (lambda: makers.with_program("/RF", apart=["/RF"]), "pdf.embedded"),
        (lambda: makers.with_stream(b"MZ", Type="EmbeddedFile", apart=["/Type"]), "pdf.embedded"),
        (lambda: makers.with_object(DictionaryObject({NameObject("/EF"): NumberObject(9)})), "pdf.embedded"),
        (lambda: makers.with_action("/Movie", apart=True), "pdf.active"),
        (lambda: makers.with_action("/Thread", apart=True), "pdf.active"),
        (lambda: makers.with_link("file:///C:/a.exe", apart=["/S", "/URI"]), "pdf.active"),
        (lambda: makers.with_stream(Subtype="Form", Ref="otro", apart=KIND), "pdf.active"),
        (lambda: makers.with_image(wide=9000, high=9000, apart=KIND), "pdf.too_many_pixels"),
        (lambda: makers.with_image(wide=9000, high=9000, apart=SIZE), "pdf.too_many_pixels"),
        (lambda: makers.with_stream(Width=9000, Height=9000), "pdf.too_many_pixels"),
        (lambda: makers.with_image(JPX_WALL, packed="JPXDecode", apart=["/Filter"]), "pdf.too_many_pixels"),
        (makers.with_fax, "pdf.too_many_pixels"),
        (lambda: makers.with_fax(apart=["/DecodeParms"]), "pdf.too_many_pixels"),
        (lambda: makers.unit_apart(200), "pdf.page_size"),
    ],
)
def test_what_a_pdf_refers_to_counts_as_what_it_says_in_place(make: Any, code: str) -> None:
    assert refused(make(), "estado.pdf", {"pdf"}).split()[0] == code


def test_a_reference_that_leads_nowhere_is_read_as_nothing_and_a_ring_ends() -> None:
    class Broken:
        def get_object(self, reference: Any) -> Any:
            if reference.idnum == 3:
                raise MemoryError
            return {1: reference, 2: None}[reference.idnum]

    held = {f"/{number}": IndirectObject(number, 0, Broken()) for number in (1, 2, 3, 4)}
    piece = DictionaryObject({NameObject(key): one for key, one in held.items()} | {NameObject("/N"): NullObject()})
    assert [entries.value(piece, key) for key in ("/1", "/2", "/4", "/N", "/X")] == ["", "", "", None, None]
    with pytest.raises(MemoryError):
        entries.value(piece, "/3")


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("calc.exe", "file:///c:/windows/system32/"),
        ("calc.exe", "c:/windows/system32/"),
        ("calc.exe", "\\\\servidor\\"),
        ("file:///c:/calc.exe?\x9f", ""),
        ("\x01file:///c:/calc.exe", ""),
        ("java\tscript:alert(1)", ""),
    ],
)
def test_an_address_opens_a_program_however_it_is_put_together(address: str, base: str) -> None:
    assert refused(makers.with_link(address, base=base), "estado.pdf", {"pdf"}).split()[0] == "pdf.active"


@pytest.mark.parametrize(
    "address",
    [
        "https://verificacfdi.facturaelectronica.sat.gob.mx/?id=1",
        "mailto:a@b.mx",
        "HTTP://b.mx",
        "www.banco.mx",
        "tel:55",
        "pagina.html",
    ],
)
def test_a_link_to_the_web_is_what_the_sat_and_banks_print(address: str) -> None:
    for base in ("", "https://www.sat.gob.mx/", "paginas/"):
        report = seen(makers.with_link(address, base=base), "estado.pdf", {"pdf"})
        assert report.judgement.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "make",
    [
        lambda: makers.with_image(wide=10_000, high=6_000),
        lambda: makers.with_image(b"\xff\x4f\xff\x51", packed="JPXDecode"),
        lambda: makers.with_image(b"\x00\x00\x00\x00\x00\x20\x01\x00\x00\x00\x04abcd", packed="JBIG2Decode"),
        lambda: makers.with_stream(b"q BI /W 10 /H 10 ID x EI Q (BI no ID)", Subtype="Form"),
    ],
)
def test_a_picture_of_sixty_megapixels_passes(make: Any) -> None:
    assert seen(make(), "estado.pdf", {"pdf"}).judgement.verdict is Verdict.ACCEPTED


def test_zip_that_ends_as_a_pdf_is_refused() -> None:
    end = b"PK\x05\x06" + b"\x00" * 16
    content = makers.pdf().rstrip()
    tail = b"\n%%EOF"
    joined = content + b"\n%" + end + len(tail).to_bytes(2, "little") + tail
    assert refused(joined, "a.pdf", {"pdf"}).startswith("pdf.trailing")


def test_pdf_locked_only_by_its_owner_is_accepted() -> None:
    report = seen(makers.locked(user="", owner="duena"), "estado.pdf", {"pdf"})
    assert report.judgement.verdict is Verdict.ACCEPTED
    assert report.judgement.facts["has_text"]


def test_one_invoice_inside_a_pdf_is_listed_to_the_reviewer() -> None:
    report = seen(makers.with_attachments(("factura.xml", makers.INVOICE)), "estado.pdf", {"pdf"})
    assert report.judgement.verdict is Verdict.ACCEPTED
    assert report.judgement.facts["embedded"] == ["factura.xml"]
    assert any("factura.xml" in finding.message for finding in report.judgement.findings)


def test_the_name_of_a_file_inside_can_be_stored_whatever_it_holds() -> None:
    report = seen(makers.with_attachments(("a\x00b\u202e.xml", makers.INVOICE)), "estado.pdf", {"pdf"})
    assert report.judgement.facts["embedded"] == ["a\ufffdb\u202e.xml"]
    assert "\x00" not in json.dumps(report.judgement.as_json(), ensure_ascii=False)


def test_empty_page_asks_a_person() -> None:
    writer = makers.document()
    del writer.pages[0]["/Contents"]
    assert seen(makers.written(writer), "a.pdf", {"pdf"}).judgement.verdict is Verdict.REVIEW


@pytest.mark.parametrize("make", [makers.flate_bomb, makers.deep_arrays])
def test_pdf_bomb_ends_as_a_finding_and_the_next_file_is_fine(make: Any) -> None:
    bomb, started = make(), time.monotonic()
    seen(bomb, "bomba.pdf", {"pdf"})  # refused or read within the limits, never an error
    assert time.monotonic() - started < 2 * examiner._client._answer_seconds  # a busy machine's second try too
    assert seen(makers.pdf(), "a.pdf", {"pdf"}).judgement.verdict is Verdict.ACCEPTED


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="la carpeta de muestras reales no está junto al proyecto")
def test_real_pdfs_are_judged_as_their_sheet_says() -> None:
    wrong = []
    for sample in json.loads((SAMPLES / "facts.json").read_text()):
        report = seen((SAMPLES / sample["file"]).read_bytes(), sample["file"], {"pdf"})
        verdict = "rejected" if report.judgement.verdict is Verdict.REJECTED else "accepted"
        if sample["expected"] not in {"either", verdict}:
            wrong.append((sample["file"], sample["expected"], [str(f.code) for f in report.judgement.findings]))
    assert wrong == []
