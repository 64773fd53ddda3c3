"""Read a CFDI 4.0 or Pagos 2.0 (and recognise older ones): bytes in, facts out. No verdicts here, see `rules`.

Order of domain 1.5: hardened parse, schema, certificate, seal over the stylesheet's cadena of the raw document,
stamp with the PAC certificates somebody vouched for. Pure but for the shipped files; safe in the examiner's child.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from portal.fiscal import certificates, standards
from portal.fiscal.catalogues import Keys
from portal.fiscal.certificates import Certificate, NotACertificate, TrustStore, Vouched
from portal.fiscal.facts import (
    CfdiFacts,
    Concept,
    LocalTax,
    PaidDocument,
    PaymentNode,
    Signer,
    Stamp,
    Tax,
)
from portal.papers import xml
from portal.zones import MEXICO_CITY

CENTRAL = ZoneInfo(MEXICO_CITY)
_C, _P, _L, _T = (f"{{{space}}}" for space in (standards.CFDI, standards.PAGOS, standards.IMPLOCAL, standards.TFD))
_SEALED_VERSIONS = {"4.0", "3.3"}
_RECEIVER = {
    "rfc": "Rfc",
    "name": "Nombre",
    "zip": "DomicilioFiscalReceptor",
    "regime": "RegimenFiscalReceptor",
    "use": "UsoCFDI",
}


def read_cfdi(content: bytes, *, trust: Iterable[bytes] = (), keys: Keys | None = None) -> CfdiFacts:
    """Facts of one XML. Raises RuleBroken when it cannot be opened.

    `trust` holds DER of authorities and PACs, `keys` those beyond the package's catalogues, by catalogue.
    """
    root = xml.parse(content)
    name = etree.QName(root)
    version = root.get("Version") or root.get("version") or ""
    if name.localname != "Comprobante" or name.namespace not in {standards.CFDI, standards.CFDI_3}:
        return CfdiFacts(name.localname, name.namespace or "", version)
    store = TrustStore.of(trust)
    if name.namespace == standards.CFDI and version == "4.0":
        return _cfdi_4(root, store, keys)
    seal, signer = _seal(root, version, store)
    issuer = _attributes(root.find(f"{{{name.namespace}}}Emisor"), rfc="Rfc", name="Nombre", regime="RegimenFiscal")
    stamps = list(root.iter(f"{_T}TimbreFiscalDigital"))
    stamp = _stamp(stamps[0], root.get("Sello", ""), store) if stamps else None
    return CfdiFacts(name.localname, name.namespace, version, seal, signer, len(stamps), stamp, issuer=issuer)


def _cfdi_4(root: etree._Element, store: TrustStore, keys: Keys | None) -> CfdiFacts:
    seal, signer = _seal(root, "4.0", store)
    stamps = list(root.iter(f"{_T}TimbreFiscalDigital"))
    faults, unknown = standards.standard().judge(root, keys)
    return CfdiFacts(
        root="Comprobante",
        namespace=standards.CFDI,
        version="4.0",
        seal=seal,
        signer=signer,
        stamps=len(stamps),
        stamp=_stamp(stamps[0], root.get("Sello", ""), store) if stamps else None,
        schema_faults=tuple((fault.element, fault.attribute, fault.message) for fault in faults),
        unknown_keys=tuple(unknown),
        header={str(key): str(value) for key, value in root.attrib.items() if key not in {"Sello", "Certificado"}},
        issuer=_attributes(root.find(f"{_C}Emisor"), rfc="Rfc", name="Nombre", regime="RegimenFiscal"),
        receiver=_attributes(root.find(f"{_C}Receptor"), **_RECEIVER),
        concepts=tuple(_concept(element) for element in _below(root, f"{_C}Conceptos", f"{_C}Concepto")),
        **_sums(root),
    )


def _sums(root: etree._Element) -> dict[str, Any]:
    """Summary of taxes, local taxes and payments; direct children of the root only, never of an Addenda (XP-02)."""
    taxes = root.find(f"{_C}Impuestos")
    local = root.findall(f"{_C}Complemento/{_L}ImpuestosLocales")
    payments = root.findall(f"{_C}Complemento/{_P}Pagos")
    return {
        "withheld": _taxes(taxes, f"{_C}Retenciones", f"{_C}Retencion"),
        "transferred": _taxes(taxes, f"{_C}Traslados", f"{_C}Traslado"),
        "total_withheld": _get(taxes, "TotalImpuestosRetenidos"),
        "total_transferred": _get(taxes, "TotalImpuestosTrasladados"),
        "local_nodes": len(local),
        "local_withheld": _local(local, "RetencionesLocales", "ImpLocRetenido", "TasadeRetencion"),
        "local_transferred": _local(local, "TrasladosLocales", "ImpLocTrasladado", "TasadeTraslado"),
        "local_total_withheld": _get(local[0] if local else None, "TotaldeRetenciones"),
        "local_total_transferred": _get(local[0] if local else None, "TotaldeTraslados"),
        "payment_nodes_found": len(payments),
        "payments": tuple(_payment(element) for node in payments[:1] for element in node.iterfind(f"{_P}Pago")),
        "payment_totals": _all(payments[0].find(f"{_P}Totales") if payments else None),
    }


def local_instant(text: str) -> datetime | None:
    """A CFDI's local date and time, taken as central Mexico; None when it is not one."""
    try:
        return datetime.fromisoformat(text.strip()[:19]).replace(tzinfo=CENTRAL)
    except ValueError:
        return None


