"""Rows about files: the judgement of a CFDI (G16), the intake of PDFs (G17), an issued paper (G14)."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tests.bench.pairs import compare

CLABE = "012180015678912344"


def cfdi() -> None:
    """G16: everything said about an invoice against parsing it, opening its certificate and one RSA verification.

    The first row opens and verifies the physician's certificate anew each time, as a new file asks; the parts after it
    say what the reference leaves out. The last is what a person waits for: another process, its limits, the trust.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from lxml import etree

    from portal.fiscal import certificates, checks, standards
    from portal.papers import examiner

    xml, context = _invoice()

    def bare() -> None:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
        key = x509.load_der_x509_certificate(base64.b64decode(root.get("Certificado"))).public_key()
        try:
            key.verify(base64.b64decode(root.get("Sello")), b"any text", padding.PKCS1v15(), hashes.SHA256())
        except Exception:  # the same work as for the right text
            return

    def judged() -> None:
        certificates.from_der.cache_clear()
        checks.invoice(xml, context)

    def standards_alone() -> None:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
        standards.standard().judge(root)
        standards.original_string("4.0", root)
        standards.original_string("TFD", next(root.iter(f"{{{standards.TFD}}}TimbreFiscalDigital")))

    checks.warm_up()
    compare("G16 CFDI: dictamen completo / leer, X.509, RSA", judged, bare, repeat=30, cpu=True)
    compare("    de ello, esquema y dos cadenas del SAT", standards_alone, bare, repeat=30, cpu=True)
    compare("    el mismo emisor otra vez", lambda: checks.invoice(xml, context), bare, repeat=30, cpu=True)
    asked: dict[str, Any] = {"name": "a.xml", "kinds": {"xml"}, "check": "portal.fiscal.checks.invoice"}
    compare("    en su proceso limitado", lambda: examiner.examine(content=xml, context=context, **asked), bare)
    examiner.stop()


def _invoice() -> tuple[bytes, dict[str, Any]]:
    from config.demo import samples
    from portal.fiscal.certificates import shipped

    issuer = {"rfc": "IAÑL750210963", "name": "LUIS IAN ÑUZCO", "regime": "612"}
    receiver = {"rfc": "PSE010101AA1", "name": "PLAN SEGURO", "zip": "06600", "regime": "601"}
    orders = [{"account": "OA-1", "patient": "María José Núñez Peña", "payable": "1500.00"}]
    parts = [{"component": "ISR", "rate": "0.100000"}]
    issued_at = datetime(2026, 11, 20, 10)  # noqa: DTZ001 - a CFDI's wall clock
    xml = samples.make_invoice(issuer=issuer, receiver=receiver, orders=orders, components=parts, issued_at=issued_at)
    scheme = {"code": "PF", "enforcement": "required", "components": parts, "rule": "S0.20", "regime": "612"}
    trusted = [*(one.der for one in shipped()), *samples.trust_der()]
    context = {"issuer_rfc": issuer["rfc"], "receiver": receiver, "orders": orders, "schemes": [scheme]}
    return xml, context | {
        "on": "2026-11-22",
        "tolerance": "0.01",
        "trust": [base64.b64encode(der).decode() for der in trusted],
    }


def intake() -> None:
    """G17: three statements judged in their limited process, against pdfium alone reading, drawing and joining them.

    The reference draws too, because a statement's pages are pictures for the reviewer as soon as it is judged; the row
    below says what it costs beside a reference that does not.
    """
    import pypdfium2

    from portal.papers import examiner

    files = [_statement(pages) for pages in (3, 1, 1)]
    context = {"clabe": CLABE, "bank": "BBVA México", "holder": "Ñ", "rfc": "", "on": "2026-11-22", "max_age_months": 3}
    asked: dict[str, Any] = {"name": "a.pdf", "kinds": {"pdf"}, "check": "portal.treasury.statement.check"}

    def ours() -> None:
        for content in files:
            report = examiner.examine(content=content, context=context, **asked)
            if not report.pages:
                raise SystemExit(str(report.judgement.findings))

    def bare(drawn: Callable[[Any], object] | None = None) -> None:
        merged = pypdfium2.PdfDocument.new()
        for content in files:
            document = pypdfium2.PdfDocument(content)
            for page in document:
                page.get_textpage().get_text_range()
                if drawn:
                    drawn(page)
            merged.import_pages(document)
        merged.save(io.BytesIO())

    def pictured() -> None:
        bare(lambda page: page.render(scale=1600 / 792).to_pil().convert("RGB").save(io.BytesIO(), "JPEG", quality=80))

    compare("G17 tres PDF: examen, CLABE y vistas / pdfium, con vistas", ours, pictured)
    compare("    si pdfium no dibuja", ours, bare)
    examiner.stop()


def _statement(pages: int) -> bytes:
    from config.demo.samples import make_statement_pdf, statements

    day = date(2026, 11, 15)
    if pages == 1:
        return make_statement_pdf(clabe=CLABE, bank="BBVA México", holder="ÑANDÚ", rfc="ÑAN010101AB1", closing_on=day)
    lines = [
        f"{number:02d}/10 Transferencia recibida {number * 137:,}.00  CLABE {CLABE}" for number in range(40 * pages)
    ]
    return statements.text_pdf(lines)


def paper() -> None:
    """G14: an issued paper, template to bytes, against WeasyPrint on the same HTML with its fonts and its style ready.

    The row below is what the queue's worker waits for: the limited process, which copies what it touches (XP-06).
    """
    from portal.papers.renderer.fonts import only_our_font

    only_our_font()
    from portal.papers import rendering
    from portal.papers.models import IssuedDocument
    from portal.papers.renderer import layout

    document = IssuedDocument.objects.exclude(template="").order_by("pk").first()
    if document is None:
        raise SystemExit("the demo world issued no paper")
    layout.warm_up()
    html = rendering.html_of(document).encode()

    def bare() -> None:
        layout.render({}, html)

    def issued() -> None:
        layout.render({}, rendering.html_of(document).encode())

    compare("G14 documento emitido / WeasyPrint a secas", issued, bare)
    compare("    en su proceso limitado", lambda: rendering.render(document), bare)
    rendering.stop()
