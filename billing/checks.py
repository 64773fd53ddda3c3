"""Checks that belong to billing and run inside the examiner child: plain bytes and facts, no database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from portal.errors import Finding, Level
from portal.papers.judgement import Judgement

UUID_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

FINDINGS: dict[str, tuple[Level, str, str]] = {
    "pdf_not_compared": (Level.NOT_CHECKED, "Aún no hay XML con que comparar este PDF.", "Sube el XML."),
    "pdf_matches": (Level.OK, "El PDF muestra el mismo folio fiscal que el XML.", ""),
    "pdf_of_another": (
        Level.ERROR,
        "El PDF muestra otro folio fiscal que el XML.",
        "Sube el PDF que salió junto con este XML.",
    ),
    "pdf_without_uuid": (
        Level.WARNING,
        "No encontramos el folio fiscal en el texto del PDF.",
        "Si es un escaneo, lo verá una persona; si no, vuelve a descargarlo de tu sistema.",
    ),
}


def invoice_pdf(content: bytes, context: dict[str, Any]) -> Judgement:  # every check has this shape
    """Does the PDF show the same CFDI as the XML? Another UUID is an error; none legible is said aloud (N4).

    `context["base"]["text"]` is the text of each page, read by the base gate.
    """
    text = re.sub(r"\s*-\s*", "-", " ".join(context.get("base", {}).get("text", ())).lower())
    found = set(UUID_SHAPE.findall(text))
    expected = str(context.get("uuid", "")).lower()
    if not expected:
        code = "pdf_not_compared"
    elif expected in found:
        code = "pdf_matches"
    else:
        code = "pdf_of_another" if found else "pdf_without_uuid"
    return Judgement((Finding(code, *FINDINGS[code]),), {"uuids": sorted(found), "compared_with": expected})


def compared(findings: Iterable[Finding], facts: dict[str, Any], uuid: str) -> Judgement:
    """What `invoice_pdf` says of the same PDF beside the XML of this folio fiscal, which came after it was opened."""
    others = tuple(finding for finding in findings if finding.code not in FINDINGS)
    code = "pdf_matches" if uuid in facts["uuids"] else "pdf_without_uuid"
    return Judgement((*others, Finding(code, *FINDINGS[code])), {**facts, "compared_with": uuid})


def uncompared(findings: Iterable[Finding], facts: dict[str, Any]) -> Judgement:
    """What `invoice_pdf` says of the same PDF beside no XML: its comparison is taken back."""
    others = tuple(finding for finding in findings if finding.code not in FINDINGS)
    finding = Finding("pdf_not_compared", *FINDINGS["pdf_not_compared"])
    return Judgement((*others, finding), {**facts, "compared_with": ""})
