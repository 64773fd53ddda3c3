"""What a machine says of a paper that should prove an RFC; runs inside the examiner child: no database."""

from __future__ import annotations

import re
from typing import Any

from portal.errors import Finding, Level
from portal.papers.judgement import Judgement
from portal.text import folded

# Three or four letters, a date, three more: loose on purpose, it only tells whose paper this may be.
_RFC = re.compile(r"(?<![A-Z0-9&Ñ])[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}(?![A-Z0-9])")
_MIN_LETTERS = 20

FINDINGS: dict[str, tuple[Level, str, str]] = {
    "rfc_named": (Level.OK, "El RFC {rfc} está en el documento.", ""),
    "rfc_of_another": (
        Level.ERROR,
        "El documento trae otro RFC y no el tuyo, {rfc}.",
        "Sube una Constancia de Situación Fiscal o un estado de cuenta que traiga tu RFC.",
    ),
    "rfc_not_found": (
        Level.REVIEW,
        "No encontramos el RFC {rfc} en el texto del documento.",
        "Una persona lo va a leer. No tienes que hacer nada.",
    ),
    "no_text": (
        Level.REVIEW,
        "El documento es una imagen y no se puede leer su texto.",
        "Una persona lo va a leer. Si puedes, sube el PDF original.",
    ),
    "is_invoice": (
        Level.ERROR,
        "El documento es una factura, y una factura no prueba de quién es el RFC.",
        "Sube tu Constancia de Situación Fiscal o un estado de cuenta con tu RFC.",
    ),
}


def finding(code: str, *, rfc: str = "") -> Finding:
    """The sentence and cure of a code."""
    level, message, cure = FINDINGS[code]
    return Finding(code, level, message.format(rfc=rfc), cure)


def names_rfc(content: bytes, context: dict[str, Any]) -> Judgement:  # noqa: ARG001 - every check has this shape
    """Does the paper name this RFC? Context: `rfc`; the text of each page is the gate's (`base`).

    Another RFC alone is an error, none legible is for a person; a printed CFDI proves nothing (AC-11).
    """
    rfc = str(context.get("rfc") or "")
    text = " ".join(context.get("base", {}).get("text", ())).upper()
    bare = re.sub(r"[^A-Z0-9&Ñ]", "", text)
    facts = {"names_rfc": bool(rfc) and rfc in bare}
    if sum(letter.isalnum() for letter in text) < _MIN_LETTERS:
        code = "no_text"
    elif _is_invoice(folded(text)):
        code = "is_invoice"
    elif facts["names_rfc"]:
        code = "rfc_named"
    else:
        code = "rfc_of_another" if _RFC.search(text) else "rfc_not_found"
    return Judgement((finding(code, rfc=rfc),), facts)


def _is_invoice(text: str) -> bool:
    """A printed CFDI that is neither a Constancia nor a statement: banks stamp their statements as CFDIs too."""
    other = any(words in text for words in ("constancia de situacion", "estado de cuenta", "clabe"))
    return "factura" in text and "folio fiscal" in text and not other
