"""What an invoice needs before it is sent, the text it carries, and why a reviewer gives it back (S0.16-S0.17, N14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from portal.errors import RuleBroken


def missing_to_submit(
    *,
    has_xml: bool,
    has_pdf: bool,
    verdict: str,
    orders: int,
    withdrawn: Sequence[str],
    mended: bool = True,
    paired: bool = True,
) -> list[str]:
    """What an invoice still needs before it can be sent; the page shows it, the service enforces it.

    `mended` is false for a returned invoice whose files are still those the reviewer gave back (N14), `paired` where
    the PDF shows the fiscal folio of another XML than the one that is kept.
    """
    missing = []
    if not orders:
        missing.append("Elige al menos una orden para facturar.")
    if withdrawn:
        missing.append(
            f"La aseguradora retiró la orden {', '.join(withdrawn)}. Descarta el borrador y factura las demás."
        )
    if not has_xml:
        missing.append("Sube el XML de tu factura.")
    elif verdict not in {"accepted", "review"}:
        missing.append("Corrige tu factura: el XML todavía no pasa todas las reglas.")
    if not has_pdf:
        missing.append("Sube el PDF de tu factura.")
    if has_xml and has_pdf and not paired:
        missing.append("Sube el XML que salió junto con tu PDF: el que está guardado es de otra factura.")
    if has_xml and has_pdf and not mended:
        missing.append("Sube el archivo corregido; si emitiste otra factura, su XML y su PDF.")
    return missing


def shows_uuid(facts: Mapping[str, Any], uuid: str) -> bool:
    """Whether a PDF may be the face of this XML: it shows its fiscal folio, or none that can be read."""
    return not facts.get("uuids") or uuid in facts["uuids"]


def stays_with(facts: Mapping[str, Any], uuid: str) -> bool:
    """Whether a kept PDF stays when an XML comes: it shows its folio, or none and was held against no other XML."""
    if facts.get("uuids"):
        return uuid in facts["uuids"]
    return facts.get("compared_with") in {"", uuid}


MOST_ORDERS = 200  # of one invoice: more is no page that a person checks


def check_how_many(count: int) -> None:
    """One invoice bills at most `MOST_ORDERS` orders."""
    if count > MOST_ORDERS:
        raise RuleBroken(
            f"Elegiste {count:,} órdenes y una factura lleva hasta {MOST_ORDERS}. Quita algunas: van en otra factura.",
            code="too_many_orders",
            field="orders",
        )


def check_same_insurer(insurers: Iterable[object]) -> None:
    """One invoice has one receiver, so its orders come from one insurer (S0.17)."""
    if len(set(insurers)) > 1:
        raise RuleBroken(
            "Elegiste órdenes de dos aseguradoras y una factura lleva un solo receptor. Haz una por aseguradora.",
            code="two_insurers",
        )


def check_same_physician(physicians: Iterable[object]) -> None:
    """One invoice has one issuer, so its orders are of one physician; an assistant may bill for several."""
    if len(set(physicians)) > 1:
        raise RuleBroken(
            "Elegiste órdenes de dos médicos y una factura la emite uno solo. Haz una por médico.",
            code="two_physicians",
        )


class ReturnReason(StrEnum):
    """Why a reviewer returns or rejects an invoice (N14: from a catalogue, all at once)."""

    ILLEGIBLE_PDF = "illegible_pdf"
    PDF_OF_ANOTHER = "pdf_of_another"
    WRONG_CONCEPT = "wrong_concept"
    WRONG_SERVICE_KEY = "wrong_service_key"
    UNKNOWN_CERTIFICATE = "unknown_certificate"
    CANCELLED_AT_SAT = "cancelled_at_sat"
    WRONG_WITHHOLDING = "wrong_withholding"
    NOT_RENDERED = "not_rendered"
    OTHER = "other"


REASON_LABELS: dict[ReturnReason, str] = {
    ReturnReason.ILLEGIBLE_PDF: "El PDF no se lee bien. Vuelve a generarlo desde tu sistema de facturación.",
    ReturnReason.PDF_OF_ANOTHER: "El PDF es de otra factura. Sube el que corresponde a este XML.",
    ReturnReason.WRONG_CONCEPT: "El concepto no describe la atención de la orden. Usa el texto que te damos.",
    ReturnReason.WRONG_SERVICE_KEY: "La clave de servicio no corresponde a una consulta. Usa la que te sugerimos.",
    ReturnReason.UNKNOWN_CERTIFICATE: "No pudimos comprobar el certificado del sello. Pide otra a tu proveedor.",
    ReturnReason.CANCELLED_AT_SAT: "La factura está cancelada en el SAT. Emite una nueva.",
    ReturnReason.WRONG_WITHHOLDING: "La retención no es la de tu régimen. Revisa el cálculo que te mostramos.",
    ReturnReason.NOT_RENDERED: "La atención no aparece como prestada. Comunícate con la aseguradora.",
    ReturnReason.OTHER: "Otro motivo, explicado en la nota.",
}


def check_reasons(reasons: Sequence[str], note: str) -> list[ReturnReason]:
    """A return or rejection says at least one reason; `other` needs a note."""
    chosen = [ReturnReason(reason) for reason in reasons if reason in set(ReturnReason)]
    if not chosen:
        raise RuleBroken(
            "Marca al menos un motivo para que el médico sepa qué corregir.", code="no_reason", field="reasons"
        )
    if ReturnReason.OTHER in chosen and len(note.strip()) < 10:  # shorter says nothing
        raise RuleBroken("Explica el otro motivo con al menos 10 letras.", code="no_note", field="note")
    return chosen


def read_sentences(reasons: Iterable[str], note: str) -> list[str]:
    """What a physician reads of a return or a rejection: each known reason's sentence, then the note."""
    known = [REASON_LABELS[ReturnReason(one)] for one in reasons if one in {*ReturnReason}]
    return [*known, *([note.strip()] if note.strip() else [])]


def concept_text(account: str, patient: str, service: str) -> str:
    """Description of one concept: it carries the order's account number and the patient's name (S0.16)."""
    return f"{service or 'Consulta médica'}. Cuenta {account}. Paciente {patient}.".replace("|", " ")
