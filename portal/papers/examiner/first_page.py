"""The first page of a PDF of ours as a PNG; runs inside the examiner child, like every check."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2

from portal.papers.examiner import pdf
from portal.papers.judgement import Judgement


def as_png(content: bytes, context: dict[str, Any]) -> Judgement:  # every check has this shape
    """The picture goes to the caller as `attached`: sharp edges for a QR code, no metadata, always the same bytes."""
    del context  # nothing is asked of the page
    page = pypdfium2.PdfDocument(content)[0]
    target = io.BytesIO()
    pdf.render_page(page).convert("RGB").save(target, "PNG")
    return Judgement((), attached=target.getvalue())
