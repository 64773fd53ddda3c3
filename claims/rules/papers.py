"""The papers of a claim: what each is, in words, which invoice a PDF is of, and what lacks said as a cure. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from claims.rules.missing import Document
from portal.errors import RuleBroken
from portal.text import folded


class Paper(StrEnum):
    """What a file of a claim is beside the documents that are asked for by kind."""

    INVOICE_XML = "invoice_xml"
    INVOICE_PDF = "invoice_pdf"
    PAYMENT_PROOF = "payment_proof"
    OTHER = "other"


PAPER_LABELS: dict[str, str] = {
    Document.CLAIM_FORM: "Formato de trámite",
    Document.MEDICAL_REPORT: "Informe médico",
    Document.STUDY_RESULTS: "Resultados de estudios",
    Document.PRESCRIPTION: "Receta",
    Document.TREATMENT_PLAN: "Plan de tratamiento",
    Document.OFFICIAL_ID: "Identificación oficial",
    Document.ITEMISED_BILL: "Estado de cuenta desglosado del hospital",
    Paper.INVOICE_XML: "Factura (XML)",
    Paper.INVOICE_PDF: "Factura (PDF)",
    Paper.PAYMENT_PROOF: "Comprobante de pago",
    Paper.OTHER: "Otro documento",
}
PAPER_HELP: dict[str, str] = {
    Document.CLAIM_FORM: "El formato de tu aseguradora, llenado y firmado.",
    Document.MEDICAL_REPORT: "Firmado por quien te atendió, con diagnóstico y fecha.",
    Document.STUDY_RESULTS: "Laboratorio, imagen o patología.",
    Document.PRESCRIPTION: "Con nombre, fecha y firma de quien la dio.",
    Document.TREATMENT_PLAN: "Sesiones o ciclos, firmado por quien lo indica.",
    Document.OFFICIAL_ID: "INE, pasaporte o cédula, por los dos lados.",
    Document.ITEMISED_BILL: "Cada cargo por separado, no solo el total.",
    Paper.OTHER: "Lo que ayude a entender el gasto.",
}
# A claim's lines are decided in one form, and read one by one.
MOST_LINES = 1_000
UUID_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Step(StrEnum):
    """Where in the draft something that lacks is given."""

    WHO = "who"
    PAPERS = "papers"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Lack:
    """Something a claim lacks, as its page says it, and the step that cures it."""

    name: str
    sentence: str
    step: Step


_WHO: Mapping[str, str] = {
    "coverage": "Elige una cobertura de la persona afectada.",
    "kind": "Ese tipo de trámite no va con la cobertura. Elige otra cobertura.",
    "subtype": "Di qué se va a programar.",
    "hospital": "Elige el hospital, o espera la respuesta de asesoría de servicio.",
    "condition": "Elige el padecimiento, o «Padecimiento pendiente».",
    "reasons": "Escribe por qué no estás de acuerdo.",
}
_PAPERS: Mapping[str, str] = {
    "invoices": "Sube al menos una factura: su XML y su PDF.",
    "consent.portal-privacy": "Acepta el aviso de privacidad del portal.",
    "consent.insurer-privacy": "Acepta el aviso de privacidad de la aseguradora.",
    "consent.sensitive-data": "Da tu consentimiento para tratar datos de salud.",
    "files_pending": "Hay archivos que todavía se revisan. Espera un momento.",
    "files_rejected": "Quita los archivos que no pasaron la revisión.",
}
_OF_INVOICE = {
    "xml": "Falta el XML de la factura {number}.",
    "pdf": "Falta el PDF de la factura {number}.",
    "payment_proof": "La factura {number} se paga después (PPD): falta su comprobante de pago.",
}


def lack_of(name: str) -> Lack:
    """What `missing_to_submit` names, as a sentence with its cure and the step where it is given."""
    if name == "account":
        told = "Registra la cuenta bancaria donde te pagamos; basta con que esté en revisión."
        return Lack(name, told, Step.PAYMENT)
    if name in _WHO:
        return Lack(name, _WHO[name], Step.WHO)
    if name in _PAPERS:
        return Lack(name, _PAPERS[name], Step.PAPERS)
    if name.startswith("invoice."):
        _invoice, number, what = name.split(".")
        return Lack(name, _OF_INVOICE[what].format(number=number), Step.PAPERS)
    return Lack(name, f"Falta: {PAPER_LABELS[name].lower()}.", Step.PAPERS)


def check_payable(kind: str, currency: str) -> None:
    """Raises RuleBroken for what gives no lines in pesos: a credit note, which takes away, or another currency."""
    if kind == "E":
        raise RuleBroken(
            "Es una nota de crédito: devuelve dinero, no es un gasto. Quítala y sube la factura.",
            code="credit_note_is_no_expense",
            field="file",
        )
    if currency != "MXN":
        raise RuleBroken(
            f"Esta factura está en {currency[:3]} y aquí se presentan en pesos. Escríbenos desde «Contacto».",
            code="not_in_pesos",
            field="file",
        )


def check_amounts(lines: Iterable[Decimal]) -> None:
    """Raises RuleBroken for an invoice with a concept below zero, from which more is withheld than it costs."""
    if any(amount < 0 for amount in lines):
        raise RuleBroken(
            "Esta factura trae un concepto menor que cero: se le retuvo más de su precio. Escríbenos desde «Contacto».",
            code="line_below_zero",
            field="file",
        )


def check_lines(there: int, more: int) -> None:
    """Raises RuleBroken for an invoice whose concepts do not fit beside those that are there."""
    if more > MOST_LINES:
        raise RuleBroken(
            f"Esta factura trae más de {MOST_LINES:,} conceptos y así no se revisa. Escríbenos desde «Contacto».",
            code="too_many_lines",
            field="file",
        )
    if there + more > MOST_LINES:
        raise RuleBroken(
            f"Con esta factura el trámite pasa de {MOST_LINES:,} conceptos. Preséntala en otro trámite.",
            code="too_many_lines",
            field="file",
        )


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    """An invoice's XML, or a PDF that came beside: the folio fiscal it shows ("" none), and its file's name."""

    key: str
    uuids: Sequence[str]
    name: str


def pair(invoices: Sequence[InvoiceFile], pdfs: Sequence[InvoiceFile]) -> dict[str, str]:
    """Which PDF belongs to which invoice, by key: that which shows its folio fiscal, then the one of the same name.

    One PDF without a legible folio beside the one invoice that is left goes with it too; a person looks.
    """
    found: dict[str, str] = {}
    for rule in (_shows, _named_alike):
        left = [one for one in pdfs if one.key not in found.values()]
        for invoice in invoices:
            if invoice.key in found:
                continue
            if match := next((pdf for pdf in left if rule(invoice, pdf)), None):
                found[invoice.key] = match.key
                left.remove(match)
    alone = [one for one in invoices if one.key not in found]
    rest = [one for one in pdfs if one.key not in found.values() and not one.uuids]
    if len(alone) == len(rest) == 1:
        found[alone[0].key] = rest[0].key
    return found


def _shows(invoice: InvoiceFile, pdf: InvoiceFile) -> bool:
    return bool({*invoice.uuids} & {*pdf.uuids})


def _named_alike(invoice: InvoiceFile, pdf: InvoiceFile) -> bool:
    return not pdf.uuids and _stem(invoice.name) == _stem(pdf.name)


def _stem(name: str) -> str:
    return folded(name.rpartition(".")[0])


def uuids_in(pages: Iterable[str]) -> list[str]:
    """Every folio fiscal that the text of a PDF's pages shows, lower case, once each."""
    text = re.sub(r"\s*-\s*", "-", " ".join(pages).lower())
    return sorted(set(UUID_SHAPE.findall(text)))
