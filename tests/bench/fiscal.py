"""What fiscal costs: the judgement of a CFDI (G16)."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from tests.bench.pairs import Goal, compare

GOALS = {"G16": Goal("≤", 12.0, 6.0)}


def cfdi() -> None:
    """G16: everything said about an invoice against parsing it, opening its certificate and one RSA verification.

    The first row opens and verifies the physician's certificate anew each time, as a new file asks; the parts after it
    say what the reference leaves out. The last is what a person waits for: another process, its limits, the trust.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from lxml import etree

    from portal.fiscal import certificates, checks
    from portal.papers import examiner

    xml, context = _invoice()

    def bare() -> None:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
        key = x509.load_der_x509_certificate(base64.b64decode(root.get("Certificado"))).public_key()
        try:
            key.verify(base64.b64decode(root.get("Sello")), b"any text", padding.PKCS1v15(), hashes.SHA256())
        except Exception:  # the same work as for the right text
            return

    def judged() -> None:
        certificates.from_der.cache_clear()
        checks.invoice(xml, context)

    checks.warm_up()
    compare("G16 CFDI: dictamen completo / leer, X.509, RSA", judged, bare, repeat=30, cpu=True)
    compare("    de ello, esquema y dos cadenas del SAT", lambda: _standards_alone(xml), bare, repeat=30, cpu=True)
    compare("    el mismo emisor otra vez", lambda: checks.invoice(xml, context), bare, repeat=30, cpu=True)
    asked: dict[str, Any] = {"name": "a.xml", "kinds": {"xml"}, "check": "portal.fiscal.checks.invoice"}
    compare("    en su proceso limitado", lambda: examiner.examine(content=xml, context=context, **asked), bare)
    examiner.stop()


def _standards_alone(xml: bytes) -> None:
    from lxml import etree

    from portal.fiscal import standards

    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    standards.standard().judge(root)
    standards.original_string("4.0", root)
    standards.original_string("TFD", next(root.iter(f"{{{standards.TFD}}}TimbreFiscalDigital")))


def _invoice() -> tuple[bytes, dict[str, Any]]:
    from config.demo import samples
    from portal.fiscal.certificates import shipped

    issuer = {"rfc": "IAÑL750210963", "name": "LUIS IAN ÑUZCO", "regime": "612"}
    receiver = {"rfc": "PSE010101AA1", "name": "PLAN SEGURO", "zip": "06600", "regime": "601"}
    orders = [{"account": "OA-1", "patient": "María José Núñez Peña", "payable": "1500.00"}]
    parts = [{"component": "ISR", "rate": "0.100000"}]
    issued_at = datetime(2026, 11, 20, 10)  # noqa: DTZ001 - a CFDI's wall clock
    xml = samples.make_invoice(issuer=issuer, receiver=receiver, orders=orders, components=parts, issued_at=issued_at)
    scheme = {"code": "PF", "enforcement": "required", "components": parts, "rule": "S0.20", "regime": "612"}
    trusted = [*(one.der for one in shipped()), *samples.trust_der()]
    context = {"issuer_rfc": issuer["rfc"], "receiver": receiver, "orders": orders, "schemes": [scheme]}
    return xml, context | {
        "on": "2026-11-22",
        "tolerance": "0.01",
        "trust": [base64.b64encode(der).decode() for der in trusted],
    }


MEASURES = (cfdi,)
