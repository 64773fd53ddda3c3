"""What a machine says of a paper that should prove an RFC; runs inside the examiner child: no database."""

from __future__ import annotations

import re
from typing import Any

from portal.errors import Finding, Level
from portal.papers.judgement import Judgement
from portal.proofs import printed
from portal.proofs.printed import Named

_MIN_LETTERS = 20

FINDINGS: dict[str, tuple[Level, str, str]] = {
    "rfc_named": (Level.OK, "El RFC {rfc} está en el documento.", ""),
    "rfc_of_another": (
        Level.ERROR,
        "El documento trae otro RFC y no {rfc}.",
        "Sube una Constancia de Situación Fiscal o un estado de cuenta que traiga ese RFC.",
    ),
    "rfc_beside_another": (
        Level.REVIEW,
        "El documento trae el RFC {rfc} y también {other}.",
        "Una persona va a confirmar de quién es el documento. No tienes que hacer nada.",
    ),
    "rfc_without_enie": (
        Level.REVIEW,
        "En el documento el RFC {rfc} se lee sin su Ñ.",
        "Una persona lo va a confirmar en la imagen. No tienes que hacer nada.",
    ),
    "rfc_in_movement": (
        Level.REVIEW,
        "El RFC {rfc} solo aparece en un movimiento, y ahí va quien envió o recibió dinero.",
        "Una persona lo va a leer. Si el documento es de otra persona, sube uno que traiga ese RFC como titular.",
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
        "Sube la Constancia de Situación Fiscal o un estado de cuenta con ese RFC.",
    ),
}


def finding(code: str, **values: str) -> Finding:
    """The sentence and cure of a code."""
    level, message, cure = FINDINGS[code]
    return Finding(code, level, message.format(**values), cure)


def names_rfc(content: bytes, context: dict[str, Any]) -> Judgement:  # every check has this shape
    """Does the paper name this RFC as its owner's? Context: `rfc`; the text of each page is the gate's (`base`).

    Another person's RFC alone is an error, none legible is for a person; a printed CFDI proves nothing (AC-11).
    """
    rfc = str(context.get("rfc") or "")
    text = "\n".join(context.get("base", {}).get("text", ()))
    named, others = printed.how_named(text, rfc), printed.people_named(printed.own_text(text), but=rfc)
    code = _CODES[named]
    if sum(letter.isalnum() for letter in text) < _MIN_LETTERS:
        code = "no_text"
    elif _is_invoice(printed.plain(text)):
        code = "is_invoice"
    elif named in {Named.NOT, Named.IN_MOVEMENT} and others:
        code = "rfc_of_another"
    facts = {"names_rfc": named is Named.ALONE}
    return Judgement((finding(code, rfc=rfc, other=others[0] if others else ""),), facts)


_CODES = {
    Named.ALONE: "rfc_named",
    Named.BESIDE: "rfc_beside_another",
    Named.WITHOUT_ENIE: "rfc_without_enie",
    Named.IN_MOVEMENT: "rfc_in_movement",
    Named.NOT: "rfc_not_found",
}
_FOLIO = re.compile(r"\b(?:folio fiscal|uuid|complemento de certificacion)\b")
_INVOICE = re.compile(r"\b(?:facturas?|comprobante fiscal digital|uso (?:del? )?cfdi|sello digital)\b")
_PERIOD = re.compile(r"\b(?:periodo|corte)\b")


def _is_invoice(plain: str) -> bool:
    """A printed CFDI that is neither a Constancia nor a statement: banks stamp their statements as CFDIs too."""
    folio = _FOLIO.search(plain)
    if folio is None or not _INVOICE.search(plain):
        return False
    # An invoice's footnote may speak of its receiver's Constancia; a Constancia says so at its head.
    is_statement = "estado de cuenta" in plain and _PERIOD.search(plain) is not None
    return "constancia de situacion" not in plain[: folio.start()] and not is_statement