def _seal(root: etree._Element, version: str, store: TrustStore) -> tuple[str, Signer | None]:
    sealed, inside = root.get("Sello", "").strip(), root.get("Certificado", "").strip()
    if not sealed or version not in _SEALED_VERSIONS:
        return "missing", None
    try:
        certificate = _inside(inside)
    except NotACertificate:
        return "unreadable_certificate", None
    vouched = store.vouches_for(certificate)
    issued_at = local_instant(root.get("Fecha", ""))
    signer = Signer(
        rfc=certificate.rfc,
        serial=certificate.serial,
        holder=certificate.holder,
        valid_from=certificate.not_before.isoformat(),
        valid_to=certificate.not_after.isoformat(),
        serial_matches=certificate.serial == root.get("NoCertificado", "").strip(),
        valid_at_issue=issued_at is not None and certificate.valid_at(issued_at),
        vouched=str(vouched),
    )
    if not certificate.signed(standards.original_string(version, root), sealed):
        return "invalid", signer
    return ("valid" if vouched is Vouched.TRUSTED else "unknown_certificate"), signer


def _inside(text: str) -> Certificate:
    try:
        return certificates.from_der(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise NotACertificate(str(error)) from error


def _stamp(element: etree._Element, sealed: str, store: TrustStore) -> Stamp:
    serial = element.get("NoCertificadoSAT", "").strip()
    pac = store.stamping(serial)
    holds: bool | str = "unknown_cert"
    if pac is not None:
        holds = pac.signed(standards.original_string("TFD", element), element.get("SelloSAT", ""))
    return Stamp(
        uuid=element.get("UUID", ""),
        fecha=element.get("FechaTimbrado", ""),
        rfc_pac=element.get("RfcProvCertif", ""),
        cert=serial,
        sello_cfd_matches=bool(sealed) and "".join(element.get("SelloCFD", "").split()) == "".join(sealed.split()),
        sat_seal_ok=holds,
    )


def _concept(element: etree._Element) -> Concept:
    taxes = element.find(f"{_C}Impuestos")
    return Concept(
        product=element.get("ClaveProdServ", ""),
        unit=element.get("ClaveUnidad", ""),
        description=element.get("Descripcion", ""),
        quantity=element.get("Cantidad", ""),
        unit_price=element.get("ValorUnitario", ""),
        amount=element.get("Importe", ""),
        discount=element.get("Descuento", ""),
        tax_object=element.get("ObjetoImp", ""),
        transferred=_taxes(taxes, f"{_C}Traslados", f"{_C}Traslado"),
        withheld=_taxes(taxes, f"{_C}Retenciones", f"{_C}Retencion"),
    )


def _payment(element: etree._Element) -> PaymentNode:
    taxes = element.find(f"{_P}ImpuestosP")
    return PaymentNode(
        paid_on=element.get("FechaPago", ""),
        form=element.get("FormaDePagoP", ""),
        currency=element.get("MonedaP", ""),
        rate=element.get("TipoCambioP", ""),
        amount=element.get("Monto", ""),
        documents=tuple(_document(document) for document in element.iterfind(f"{_P}DoctoRelacionado")),
        withheld=_taxes(taxes, f"{_P}RetencionesP", f"{_P}RetencionP", "P"),
        transferred=_taxes(taxes, f"{_P}TrasladosP", f"{_P}TrasladoP", "P"),
    )


def _document(element: etree._Element) -> PaidDocument:
    taxes = element.find(f"{_P}ImpuestosDR")
    return PaidDocument(
        uuid=element.get("IdDocumento", ""),
        currency=element.get("MonedaDR", ""),
        equivalence=element.get("EquivalenciaDR", ""),
        number=element.get("NumParcialidad", ""),
        balance_before=element.get("ImpSaldoAnt", ""),
        paid=element.get("ImpPagado", ""),
        balance_after=element.get("ImpSaldoInsoluto", ""),
        tax_object=element.get("ObjetoImpDR", ""),
        transferred=_taxes(taxes, f"{_P}TrasladosDR", f"{_P}TrasladoDR", "DR"),
        withheld=_taxes(taxes, f"{_P}RetencionesDR", f"{_P}RetencionDR", "DR"),
    )


def _taxes(parent: etree._Element | None, group: str, line: str, suffix: str = "") -> tuple[Tax, ...]:
    if parent is None:
        return ()
    return tuple(
        Tax(
            tax=element.get(f"Impuesto{suffix}", ""),
            factor=element.get(f"TipoFactor{suffix}", ""),
            rate=element.get(f"TasaOCuota{suffix}", ""),
            base=element.get(f"Base{suffix}", ""),
            amount=element.get(f"Importe{suffix}", ""),
        )
        for element in _below(parent, group, line)
    )


def _below(parent: etree._Element, group: str, line: str) -> Iterator[etree._Element]:
    """What `iterfind` of both names finds, at a third of its time."""
    for one in parent.iterchildren(group):
        yield from one.iterchildren(line)


def _local(nodes: list[etree._Element], line: str, name: str, rate: str) -> tuple[LocalTax, ...]:
    return tuple(
        LocalTax(element.get(name, ""), element.get(rate, ""), element.get("Importe", ""))
        for node in nodes
        for element in node.iterfind(f"{_L}{line}")
    )


def _attributes(element: etree._Element | None, **names: str) -> dict[str, str]:
    return {key: _get(element, attribute) for key, attribute in names.items()}


def _get(element: etree._Element | None, attribute: str) -> str:
    return "" if element is None else element.get(attribute, "")


def _all(element: etree._Element | None) -> dict[str, str]:
    return {} if element is None else {str(key): str(value) for key, value in element.attrib.items()}
