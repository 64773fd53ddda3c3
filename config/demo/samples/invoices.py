"""Invoices of physicians: CFDI 4.0, sealed and stamped, right or with named faults."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from config.demo.samples import authority
from config.demo.samples import faults as faulty
from config.demo.samples.sealing import NAMESPACES, SOON, C, L, local, seal, stamp, written
from portal.fiscal.facts import ZERO, cents
from portal.fiscal.rules import withhold


@dataclass
class Paper:
    """An invoice on its way through the mill; a fault changes one thing of it at one stage."""

    root: etree._Element
    issuer: dict[str, str]
    issued_at: datetime
    stamped_at: datetime
    uuid: str
    components: list[dict[str, str]] = field(default_factory=list)
    signer: authority.Signer | None = None
    pac: authority.Signer | None = None
    stamps: bool = True
    content: bytes = b""


def make_invoice(  # an invoice has this many sides
    *,
    issuer: Mapping[str, str],
    receiver: Mapping[str, str],
    orders: Sequence[Mapping[str, Any]],
    components: Sequence[Mapping[str, str]],
    issued_at: datetime,
    stamped_at: datetime | None = None,
    uuid: str | None = None,
    together: bool = False,
    faults: Iterable[str] = (),
) -> bytes:
    """A sealed and stamped invoice of `issuer` to `receiver` for `orders`, pesos.

    `issued_at`: aware, or central Mexico's wall clock. `together` bills all orders in one concept.
    `faults`: names of `INVOICE_FAULTS`, each changes one thing and keeps sums, seal and stamp consistent otherwise.
    """
    issued = local(issued_at)
    stamped = local(stamped_at) if stamped_at else issued + SOON
    root = _written(issuer, receiver, orders, components, issued, together)
    paper = Paper(root, dict(issuer), issued, stamped, uuid or str(uuids.uuid4()), [dict(c) for c in components])
    chosen = [faulty.INVOICE_FAULTS[name] for name in faults]
    faulty.apply(chosen, faulty.DRAWN, paper)
    add_up(paper.root)
    faulty.apply(chosen, faulty.SUMMED, paper)
    finish(paper, chosen)
    return paper.content


def finish(paper: Paper, chosen: Sequence[faulty.Fault]) -> None:
    """Seal, stamp and write; faults of those stages in between."""
    signer = paper.signer or authority.holder(paper.issuer["rfc"], paper.issuer["name"])
    seal(paper.root, signer)
    faulty.apply(chosen, faulty.SEALED, paper)
    if paper.stamps:
        pac = paper.pac or authority.pac()
        stamp(paper.root, pac, uuid=paper.uuid, at=paper.stamped_at, rfc=authority.PAC_RFC)
    faulty.apply(chosen, faulty.STAMPED, paper)
    paper.content = written(paper.root)
    faulty.apply(chosen, faulty.WRITTEN, paper)


def add_up(root: etree._Element) -> None:
    """Summary of taxes, subtotal and total from the concepts and the local lines."""
    concepts = root.findall(f"{C}Conceptos/{C}Concepto")
    subtotal = sum((Decimal(c.get("Importe", "0")) for c in concepts), ZERO)
    kept = _by_tax(root, "Retenciones/Retencion", "Importe")
    charged = [t for c in concepts for t in c.iterfind(f"{C}Impuestos/{C}Traslados/{C}Traslado")]
    old = root.find(f"{C}Impuestos")
    if old is not None:
        root.remove(old)
    taxes = etree.Element(f"{C}Impuestos")
    if kept:
        taxes.set("TotalImpuestosRetenidos", f"{sum(kept.values(), ZERO):.2f}")
        parent = etree.SubElement(taxes, f"{C}Retenciones")
        for tax, value in kept.items():
            etree.SubElement(parent, f"{C}Retencion", Impuesto=tax, Importe=f"{value:.2f}")
    iva = _summarised(taxes, charged)
    if len(taxes):
        root.find(f"{C}Conceptos").addnext(taxes)  # type: ignore[union-attr]
    lines = root.findall(f"{C}Complemento/{L}ImpuestosLocales/{L}RetencionesLocales")
    local_kept = sum((Decimal(line.get("Importe", "0")) for line in lines), ZERO)
    if lines:
        lines[0].getparent().set("TotaldeRetenciones", f"{local_kept:.2f}")  # type: ignore[union-attr]
    root.set("SubTotal", f"{subtotal:.2f}")
    root.set("Total", f"{subtotal + iva - sum(kept.values(), ZERO) - local_kept:.2f}")


def _by_tax(root: etree._Element, path: str, value: str) -> dict[str, Decimal]:
    parent, child = path.split("/")
    sums: dict[str, Decimal] = {}
    for element in root.iterfind(f"{C}Conceptos/{C}Concepto/{C}Impuestos/{C}{parent}/{C}{child}"):
        tax = element.get("Impuesto", "")
        sums[tax] = sums.get(tax, ZERO) + Decimal(element.get(value, "0"))
    return sums


def _summarised(taxes: etree._Element, charged: Sequence[etree._Element]) -> Decimal:
    """Traslados of the summary, one per kind; answers how much IVA is charged."""
    groups: dict[tuple[str, str], list[etree._Element]] = {}
    for line in charged:
        groups.setdefault((line.get("TipoFactor", ""), line.get("TasaOCuota", "")), []).append(line)
    if not groups:
        return ZERO
    parent, total = etree.SubElement(taxes, f"{C}Traslados"), ZERO
    for (factor, rate), lines in groups.items():
        base = sum((Decimal(line.get("Base", "0")) for line in lines), ZERO)
        element = etree.SubElement(parent, f"{C}Traslado", Base=f"{base:.2f}", Impuesto="002", TipoFactor=factor)
        if rate:
            value = sum((Decimal(line.get("Importe", "0")) for line in lines), ZERO)
            element.set("TasaOCuota", rate)
            element.set("Importe", f"{value:.2f}")
            total += value
    if any(rate for _, rate in groups):
        taxes.set("TotalImpuestosTrasladados", f"{total:.2f}")
    return total


def _written(  # noqa: PLR0917 - see make_invoice
    issuer: Mapping[str, str],
    receiver: Mapping[str, str],
    orders: Sequence[Mapping[str, Any]],
    components: Sequence[Mapping[str, str]],
    issued: datetime,
    together: bool,
) -> etree._Element:
    header = {"Version": "4.0", "Serie": "A", "Folio": f"{issued:%m%d%H%M}", "Fecha": issued.isoformat()}
    header |= {"Sello": "", "FormaPago": "99", "NoCertificado": "", "Certificado": "", "SubTotal": "0", "Moneda": "MXN"}
    header |= {
        "Total": "0",
        "TipoDeComprobante": "I",
        "Exportacion": "01",
        "MetodoPago": "PPD",
        "LugarExpedicion": "44100",
    }
    root = etree.Element(f"{C}Comprobante", header, nsmap=NAMESPACES)
    etree.SubElement(root, f"{C}Emisor", Rfc=issuer["rfc"], Nombre=issuer["name"], RegimenFiscal=issuer["regime"])
    who = {"Rfc": receiver["rfc"], "Nombre": receiver["name"], "DomicilioFiscalReceptor": receiver["zip"]}
    who |= {"RegimenFiscalReceptor": receiver["regime"], "UsoCFDI": "G03"}
    etree.SubElement(root, f"{C}Receptor", who)
    concepts = etree.SubElement(root, f"{C}Conceptos")
    groups = [list(orders)] if together else [[order] for order in orders]
    for group in groups:
        text = "; ".join(f"Cuenta {order['account']}, paciente {order['patient']}" for order in group)
        price = sum((Decimal(str(order["payable"])) for order in group), ZERO)
        add_concept(concepts, f"Consulta médica. {text}", price, components)
    base = sum((Decimal(str(order["payable"])) for order in orders), ZERO)
    lines = [line for line in withhold(base, components) if line.component == "LOCAL"]
    if lines:
        complement = etree.SubElement(root, f"{C}Complemento")
        node = etree.SubElement(complement, f"{L}ImpuestosLocales", version="1.0")
        node.set("TotaldeRetenciones", "0.00")
        node.set("TotaldeTraslados", "0.00")
        for line in lines:
            add_local(node, "IMPUESTO CEDULAR", line.rate, line.amount)
    return root


def add_concept(
    concepts: etree._Element, description: str, price: Decimal, components: Sequence[Mapping[str, str]]
) -> None:
    """A medical service, IVA exempt, ISR withheld."""
    shown = f"{price:.2f}"
    values = {"ClaveProdServ": "85121502", "Cantidad": "1", "ClaveUnidad": "E48", "Descripcion": description[:1000]}
    values |= {"ValorUnitario": shown, "Importe": shown, "ObjetoImp": "02"}
    concept = etree.SubElement(concepts, f"{C}Concepto", values)
    taxes = etree.SubElement(concept, f"{C}Impuestos")
    transferred = etree.SubElement(taxes, f"{C}Traslados")
    etree.SubElement(transferred, f"{C}Traslado", Base=shown, Impuesto="002", TipoFactor="Exento")
    kept = [line for line in withhold(price, components) if line.component == "ISR"]
    if kept:
        parent = etree.SubElement(taxes, f"{C}Retenciones")
        for line in kept:
            tax = {"Base": shown, "Impuesto": "001", "TipoFactor": "Tasa", "TasaOCuota": f"{line.rate:.6f}"}
            etree.SubElement(parent, f"{C}Retencion", tax | {"Importe": f"{line.amount:.2f}"})


def add_local(node: etree._Element, name: str, rate: Decimal, value: Decimal) -> None:
    """A line of local tax withheld; the rate goes as a percentage."""
    values = {"ImpLocRetenido": name, "TasadeRetencion": f"{cents(rate * 100):.2f}", "Importe": f"{value:.2f}"}
    etree.SubElement(node, f"{L}RetencionesLocales", values)
