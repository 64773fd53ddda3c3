"""Entry points for the examiner: bytes and a JSON context in, a Judgement out. No database, no clock, no network.

Contexts are those of `expectations`. The shipped authorities and the folder of settings.TRUST_DIR are added by
`selectors.vouched()`, not here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from portal.errors import Finding, RuleBroken
from portal.fiscal import standards
from portal.fiscal.certificates import NO_CERTIFICATE, NotACertificate, TrustStore, read_certificates, shipped
from portal.fiscal.expectations import ClaimInvoiceExpectation, ComplementExpectation, InvoiceExpectation, Vouched
from portal.fiscal.facts import ZERO, CfdiFacts
from portal.fiscal.findings import STOPPING, checklist
from portal.fiscal.reading import read_cfdi
from portal.fiscal.rules import (
    Match,
    expense_lines,
    guessed,
    judge_claim_invoice,
    judge_complement,
    judge_invoice,
    match_scheme,
    needs_payment_proof,
)
from portal.fiscal.sentences import COMPLEMENT_GROUPS, INVOICE_GROUPS
from portal.papers.judgement import Judgement

Judge = Callable[[CfdiFacts, Any], list[Finding]]
_BLANK = b"""<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0" Fecha="2026-01-01T00:00:00"
Moneda="MXN" SubTotal="1" Total="1" TipoDeComprobante="I" Exportacion="01" LugarExpedicion="06600" MetodoPago="PPD"
FormaPago="99"><cfdi:Emisor Rfc="XAXX010101000" Nombre="A" RegimenFiscal="612"/><cfdi:Receptor Rfc="XAXX010101000"
Nombre="A" DomicilioFiscalReceptor="06600" RegimenFiscalReceptor="601" UsoCFDI="G03"/>
<cfdi:Conceptos><cfdi:Concepto ClaveProdServ="85121600" Cantidad="1" ClaveUnidad="E48" Descripcion="A" ValorUnitario="1"
Importe="1" ObjetoImp="02"><cfdi:Impuestos><cfdi:Traslados><cfdi:Traslado Base="1" Impuesto="002" TipoFactor="Exento"/>
</cfdi:Traslados></cfdi:Impuestos></cfdi:Concepto></cfdi:Conceptos><cfdi:Impuestos><cfdi:Traslados>
<cfdi:Traslado Base="1" Impuesto="002" TipoFactor="Exento"/></cfdi:Traslados></cfdi:Impuestos></cfdi:Comprobante>"""


def invoice(content: bytes, context: InvoiceExpectation) -> Judgement:
    """Judge an invoice. Facts carry `scheme` and `scheme_rule`: what it follows, empty when nothing matched."""
    match: Match | None = None

    def judge(facts: CfdiFacts, expected: InvoiceExpectation) -> list[Finding]:
        nonlocal match
        match = match_scheme(facts, expected) if facts.is_cfdi_4 else None
        return judge_invoice(facts, expected, match)

    judged, _ = _judge(content, context, judge)
    told = dict(judged.facts)
    told["scheme"], told["scheme_rule"] = (match.code, match.rule) if match else ("", "")
    told["checklist"] = _checklist(judged.findings, invoice=True)
    return Judgement(judged.findings, told)


def complement(content: bytes, context: ComplementExpectation) -> Judgement:
    """Judge a payment complement. Facts carry `payments`, one entry a document paid."""
    judged, _ = _judge(content, context, judge_complement)
    return Judgement(judged.findings, {**judged.facts, "checklist": _checklist(judged.findings, invoice=False)})


def claim_invoice(content: bytes, context: ClaimInvoiceExpectation) -> Judgement:
    """Judge what a family paid. Facts carry `lines` that add up to the total, and whether it was to be paid later.

    `odd_cents` is what rounding left and the largest line carries; `medicines` and `hospital` are guessed by its keys.
    """
    judged, facts = _judge(content, context, judge_claim_invoice)
    told = {**judged.facts, "lines": [], "odd_cents": "0.00", "needs_payment_proof": False}
    if facts and facts.is_cfdi_4:
        lines = expense_lines(facts)
        told["lines"] = [{"concept": one.concept, "amount": f"{one.amount:.2f}"} for one in lines]
        told["odd_cents"] = f"{sum((one.odd for one in lines), ZERO):.2f}"
        told |= {"needs_payment_proof": needs_payment_proof(facts), **guessed(facts)}
    told["checklist"] = _checklist(judged.findings, invoice=True)
    return Judgement(judged.findings, told)


def read(content: bytes, context: Vouched) -> Judgement:
    """What an XML says when nobody asks whether it is right: facts without findings."""
    return _judge(content, context, lambda facts, expected: [])[0]


def certificates(content: bytes, _context: object) -> Judgement:
    """Every certificate in a file (DER, PEM or a ZIP of those), once each: `_certificates`, what a row keeps."""
    try:
        found = read_certificates(content)
    except NotACertificate:
        return Judgement((NO_CERTIFICATE,))
    return Judgement(facts={"_certificates": [one.as_json() for one in {row.sha256: row for row in found}.values()]})


def warm_up() -> None:
    """Compile schemas and stylesheets, read the authorities and judge once, so that a forked examiner finds all ready.

    A child that has to read them itself takes twice as long for its verdict.
    """
    standards.standard()
    standards.stylesheets()
    TrustStore.of(certificate.der for certificate in shipped())
    invoice(_BLANK, {"orders": [{"account": "1", "patient": "A B", "payable": "1"}], "receiver": {"name": "A"}})


def _judge(content: bytes, context: Vouched, judge: Judge) -> tuple[Judgement, CfdiFacts | None]:
    try:
        facts = read_cfdi(content, trust=_trust(tuple(context.get("trust") or ())), keys=context.get("keys"))
    except RuleBroken as broken:
        return Judgement((broken.finding,), {"wellformed": False, "doctype": broken.code == "xml_doctype"}), None
    return Judgement(tuple(judge(facts, context)), facts.as_json()), facts


@lru_cache(maxsize=8)
def _trust(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    try:
        return tuple(base64.b64decode(text, validate=True) for text in texts)
    except (binascii.Error, ValueError) as error:
        raise ValueError("trust: not base64 DER") from error


def _checklist(findings: tuple[Finding, ...], *, invoice: bool) -> list[dict[str, Any]]:
    """Which groups of rules hold, for a screen: label and ok. Nothing is said of a file that could not be read."""
    if any(finding.code in STOPPING or finding.code.startswith("xml_") for finding in findings):
        return []
    groups = INVOICE_GROUPS if invoice else COMPLEMENT_GROUPS
    return [{"label": line["label"], "ok": line["ok"]} for line in checklist(findings, groups)]
