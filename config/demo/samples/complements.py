"""Payment complements (Pagos 2.0) of physicians: sealed and stamped, right or with named faults."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lxml import etree

from config.demo.samples import faults as faulty
from config.demo.samples.invoices import Paper, finish
from config.demo.samples.sealing import NAMESPACES, SOON, C, P, local
from portal.fiscal.facts import ZERO, cents
from portal.fiscal.rules import withhold


def make_complement(  # a complement has this many sides
    *,
    issuer: Mapping[str, str],
    receiver: Mapping[str, str],
    payments: Sequence[Mapping[str, Any]],
    issued_at: datetime,
    stamped_at: datetime | None = None,
    uuid: str | None = None,
    faults: Iterable[str] = (),
) -> bytes:
    """A sealed and stamped complement, pesos.

    A payment: `paid_on`, `amount`, `documents`; a document: `uuid`, `number`, `balance_before`, `paid`,
    `balance_after`, and for its taxes `total`, `base` and `components` (left out: no taxes, ObjetoImpDR 01).
    `faults`: names of `COMPLEMENT_FAULTS` or of the seal and stamp faults of `INVOICE_FAULTS`.
    """
    issued = local(issued_at)
    stamped = local(stamped_at) if stamped_at else issued + SOON
    root = _written(issuer, receiver, payments, issued)
    paper = Paper(root, dict(issuer), issued, stamped, uuid or str(uuids.uuid4()))
    chosen = [{**faulty.INVOICE_FAULTS, **COMPLEMENT_FAULTS}[name] for name in faults]
    faulty.apply(chosen, faulty.DRAWN, paper)
    faulty.apply(chosen, faulty.SUMMED, paper)
    finish(paper, chosen)
    return paper.content


def _written(
    issuer: Mapping[str, str], receiver: Mapping[str, str], payments: Sequence[Mapping[str, Any]], issued: datetime
) -> etree._Element:
    header = {"Version": "4.0", "Serie": "P", "Folio": f"{issued:%m%d%H%M}", "Fecha": issued.isoformat(), "Sello": ""}
    header |= {"NoCertificado": "", "Certificado": "", "SubTotal": "0", "Moneda": "XXX", "Total": "0"}
    header |= {"TipoDeComprobante": "P", "Exportacion": "01", "LugarExpedicion": "44100"}
    root = etree.Element(f"{C}Comprobante", header, nsmap=NAMESPACES)
    etree.SubElement(root, f"{C}Emisor", Rfc=issuer["rfc"], Nombre=issuer["name"], RegimenFiscal=issuer["regime"])
    who = {"Rfc": receiver["rfc"], "Nombre": receiver["name"], "DomicilioFiscalReceptor": receiver["zip"]}
    etree.SubElement(root, f"{C}Receptor", who | {"RegimenFiscalReceptor": receiver["regime"], "UsoCFDI": "CP01"})
    concept = {"ClaveProdServ": "84111506", "Cantidad": "1", "ClaveUnidad": "ACT", "Descripcion": "Pago"}
    concept |= {"ValorUnitario": "0", "Importe": "0", "ObjetoImp": "01"}
    etree.SubElement(etree.SubElement(root, f"{C}Conceptos"), f"{C}Concepto", concept)
    node = etree.SubElement(etree.SubElement(root, f"{C}Complemento"), f"{P}Pagos", Version="2.0")
    totals = etree.SubElement(node, f"{P}Totales")
    kept, exempt = ZERO, ZERO
    for payment in payments:
        more_kept, more_exempt = _payment(node, payment)
        kept, exempt = kept + more_kept, exempt + more_exempt
    if kept:
        totals.set("TotalRetencionesISR", f"{kept:.2f}")
    if exempt:
        totals.set("TotalTrasladosBaseIVAExento", f"{exempt:.2f}")
    totals.set("MontoTotalPagos", f"{sum((Decimal(str(p['amount'])) for p in payments), ZERO):.2f}")
    return root


def _payment(node: etree._Element, payment: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """One Pago; answers the ISR and the exempt base it carries."""
    values = {"FechaPago": f"{payment['paid_on']}T12:00:00", "FormaDePagoP": "03", "MonedaP": "MXN", "TipoCambioP": "1"}
    element = etree.SubElement(node, f"{P}Pago", values | {"Monto": f"{Decimal(str(payment['amount'])):.2f}"})
    kept, exempt = ZERO, ZERO
    for document in payment["documents"]:
        more_kept, more_exempt = _document(element, document)
        kept, exempt = kept + more_kept, exempt + more_exempt
    if exempt:
        taxes = etree.SubElement(element, f"{P}ImpuestosP")
        if kept:
            parent = etree.SubElement(taxes, f"{P}RetencionesP")
            etree.SubElement(parent, f"{P}RetencionP", ImpuestoP="001", ImporteP=f"{kept:.2f}")
        parent = etree.SubElement(taxes, f"{P}TrasladosP")
        etree.SubElement(parent, f"{P}TrasladoP", BaseP=f"{exempt:.2f}", ImpuestoP="002", TipoFactorP="Exento")
    return kept, exempt


def _document(payment: etree._Element, document: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    taxed = document.get("base") is not None and document.get("components") is not None
    amounts = {name: f"{Decimal(str(document[name])):.2f}" for name in ("balance_before", "paid", "balance_after")}
    values = {"IdDocumento": str(document["uuid"]), "MonedaDR": "MXN", "EquivalenciaDR": "1"}
    values |= {"NumParcialidad": str(document["number"]), "ImpSaldoAnt": amounts["balance_before"]}
    values |= {"ImpPagado": amounts["paid"], "ImpSaldoInsoluto": amounts["balance_after"]}
    element = etree.SubElement(payment, f"{P}DoctoRelacionado", values | {"ObjetoImpDR": "02" if taxed else "01"})
    if not taxed:
        return ZERO, ZERO
    total = Decimal(str(document.get("total") or document["balance_before"]))
    share = Decimal(str(document["paid"])) / total
    base = cents(Decimal(str(document["base"])) * share)
    taxes, kept = etree.SubElement(element, f"{P}ImpuestosDR"), ZERO
    lines = [one for one in withhold(Decimal(str(document["base"])), document["components"]) if one.component == "ISR"]
    if lines:
        parent = etree.SubElement(taxes, f"{P}RetencionesDR")
        for line in lines:
            value = cents(line.amount * share)
            tax = {"BaseDR": f"{base:.2f}", "ImpuestoDR": "001", "TipoFactorDR": "Tasa"}
            tax |= {"TasaOCuotaDR": f"{line.rate:.6f}", "ImporteDR": f"{value:.2f}"}
            etree.SubElement(parent, f"{P}RetencionDR", tax)
            kept += value
    parent = etree.SubElement(taxes, f"{P}TrasladosDR")
    etree.SubElement(parent, f"{P}TrasladoDR", BaseDR=f"{base:.2f}", ImpuestoDR="002", TipoFactorDR="Exento")
    return kept, base


# --- single faults ---------------------------------------------------------------------------------------------------


def _first(path: str, name: str, change: Callable[[str], str | None]) -> faulty.Fault:
    def mend(paper: Paper) -> None:
        element = paper.root if path == "." else paper.root.find(f"{C}Complemento/{P}Pagos/{path}")
        if element is None:
            return
        value = change(element.get(name, ""))
        if value is None:
            element.attrib.pop(name, None)
        else:
            element.set(name, value)

    return faulty.Fault(faulty.SUMMED, mend)


def _together(*faults: faulty.Fault) -> faulty.Fault:
    def change(paper: Paper) -> None:
        for fault in faults:
            fault.change(paper)

    return faulty.Fault(faulty.SUMMED, change)


def _more(value: str) -> Callable[[str], str]:
    return lambda text: f"{Decimal(text) + Decimal(value):.2f}"


def _days(days: int) -> Callable[[str], str]:
    return lambda text: f"{date.fromisoformat(text[:10]) + timedelta(days=days)}T12:00:00"


def _no_payments(paper: Paper) -> None:
    complement = paper.root.find(f"{C}Complemento")
    if complement is not None:
        paper.root.remove(complement)


def _twice(paper: Paper) -> None:
    complement = paper.root.find(f"{C}Complemento")
    if complement is not None:
        complement.append(deepcopy(complement[0]))


_PAGO, _TOTALS, _DOC = f"{P}Pago", f"{P}Totales", f"{P}Pago/{P}DoctoRelacionado"
COMPLEMENT_FAULTS: dict[str, faulty.Fault] = {
    "income_kind": _first(".", "TipoDeComprobante", lambda text: "I"),
    "rep_in_pesos": _first(".", "Moneda", lambda text: "MXN"),
    "rep_with_total": _first(".", "Total", lambda text: "10"),
    "rep_with_method": _first(".", "MetodoPago", lambda text: "PUE"),
    "rep_use": faulty.attribute(f"{C}Receptor", "UsoCFDI", "G03"),
    "rep_concept": faulty.attribute(f"{C}Conceptos/{C}Concepto", "Descripcion", "Pago de honorarios"),
    "no_payments": faulty.Fault(faulty.SUMMED, _no_payments),
    "two_payment_nodes": faulty.Fault(faulty.SUMMED, _twice),
    "payment_in_dollars": _first(_PAGO, "MonedaP", lambda text: "USD"),
    "paid_in_cash": _first(_PAGO, "FormaDePagoP", lambda text: "01"),
    "other_day": _first(_PAGO, "FechaPago", _days(-5)),  # one banking day beside would be taken for the same
    "paid_in_future": _first(_PAGO, "FechaPago", _days(60)),
    "paid_before_invoice": _first(_PAGO, "FechaPago", _days(-200)),
    "other_amount": _together(_first(_PAGO, "Monto", _more("100")), _first(_TOTALS, "MontoTotalPagos", _more("100"))),
    "total_payments": _first(_TOTALS, "MontoTotalPagos", _more("1")),
    "other_document": _first(_DOC, "IdDocumento", lambda text: "00000000-0000-4000-8000-000000000000"),
    "document_in_dollars": _first(_DOC, "MonedaDR", lambda text: "USD"),
    "skipped_partiality": _first(_DOC, "NumParcialidad", lambda text: str(int(text) + 1)),
    "other_balance": _together(_first(_DOC, "ImpSaldoAnt", _more("5")), _first(_DOC, "ImpSaldoInsoluto", _more("5"))),
    "wrong_balance_after": _first(_DOC, "ImpSaldoInsoluto", _more("5")),
}
