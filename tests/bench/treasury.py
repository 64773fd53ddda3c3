"""What treasury costs: the intake of bank statements (G17)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from tests.bench.pairs import Goal, compare

CLABE = "012180015678912344"

GOALS = {"G17": Goal("≤", 4.0, 2.0)}


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


MEASURES = (intake,)
