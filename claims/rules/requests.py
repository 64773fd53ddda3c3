"""What an analyst may ask a family for, and why: the catalogue of a complete request (S3.33, S3.34, N14). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from claims.rules.missing import Document
from claims.rules.papers import PAPER_LABELS, Paper


class WhyWanted(StrEnum):
    """Why a document is asked for: the catalogue."""

    LACKS = "lacks"
    UNREADABLE = "unreadable"
    INCOMPLETE = "incomplete"
    UNSIGNED = "unsigned"
    OUTDATED = "outdated"
    OF_ANOTHER = "of_another"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the catalogue: its name at the desk, and what the family reads."""

    label: str
    sentence: str


WHY_WANTED: dict[WhyWanted, Reason] = {
    WhyWanted.LACKS: Reason("No viene", "No viene entre lo que enviaste."),
    WhyWanted.UNREADABLE: Reason("No se lee", "El que enviaste no se alcanza a leer."),
    WhyWanted.INCOMPLETE: Reason("Le faltan páginas", "Al que enviaste le faltan páginas."),
    WhyWanted.UNSIGNED: Reason("Sin firma", "El que enviaste no está firmado."),
    WhyWanted.OUTDATED: Reason("Es de otra fecha", "El que enviaste es de otra fecha."),
    WhyWanted.OF_ANOTHER: Reason("Es de otra persona", "El que enviaste trae el nombre de otra persona."),
    WhyWanted.UNCLEAR: Reason("Hay que aclararlo", "Lo que dice no alcanza para decidir."),
}
# An invoice makes the lines that are claimed, which are fixed when a claim is sent: one more goes with a complement.
WANTABLE: tuple[str, ...] = tuple(str(one) for one in PAPER_LABELS if one != Paper.INVOICE_XML)
EXAMPLES: dict[str, str] = {
    Document.CLAIM_FORM: "La última página del formato con tu firma y la fecha.",
    Document.MEDICAL_REPORT: "Una hoja con diagnóstico, fecha, nombre, cédula y firma de quien te atendió.",
    Document.STUDY_RESULTS: "El reporte del laboratorio con tu nombre y la fecha de la toma.",
    Document.PRESCRIPTION: "La receta con tu nombre, el medicamento, la dosis, la fecha y la firma.",
    Document.TREATMENT_PLAN: "Una hoja con el número de sesiones y las fechas, firmada.",
    Document.OFFICIAL_ID: "Tu INE por los dos lados, en una o dos fotos.",
    Document.ITEMISED_BILL: "El estado de cuenta del hospital con cada cargo y su importe.",
    Paper.INVOICE_PDF: "El PDF que llegó junto con el XML, con el mismo folio fiscal.",
    Paper.PAYMENT_PROOF: "El comprobante de la transferencia o el recibo de la tarjeta.",
    Paper.OTHER: "Lo que se describe arriba, en PDF o en foto.",
}
