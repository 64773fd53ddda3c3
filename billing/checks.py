"""Checks that belong to billing and run inside the examiner child: plain bytes and facts, no database."""

from __future__ import annotations

import io
import re
from typing import Any

from portal.errors import Finding, Level
from portal.papers.judgement import Judgement

UUID_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def invoice_pdf(content: bytes, context: dict[str, Any]) -> Judgement:
    """Does the PDF show the same CFDI as the XML? Another UUID is an error; none legible asks a person (N4)."""
    import pypdfium2  # noqa: PLC0415 - loaded in the examiner child only

    document = pypdfium2.PdfDocument(io.BytesIO(content))
    text = " ".join(page.get_textpage().get_text_bounded() for page in (document[n] for n in range(min(len(document), 5))))
    found = set(UUID_SHAPE.findall(re.sub(r"\s*-\s*", "-", text.lower())))
    expected = str(context.get("uuid", "")).lower()
    findings: list[Finding] = []
    if not expected:
        findings.append(Finding("pdf_not_compared", Level.NOT_CHECKED, "Aún no hay XML con que comparar este PDF.", "Sube el XML."))
    elif expected in found:
        findings.append(Finding("pdf_matches", Level.OK, "El PDF muestra el mismo folio fiscal que el XML."))
    elif found:
        findings.append(
            Finding(
                "pdf_of_another",
                Level.ERROR,
                "El PDF muestra otro folio fiscal que el XML.",
                "Sube el PDF que salió junto con este XML.",
            )
        )
    else:
        findings.append(
            Finding(
                "pdf_without_uuid",
                Level.WARNING,
                "No encontramos el folio fiscal en el texto del PDF.",
                "Si es un escaneo, lo verá una persona; si no, vuelve a descargarlo de tu sistema.",
            )
        )
    return Judgement(tuple(findings), {"uuids": sorted(found)})
