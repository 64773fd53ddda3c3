"""Sealing and stamping an XML tree the way SAT and a PAC do."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from config.demo.samples.authority import Signer
from portal.fiscal import standards
from portal.zones import MEXICO_CITY

CENTRAL = ZoneInfo(MEXICO_CITY)
C, P, L, T = (f"{{{space}}}" for space in (standards.CFDI, standards.PAGOS, standards.IMPLOCAL, standards.TFD))
NAMESPACES = {"cfdi": standards.CFDI, "pago20": standards.PAGOS, "implocal": standards.IMPLOCAL}


def local(at: datetime) -> datetime:
    """Central Mexico's wall clock, without zone, whole seconds."""
    shown = at.astimezone(CENTRAL) if at.tzinfo else at
    return shown.replace(tzinfo=None, microsecond=0)


def seal(root: etree._Element, signer: Signer) -> None:
    """Put certificate and seal into a Comprobante."""
    root.set("NoCertificado", signer.serial)
    root.set("Certificado", base64.b64encode(signer.der).decode())
    root.set("Sello", _sign(signer.key, standards.original_string("4.0", root)))


def stamp(root: etree._Element, signer: Signer, *, uuid: str, at: datetime, rfc: str) -> None:
    """Add the TimbreFiscalDigital over the seal."""
    complement = root.find(f"{C}Complemento")
    if complement is None:
        complement = etree.SubElement(root, f"{C}Complemento")
    element = etree.SubElement(complement, f"{T}TimbreFiscalDigital", nsmap={"tfd": standards.TFD})
    values = {"Version": "1.1", "UUID": uuid, "FechaTimbrado": at.isoformat(), "RfcProvCertif": rfc}
    values |= {"SelloCFD": root.get("Sello", ""), "NoCertificadoSAT": signer.serial, "SelloSAT": ""}
    for name, value in values.items():
        element.set(name, value)
    element.set("SelloSAT", _sign(signer.key, standards.original_string("TFD", element)))


def written(root: etree._Element) -> bytes:
    """The file as a PAC delivers it."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _sign(key: rsa.RSAPrivateKey, message: bytes) -> str:
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


SOON = timedelta(minutes=2)
