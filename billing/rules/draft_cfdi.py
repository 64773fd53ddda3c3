"""A CFDI for an invoicing system to stamp: all that the portal knows of it, without seal, certificate and folio. Pure.

It follows the SAT's schema (domain 1.1) but for what only who stamps can add. Its series says what it is, so that the
examiner knows it again should it be uploaded as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lxml import etree

from billing.rules.taxes import WithholdingSum
from portal.fiscal.rules.invoice import DRAFT_SERIES
from portal.fiscal.standards import CFDI, IMPLOCAL

_C, _L, _XSI = f"{{{CFDI}}}", f"{{{IMPLOCAL}}}", "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMAS = (
    f"{CFDI} http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd "
    f"{IMPLOCAL} http://www.sat.gob.mx/sitio_internet/cfd/implocal/implocal.xsd"
)
PRODUCT, UNIT, USE = "85121502", "E48", "G03"
_TERMS = {
    "FormaPago": "99",
    "Moneda": "MXN",
    "TipoDeComprobante": "I",
    "Exportacion": "01",
    "MetodoPago": "PPD",
}


@dataclass(frozen=True, slots=True)
class DraftConcept:
    """One order as its concept: the text, its amount (MXN) and what is withheld of it."""

    text: str
    withheld: WithholdingSum


def draft_cfdi(
    *,
    issuer: Mapping[str, str],
    receiver: Mapping[str, str],
    concepts: Sequence[DraftConcept],
    whole: WithholdingSum,
    issued_at: datetime,
) -> bytes:
    """The XML. `issuer` has rfc, name, regime and zip, `receiver` those too.

    `issued_at` is central Mexico's wall clock, whatever the zip: who stamps it writes the hour of that place.
    """
    header = {"Version": "4.0", "Serie": DRAFT_SERIES, "Fecha": f"{issued_at:%Y-%m-%dT%H:%M:%S}", **_TERMS}
    header |= {"SubTotal": f"{whole.base:.2f}", "Total": f"{whole.payable:.2f}", "LugarExpedicion": issuer["zip"]}
    root = etree.Element(f"{_C}Comprobante", header, nsmap={"cfdi": CFDI, "implocal": IMPLOCAL, "xsi": _XSI})
    root.set(f"{{{_XSI}}}schemaLocation", _SCHEMAS)
    who = {"Rfc": issuer["rfc"], "Nombre": issuer["name"], "RegimenFiscal": issuer["regime"]}
    etree.SubElement(root, f"{_C}Emisor", who)
    whom = {"Rfc": receiver["rfc"], "Nombre": receiver["name"], "DomicilioFiscalReceptor": receiver["zip"]}
    whom |= {"RegimenFiscalReceptor": receiver["regime"], "UsoCFDI": USE}
    etree.SubElement(root, f"{_C}Receptor", whom)
    parent = etree.SubElement(root, f"{_C}Conceptos")
    for concept in concepts:
        _concept(parent, concept)
    _summary(root, whole)
    _local_taxes(root, whole)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _concept(parent: etree._Element, concept: DraftConcept) -> None:
    base = f"{concept.withheld.base:.2f}"
    told = {"ClaveProdServ": PRODUCT, "Cantidad": "1", "ClaveUnidad": UNIT, "Descripcion": concept.text[:1000]}
    told |= {"ValorUnitario": base, "Importe": base, "ObjetoImp": "02"}
    taxes = etree.SubElement(etree.SubElement(parent, f"{_C}Concepto", told), f"{_C}Impuestos")
    transferred = etree.SubElement(taxes, f"{_C}Traslados")
    etree.SubElement(transferred, f"{_C}Traslado", Base=base, Impuesto="002", TipoFactor="Exento")
    kept = etree.SubElement(taxes, f"{_C}Retenciones")
    for line in concept.withheld.lines:
        if line.component == "ISR":
            tax = {"Base": base, "Impuesto": "001", "TipoFactor": "Tasa", "TasaOCuota": f"{line.rate:.6f}"}
            etree.SubElement(kept, f"{_C}Retencion", tax | {"Importe": f"{line.amount:.2f}"})


def _summary(root: etree._Element, whole: WithholdingSum) -> None:
    isr = f"{whole.amount_of('ISR'):.2f}"
    taxes = etree.SubElement(root, f"{_C}Impuestos", TotalImpuestosRetenidos=isr)
    kept = etree.SubElement(taxes, f"{_C}Retenciones")
    etree.SubElement(kept, f"{_C}Retencion", Impuesto="001", Importe=isr)
    transferred = etree.SubElement(taxes, f"{_C}Traslados")
    etree.SubElement(transferred, f"{_C}Traslado", Base=f"{whole.base:.2f}", Impuesto="002", TipoFactor="Exento")


def _local_taxes(root: etree._Element, whole: WithholdingSum) -> None:
    lines = [line for line in whole.lines if line.component == "LOCAL"]
    if not lines:
        return
    complement = etree.SubElement(root, f"{_C}Complemento")
    total = sum((line.amount for line in lines), Decimal(0))
    told = {"version": "1.0", "TotaldeRetenciones": f"{total:.2f}", "TotaldeTraslados": "0.00"}
    node = etree.SubElement(complement, f"{_L}ImpuestosLocales", told)
    for line in lines:  # the rate as a percentage, unlike the fraction of a federal tax
        tax = {"ImpLocRetenido": "IMPUESTO CEDULAR", "TasadeRetencion": f"{line.rate * 100:.2f}"}
        etree.SubElement(node, f"{_L}RetencionesLocales", tax | {"Importe": f"{line.amount:.2f}"})
