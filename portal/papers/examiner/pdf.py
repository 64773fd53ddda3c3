"""PDFs: what is refused (XP-04), what is seen on each page, and the pages as pictures."""

from __future__ import annotations

import io
import logging
from typing import Any

import pypdf
import pypdfium2
from PIL import Image

from portal.errors import Finding, Level, RuleBroken
from portal.papers import xml
from portal.papers.examiner import active, entries, pictures, pixels
from portal.papers.examiner.pictures import Drawn
from portal.papers.kinds import ANOTHER, PRINTED

MAX_PAGES = 500
MAX_SIDE_POINTS = 5 / 0.0254 * 72  # 5 metres
PICTURED_PAGES = 10
MAX_TEXT = 1_000_000  # letters over all pages
_SPACE = b" \t\r\n\x0c\x00"


class _Repairs(logging.Handler):
    """Counts pypdf's warnings: each is something it had to mend or guess."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


_repairs = _Repairs()
Opened = tuple[list[Finding], dict[str, Any], int, list[Drawn]]


def warm_up() -> None:
    """Start pdfium and import pypdf's parts before the first fork."""
    logging.getLogger("pypdf").addHandler(_repairs)
    logging.getLogger("pypdf").propagate = False
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    target = io.BytesIO()
    writer.write(target)
    open_pdf(target.getvalue().rstrip(_SPACE))


def open_pdf(content: bytes) -> Opened:
    """Findings, facts, pages, pictures. Raises RuleBroken with one of about ten sentences; the child dies for the rest.

    Facts: `pages`, `text` (one string a page), `has_text`, `sizes` (points), `embedded` (names of XML invoices inside).
    """
    _check_ends(content)
    try:
        reader = _reader(content)
        embedded = _embedded(reader, content)
        pages = _count_pages(reader)
        facts, drawn, blank = _look(_for_pdfium(reader, content), pages)
    except (RuleBroken, MemoryError):
        raise
    except RecursionError as error:
        raise _damaged() from error
    except Exception as error:  # eight kinds of exception from pypdf alone
        raise _damaged() from error
    if _repairs.count and all(blank) and not facts["has_text"]:
        raise _damaged()  # it could only be opened by guessing, and the guess shows nothing
    findings = _legibility(facts, drawn, blank)
    if embedded:
        said = f"El PDF trae dentro el XML «{embedded[0]}»."
        findings.append(Finding("pdf.embedded_xml", Level.WARNING, said, "Compáralo con el XML que subiste."))
    return findings, {**facts, "embedded": embedded}, pages, drawn


def _check_ends(content: bytes) -> None:
    if not content.startswith(b"%PDF-"):
        raise _refused("pdf.header", "El archivo no empieza como un PDF: trae algo pegado delante.")
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise _refused("pdf.incomplete", "El PDF está incompleto: se cortó antes de su final, al descargarse.", ANOTHER)
    if content[end + 5 :].strip(_SPACE):
        raise _refused("pdf.trailing", "El PDF trae otro archivo pegado al final.")
    zip_end = content.rfind(b"PK\x05\x06")
    if zip_end >= 0 and zip_end + 22 + int.from_bytes(content[zip_end + 20 : zip_end + 22], "little") == len(content):
        raise _refused("pdf.trailing", "El PDF es a la vez un ZIP: trae otro archivo pegado.")


def _reader(content: bytes) -> pypdf.PdfReader:
    reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise RuleBroken(
            "El PDF pide contraseña. Ábrelo con ella, elige Imprimir y Guardar como PDF, y sube esa copia.",
            code="pdf.password",
        )
    return reader


def _for_pdfium(reader: pypdf.PdfReader, content: bytes) -> bytes:
    """pdfium does not try the empty owner password; pypdf did, so it hands over a copy without encryption."""
    if not reader.is_encrypted:
        return content
    try:
        pypdfium2.PdfDocument(content).close()
    except pypdfium2.PdfiumError:
        target = io.BytesIO()
        pypdf.PdfWriter(clone_from=reader).write(target)
        return target.getvalue()
    return content


def _embedded(reader: pypdf.PdfReader, content: bytes) -> list[str]:
    found = active.walk(reader)
    if what := found.active or active.in_plain_sight(content):
        raise RuleBroken(
            f"El PDF contiene {what} y por seguridad no se acepta. Imprímelo a PDF y sube esa copia.", code="pdf.active"
        )
    if found.pixels > pixels.MAX_PIXELS:
        raise _refused("pdf.too_many_pixels", "El PDF trae una imagen de más de 60 megapíxeles.")
    if len(found.embedded) > 1 or not all(_is_invoice(body) for _name, body in found.embedded):
        names = ", ".join(f"«{name}»" for name, _body in found.embedded[:3])
        raise RuleBroken(
            f"El PDF trae archivos incrustados ({names}). Solo se admite un XML de factura: quita lo demás.",
            code="pdf.embedded",
        )
    return [name for name, _body in found.embedded]


