"""Single faults of an invoice: each changes one thing at one stage and keeps everything else consistent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from lxml import etree

from config.demo.samples import authority
from config.demo.samples.sealing import C, L, T, stamp
from portal.money import round_money

if TYPE_CHECKING:
    from config.demo.samples.invoices import Paper

# Stages: concepts drawn, sums made, sealed, stamped, written as bytes.
DRAWN, SUMMED, SEALED, STAMPED, WRITTEN = "drawn", "summed", "sealed", "stamped", "written"


@dataclass(frozen=True)
class Fault:
    """What to change, and when."""

    stage: str
    change: Callable[[Paper], None]


def apply(chosen: Iterable[Fault], stage: str, paper: Paper) -> None:
    """Apply the faults of one stage."""
    for fault in chosen:
        if fault.stage == stage:
            fault.change(paper)


def attribute(path: str, name: str, value: str | None, stage: str = SUMMED) -> Fault:
    """Set (or drop, with None) an attribute of every element at `path`."""

    def change(paper: Paper) -> None:
        for element in [paper.root] if path == "." else paper.root.findall(path):
            if value is None:
                element.attrib.pop(name, None)
            else:
                element.set(name, value)

    return Fault(stage, change)


def _concepts(paper: Paper) -> list[etree._Element]:
    return paper.root.findall(f"{C}Conceptos/{C}Concepto")


def _local_lines(paper: Paper) -> list[etree._Element]:
    return paper.root.findall(f"{C}Complemento/{L}ImpuestosLocales/{L}RetencionesLocales")


def _described(change: Callable[[str], str]) -> Fault:
    def describe(paper: Paper) -> None:
        first = _concepts(paper)[0]
        first.set("Descripcion", change(first.get("Descripcion", "")))

    return Fault(DRAWN, describe)


def _priced(paper: Paper) -> None:
    """100.00 more on the first concept, its withholding at the same rate."""
    first = _concepts(paper)[0]
    price = Decimal(first.get("Importe", "0")) + 100
    for name in ("Importe", "ValorUnitario"):
        first.set(name, f"{price:.2f}")
    for tax in first.iterfind(f"{C}Impuestos/*/*"):
        tax.set("Base", f"{price:.2f}")
        if tax.get("TasaOCuota"):
            tax.set("Importe", f"{round_money(price * Decimal(tax.get('TasaOCuota', '0')), 'MXN'):.2f}")
    for line in _local_lines(paper):
        more = round_money(Decimal(line.get("TasadeRetencion", "0")), "MXN")
        line.set("Importe", f"{Decimal(line.get('Importe', '0')) + more:.2f}")


def _one_more_concept(paper: Paper) -> None:
    from config.demo.samples.invoices import add_concept

    parent = paper.root.find(f"{C}Conceptos")
    assert parent is not None  # we made it
    add_concept(
        parent, "Material de curación", Decimal("50.00"), [c for c in paper.components if c["component"] == "ISR"]
    )
    for line in _local_lines(paper):
        more = round_money(Decimal(line.get("TasadeRetencion", "0")) / 2, "MXN")
        line.set("Importe", f"{Decimal(line.get('Importe', '0')) + more:.2f}")


def _iva(rate: str) -> Fault:
    def charge(paper: Paper) -> None:
        for tax in paper.root.iterfind(f"{C}Conceptos/{C}Concepto/{C}Impuestos/{C}Traslados/{C}Traslado"):
            value = round_money(Decimal(tax.get("Base", "0")) * Decimal(rate), "MXN")
            tax.attrib.update({"TipoFactor": "Tasa", "TasaOCuota": rate, "Importe": f"{value:.2f}"})

    return Fault(DRAWN, charge)


def _without(path: str) -> Fault:
    def remove(paper: Paper) -> None:
        for concept in _concepts(paper):
            for element in concept.findall(path):
                parent = element.getparent()
                assert parent is not None  # found below the concept
                parent.remove(element)
                if parent.tag == f"{C}Impuestos" and not len(parent):
                    concept.remove(parent)

    return Fault(DRAWN, remove)


def _withheld(tax: str, rate: str, *, replace_isr: bool = False, cents_more: int = 0) -> Fault:
    """Another withholding on every concept, or the ISR at another rate, or some cents more of it."""

    def change(paper: Paper) -> None:
        for concept in _concepts(paper):
            parent = concept.find(f"{C}Impuestos/{C}Retenciones")
            if parent is None:
                continue
            model = parent[0]
            element = model if replace_isr else etree.SubElement(parent, f"{C}Retencion", dict(model.attrib))
            used = rate or model.get("TasaOCuota", "0")
            value = round_money(Decimal(model.get("Base", "0")) * Decimal(used), "MXN") + Decimal(cents_more) / 100
            element.attrib.update({"Impuesto": tax, "TasaOCuota": used, "Importe": f"{value:.2f}"})

    return Fault(DRAWN, change)


def _no_local(paper: Paper) -> None:
    complement = paper.root.find(f"{C}Complemento")
    if complement is not None:
        paper.root.remove(complement)


def _local_among_federal(paper: Paper) -> None:
    lines = _local_lines(paper)
    rate = Decimal(lines[0].get("TasadeRetencion", "0")) / 100
    _no_local(paper)
    _withheld("001", f"{rate:.6f}").change(paper)


def _extra_local(paper: Paper) -> None:
    complement = paper.root.find(f"{C}Complemento")
    if complement is None:
        complement = etree.SubElement(paper.root, f"{C}Complemento")
        etree.SubElement(
            complement, f"{L}ImpuestosLocales", version="1.0", TotaldeRetenciones="0.00", TotaldeTraslados="0.00"
        )
    values = {"ImpLocRetenido": "Impuesto 5 al millar", "TasadeRetencion": "0.50", "Importe": "7.50"}
    etree.SubElement(complement[0], f"{L}RetencionesLocales", values)


def _local_cents(paper: Paper) -> None:
    for line in _local_lines(paper):
        line.set("Importe", f"{Decimal(line.get('Importe', '0')) + Decimal('0.05'):.2f}")


def _signed_by(**changes: object) -> Fault:
    def change(paper: Paper) -> None:
        paper.signer = authority.holder(paper.issuer["rfc"], paper.issuer["name"], **changes)  # type: ignore[arg-type]

    return Fault(SUMMED, change)


def _expired(paper: Paper) -> None:
    end = (paper.issued_at - timedelta(days=1)).replace(tzinfo=UTC)
    paper.signer = authority.holder(paper.issuer["rfc"], paper.issuer["name"], valid_to=end)


def _other_holder(paper: Paper) -> None:
    paper.signer = authority.holder("XIQB891116QE4", "BERENICE XIMO QUEZADA")


def _other_issuer(paper: Paper) -> None:
    emisor = paper.root.find(f"{C}Emisor")
    assert emisor is not None  # we made it
    paper.issuer |= {"rfc": "FUNK671228PH6", "name": "KARLA FUENTE NOLASCO"}
    emisor.attrib.update({"Rfc": paper.issuer["rfc"], "Nombre": paper.issuer["name"]})


def _other_serial(paper: Paper) -> None:
    signer = authority.holder(paper.issuer["rfc"], paper.issuer["name"])
    paper.signer = replace(signer, serial="30001000000999999999")


def _in_future(paper: Paper) -> None:
    paper.issued_at += timedelta(days=20)
    paper.stamped_at += timedelta(days=20)
    paper.root.set("Fecha", paper.issued_at.isoformat())


def _stamped_after(hours: int) -> Fault:
    def change(paper: Paper) -> None:
        paper.stamped_at = paper.issued_at + timedelta(hours=hours)

    return Fault(SUMMED, change)


def _no_stamp(paper: Paper) -> None:
    paper.stamps = False


def _no_seal(paper: Paper) -> None:
    paper.stamps = False
    for name in ("Sello", "Certificado", "NoCertificado"):
        paper.root.attrib.pop(name, None)


def _unknown_pac(paper: Paper) -> None:
    paper.pac = authority.pac("Otro PAC", "30001000000900000099")


def _stamps(paper: Paper) -> list[etree._Element]:
    return paper.root.findall(f"{C}Complemento/{T}TimbreFiscalDigital")


def _copied_stamp(paper: Paper) -> None:
    """A true stamp, made for another seal."""
    own, element = paper.root.get("Sello", ""), _stamps(paper)[0]
    element.getparent().remove(element)  # type: ignore[union-attr]
    paper.root.set("Sello", own[::-1].lstrip("=") + "==")
    stamp(paper.root, authority.pac(), uuid=paper.uuid, at=paper.stamped_at, rfc=authority.PAC_RFC)
    paper.root.set("Sello", own)


def _two_stamps(paper: Paper) -> None:
    stamp(paper.root, authority.pac(), uuid=paper.uuid, at=paper.stamped_at, rfc=authority.PAC_RFC)


def _edited_stamp(paper: Paper) -> None:
    _stamps(paper)[0].set("FechaTimbrado", (paper.stamped_at + timedelta(minutes=1)).isoformat())


def _amount(name: str, change: Callable[[Decimal], str]) -> Fault:
    def mend(paper: Paper) -> None:
        paper.root.set(name, change(Decimal(paper.root.get(name, "0"))))

    return Fault(SUMMED, mend)


def _rewrite(content: Callable[[bytes], bytes]) -> Fault:
    def change(paper: Paper) -> None:
        paper.content = content(paper.content)

    return Fault(WRITTEN, change)


_TAX = f"{C}Conceptos/{C}Concepto/{C}Impuestos"
_RECEIVER = f"{C}Receptor"
_CONCEPT = f"{C}Conceptos/{C}Concepto"


def _without_words(words: Sequence[str]) -> Callable[[str], str]:
    """A description that lost its account, its patient, or both."""

    def strip(text: str) -> str:
        kept = [part for part in text.replace(". ", "|", 1).replace(", ", "|").split("|")]
        return ". ".join(part for part in kept if not part.lower().startswith(tuple(words))) or "Consulta"

    return strip


INVOICE_FAULTS: dict[str, Fault] = {
    "not_cfdi": _rewrite(lambda content: b'<?xml version="1.0"?><nota>hola</nota>'),
    "old_version": attribute(".", "Version", "3.3"),
    "egress": attribute(".", "TipoDeComprobante", "E"),
    "payment_kind": attribute(".", "TipoDeComprobante", "P"),
    "no_currency": attribute(".", "Moneda", None),
    "unknown_zip": attribute(".", "LugarExpedicion", "00001"),
    "odd_amount": _amount("Total", lambda value: f"{value:.2f}".replace(".", "X")),
    "three_decimals": _amount("Total", lambda value: f"{value:.3f}"),
    "unsealed": Fault(SEALED, _no_seal),
    "altered": attribute(".", "LugarExpedicion", "06600", STAMPED),
    "other_certificate": Fault(SUMMED, _other_holder),
    "expired_certificate": Fault(SUMMED, _expired),
    "forged_certificate": _signed_by(forged=True),
    "unknown_authority": _signed_by(by="Otra autoridad"),
    "other_serial": Fault(SUMMED, _other_serial),
    "broken_certificate": attribute(".", "Certificado", "AAAA", SEALED),
    "unstamped": Fault(SEALED, _no_stamp),
    "copied_stamp": Fault(STAMPED, _copied_stamp),
    "two_stamps": Fault(STAMPED, _two_stamps),
    "edited_stamp": Fault(STAMPED, _edited_stamp),
    "unknown_pac": Fault(SEALED, _unknown_pac),
    "late_stamp": _stamped_after(80),
    "early_stamp": _stamped_after(-24),
    "other_issuer": Fault(SUMMED, _other_issuer),
    "other_regime": attribute(f"{C}Emisor", "RegimenFiscal", "605"),
    "receiver_rfc": attribute(_RECEIVER, "Rfc", "AAA010101AAA"),
    "receiver_name": attribute(_RECEIVER, "Nombre", "OTRA ASEGURADORA"),
    "receiver_zip": attribute(_RECEIVER, "DomicilioFiscalReceptor", "44100"),
    "receiver_regime": attribute(_RECEIVER, "RegimenFiscalReceptor", "603"),
    "receiver_use": attribute(_RECEIVER, "UsoCFDI", "D01"),
    "pue": attribute(".", "MetodoPago", "PUE"),
    "no_method": attribute(".", "MetodoPago", None),
    "form_03": attribute(".", "FormaPago", "03"),
    "no_form": attribute(".", "FormaPago", None),
    "dollars": attribute(".", "Moneda", "USD"),
    "export": attribute(".", "Exportacion", "02"),
    "future": Fault(SUMMED, _in_future),
    "no_account": _described(_without_words(["cuenta"])),
    "no_patient": _described(_without_words(["paciente"])),
    "no_account_no_patient": _described(_without_words(["cuenta", "paciente"])),
    "more_than_payable": Fault(DRAWN, _priced),
    "one_more_concept": Fault(DRAWN, _one_more_concept),
    "other_product": attribute(_CONCEPT, "ClaveProdServ", "43211503"),
    "other_unit": attribute(_CONCEPT, "ClaveUnidad", "H87"),
    "wrong_product": attribute(_CONCEPT, "Cantidad", "2"),
    "object_01": attribute(_CONCEPT, "ObjetoImp", "01"),
    "no_iva": _without(f"{C}Impuestos/{C}Traslados"),
    "iva_zero": _iva("0.000000"),
    "iva_16": _iva("0.160000"),
    "iva_base": attribute(f"{_TAX}/{C}Traslados/{C}Traslado", "Base", "1.00"),
    "iva_summary": attribute(f"{C}Impuestos/{C}Traslados/{C}Traslado", "Base", "1.00"),
    "iva_withheld": _withheld("002", "0.106667"),
    "no_isr": _without(f"{C}Impuestos/{C}Retenciones"),
    "isr_rate": _withheld("001", "0.200000", replace_isr=True),
    "isr_amount": _withheld("001", "", replace_isr=True, cents_more=5),
    "extra_local": Fault(DRAWN, _extra_local),
    "no_local": Fault(DRAWN, _no_local),
    "local_among_federal": Fault(DRAWN, _local_among_federal),
    "local_fraction": attribute(f"{C}Complemento/{L}ImpuestosLocales/{L}RetencionesLocales", "TasadeRetencion", "0.03"),
    "local_amount": Fault(DRAWN, _local_cents),
    "local_name": attribute(f"{C}Complemento/{L}ImpuestosLocales/{L}RetencionesLocales", "ImpLocRetenido", "Otro"),
    "local_sum": attribute(f"{C}Complemento/{L}ImpuestosLocales", "TotaldeRetenciones", "1.00"),
    "withheld_sum": attribute(f"{C}Impuestos", "TotalImpuestosRetenidos", "1.00"),
    "subtotal": _amount("SubTotal", lambda value: f"{value + 1:.2f}"),
    "discount": attribute(".", "Descuento", "10.00"),
    "total": _amount("Total", lambda value: f"{value + Decimal('0.01'):.2f}"),
}
