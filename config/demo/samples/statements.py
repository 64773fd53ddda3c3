"""Bank statements and the printed face of an invoice, as small PDFs made in a millisecond or two."""

from __future__ import annotations

import io
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from config.demo.samples.sealing import C, T
from portal.design.dates import MONTHS
from portal.papers.xml import parse

if TYPE_CHECKING:
    from pypdf import PdfWriter

# Layout → how the CLABE and the closing date are written.
LAYOUTS: Mapping[str, str] = {
    "plain": "CLABE junta, «Fecha de corte 31/10/2026»",
    "grouped": "CLABE en grupos, «31/OCT/2026»",
    "long_date": "«31 de octubre de 2026», CLABE con guiones",
    "range": "«Periodo del 01/10/2026 al 31/10/2026»",
    "long_range": "«Del 1 al 31 de octubre de 2026»",
    "two_clabes": "otra CLABE aparece como destino de una transferencia",
    "capitals": "todo en mayúsculas, fecha 2026-10-31",
    "rfc_only": "sin nombre del titular, con su RFC",
    "scan": "solo una imagen, sin texto",
    "other_clabe": "otra CLABE: no es la capturada",
    "encrypted": "pide contraseña",
    "truncated": "cortado a la mitad",
}
_OTHER_CLABE = "002010077777777771"
_LINES_A_PAGE = 40


def make_statement_pdf(  # a statement has this many sides
    *, clabe: str, bank: str, holder: str, rfc: str, closing_on: date, layout: str = "plain"
) -> bytes:
    """A bank statement that closes on a date. `layout` is one of LAYOUTS; KeyError for another."""
    if layout not in LAYOUTS:
        raise KeyError(layout)
    lines = _statement(clabe, bank, holder, rfc, closing_on, layout)
    if layout == "scan":
        return _scanned(lines)
    content = text_pdf(lines, password="secreta" if layout == "encrypted" else "")
    return content[: len(content) // 2] if layout == "truncated" else content


def make_constancia_pdf(*, name: str, rfc: str, on: date) -> bytes:
    """A Constancia de Situación Fiscal of this person, issued on a date."""
    lines = ["CÉDULA DE IDENTIFICACIÓN FISCAL", "CONSTANCIA DE SITUACIÓN FISCAL", ""]
    lines += [f"Lugar y fecha de emisión: CIUDAD DE MÉXICO A {on.day} DE {MONTHS[on.month - 1].upper()} DE {on.year}"]
    lines += ["", "Datos de identificación del contribuyente", f"RFC: {rfc}", f"Nombre: {name}"]
    lines += ["Estatus en el padrón: ACTIVO", "", "Documento de muestra: no lo emitió el SAT."]
    return text_pdf(lines)


def make_invoice_pdf(*, xml: bytes) -> bytes:
    """The printed face of a CFDI: who, to whom, concepts, total, fiscal folio."""
    root = parse(xml)
    emisor, receptor = root.find(f"{C}Emisor"), root.find(f"{C}Receptor")
    stamp = root.find(f"{C}Complemento/{T}TimbreFiscalDigital")
    lines = ["Factura electrónica (representación impresa)", ""]
    for label, element in (("Emisor", emisor), ("Receptor", receptor)):
        if element is not None:
            lines.append(f"{label}: {element.get('Nombre')} · {element.get('Rfc')}")
    lines += [f"Fecha: {root.get('Fecha')}   Serie y folio: {root.get('Serie')} {root.get('Folio')}", ""]
    for concept in root.iterfind(f"{C}Conceptos/{C}Concepto"):
        text = concept.get("Descripcion", "")
        lines += [text[start : start + 90] for start in range(0, len(text), 90)] + [f"    {concept.get('Importe')}"]
    lines += ["", f"Subtotal {root.get('SubTotal')}   Total {root.get('Total')} {root.get('Moneda')}"]
    if stamp is not None:
        lines.append(f"Folio fiscal {stamp.get('UUID')}")
    return text_pdf(lines)


def text_pdf(lines: list[str], *, password: str = "") -> bytes:
    """Lines of Helvetica on letter pages, with a text layer."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    for start in range(0, max(len(lines), 1), _LINES_A_PAGE):
        _page(writer, lines[start : start + _LINES_A_PAGE])
    if password:
        writer.encrypt(password, algorithm="AES-256")
    with io.BytesIO() as out:
        writer.write(out)
        return out.getvalue()


def _page(writer: PdfWriter, lines: list[str]) -> None:
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    page = writer.add_blank_page(width=612, height=792)
    drawn = b"BT /F1 11 Tf 60 730 Td 16 TL " + b" ".join(b"(%s) Tj T*" % _escaped(line) for line in lines) + b" ET"
    stream = DecodedStreamObject()
    stream.set_data(drawn)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    helvetica = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): helvetica})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    page[NameObject("/Contents")] = writer._add_object(stream)


def _escaped(line: str) -> bytes:
    raw = line.encode("cp1252", errors="replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _scanned(lines: list[str]) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (850, 1100), 250)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    for row, line in enumerate(lines):
        draw.text((70, 70 + 28 * row), line, fill=30, font=font)
    with io.BytesIO() as out:
        image.save(out, "PDF", resolution=100)
        return out.getvalue()


def _statement(  # noqa: PLR0917 - see make_statement_pdf
    clabe: str, bank: str, holder: str, rfc: str, on: date, layout: str
) -> list[str]:
    shown = {
        "grouped": f"{clabe[:3]} {clabe[3:6]} {clabe[6:17]} {clabe[17:]}",
        "long_date": f"{clabe[:3]}-{clabe[3:6]}-{clabe[6:17]}-{clabe[17:]}",
        "other_clabe": _OTHER_CLABE,
    }.get(layout, clabe)
    lines = [bank, "Estado de cuenta", "", *([] if layout == "rfc_only" else [f"Titular: {holder}"]), f"RFC: {rfc}"]
    lines += [f"Cuenta CLABE: {shown}", _closing(on, layout), "", "Fecha        Concepto                     Monto"]
    lines += [
        "05 ABR       SPEI RECIBIDO                4,350.00",
        "12 ABR       PAGO DE SERVICIOS              812.40",
    ]
    if layout == "two_clabes":
        lines.append(f"20 ABR       SPEI ENVIADO A {_OTHER_CLABE}   1,000.00")
    lines += ["", "Saldo final                          18,204.11"]
    return [line.upper() for line in lines] if layout == "capitals" else lines


def _closing(on: date, layout: str) -> str:
    month, first = MONTHS[on.month - 1], on.replace(day=1)
    long = f"{on.day} de {month} de {on.year}"
    return {
        "grouped": f"Fecha de corte: {on:%d}/{month[:3].upper()}/{on.year}",
        "long_date": f"Fecha de corte: {long}",
        "range": f"Periodo del {first:%d/%m/%Y} al {on:%d/%m/%Y}",
        "long_range": f"Periodo: del 1 al {long}",
        "capitals": f"Fecha de corte: {on.isoformat()}",
    }.get(layout, f"Fecha de corte: {on:%d/%m/%Y}   Días del periodo: {monthrange(on.year, on.month)[1]}")