def _is_invoice(body: bytes) -> bool:
    try:
        return str(xml.parse(body).tag).endswith("}Comprobante")
    except RuleBroken:
        return False


def _count_pages(reader: pypdf.PdfReader) -> int:
    pages = len(reader.pages)
    if pages == 0:
        raise _refused("pdf.no_pages", "El PDF no tiene páginas.", ANOTHER)
    if pages > MAX_PAGES:
        raise RuleBroken(
            f"El PDF tiene {pages} páginas y el máximo es {MAX_PAGES}. Divídelo y súbelo por partes.",
            code="pdf.too_many_pages",
        )
    for page in reader.pages:
        side = max(float(page.mediabox.width), float(page.mediabox.height)) * _unit(page)
        if side > MAX_SIDE_POINTS:
            raise _refused("pdf.page_size", "El PDF tiene una página de más de cinco metros.")
    return pages


def _unit(page: pypdf.PageObject) -> float:
    said = entries.value(page, "/UserUnit")
    return 1.0 if said is None else float(said)


def _look(content: bytes, pages: int) -> tuple[dict[str, Any], list[Drawn], list[bool]]:
    document = pypdfium2.PdfDocument(content)
    if len(document) != pages:
        raise _damaged()
    texts: list[str] = []
    sizes: list[list[float]] = []
    drawn: list[Drawn] = []
    blank: list[bool] = []
    letters = 0
    for number in range(1, pages + 1):
        page = document[number - 1]
        sizes.append([round(side, 1) for side in page.get_size()])
        words = page.get_textpage().get_text_range() if letters < MAX_TEXT else ""
        texts.append(words.replace("\x00", "")[: MAX_TEXT - letters])
        letters += len(texts[-1])
        if number <= PICTURED_PAGES:
            image = render_page(page)
            drawn.append(pictures.draw(image, number))
            blank.append(not words.strip() and pictures.is_blank(image))
        page.close()
    has_text = any(text.strip() for text in texts)
    return {"pages": pages, "text": texts, "has_text": has_text, "sizes": sizes}, drawn, blank


def render_page(page: pypdfium2.PdfPage) -> Image.Image:
    """A picture of one page, its long side `pictures.LONGEST_SIDE` pixels.

    In RGBX, the one order of bytes that Pillow takes and writes as JPEG without a copy of the picture.
    """
    scale = min(pictures.LONGEST_SIDE / max(*page.get_size(), 1.0), 4.0)
    drawn = page.render(scale=scale, may_draw_forms=False, prefer_bgrx=True, rev_byteorder=True).to_pil()
    return drawn if drawn.mode == "RGBX" else drawn.convert("RGB")


def _legibility(facts: dict[str, Any], drawn: list[Drawn], blank: list[bool]) -> list[Finding]:
    if blank and all(blank) and not facts["has_text"]:
        return [_doubt("pdf.blank", "El PDF parece estar en blanco.", "Revisa que sea el archivo correcto.")]
    findings = [
        Finding("pdf.blank_page", Level.WARNING, f"La página {number} está en blanco.", "")
        for number, is_blank in enumerate(blank, 1)
        if is_blank
    ]
    if not facts["has_text"]:
        findings += _of_scans(drawn, blank)
    return findings


def _of_scans(drawn: list[Drawn], blank: list[bool]) -> list[Finding]:
    """What pages without a word look like, up to the first one that is blurred."""
    turned = 0
    for page, is_blank in zip(drawn, blank, strict=True):
        if is_blank:
            continue
        with Image.open(io.BytesIO(page.content)) as scan:
            if pictures.is_blurred(scan):
                return [_doubt("pdf.blurred", "El PDF es una imagen y se ve borrosa.", "Escanéalo otra vez.")]
            turned = turned or (page.number if pictures.is_sideways(scan) else 0)
    if not turned:
        return []
    cure = "Si no se lee derecha, gírala y súbela otra vez."
    return [Finding("pdf.sideways", Level.WARNING, f"La página {turned} parece estar de lado.", cure)]


def _doubt(code: str, message: str, cure: str) -> Finding:
    return Finding(code, Level.REVIEW, message, cure)


def _refused(code: str, message: str, cure: str = PRINTED) -> RuleBroken:
    return RuleBroken(f"{message} {cure}", code=code)


def _damaged() -> RuleBroken:
    return _refused("pdf.damaged", "El PDF está dañado y no se puede leer.", ANOTHER)
