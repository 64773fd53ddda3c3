"""An invoice held line by line against what we have: its parties, orders and withholdings, and what it said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from billing import rules
from billing.models import Complement, ComplementPayment, Invoice
from billing.selectors.figures import COMPONENT_LABELS
from billing.selectors.parts import money
from portal.design import dates
from portal.design.reviewing import Fact, differences_first, fact
from portal.fiscal.facts import amount as read_amount
from portal.money import ZERO, format_rate

HEADS = ("Lo que tenemos", "Lo que dice el CFDI")
ORDER_HEADS = ("Orden", "Concepto del CFDI")
SCHEME_HEADS = ("Por su esquema", "Lo que dice el CFDI")
CHANGED_HEADS = ("Antes", "Ahora")
PAPER = "Archivo PDF"
ISR = "001"  # SAT's key of the tax


def parties(found: Invoice, *, regime: str) -> list[Fact]:
    """Who bills whom and on which terms; `regime` is the physician's on the invoice's date."""
    issuer, receiver, fields = (found.facts.get(name) or {} for name in ("issuer", "receiver", "fields"))
    insurer = found.insurer
    return differences_first(
        [
            fact("RFC de quien emite", found.party.rfc, _text(issuer, "rfc")),
            fact("Nombre de quien emite", found.party.name, _text(issuer, "name")),
            fact("Régimen de quien emite", regime, _text(issuer, "regime")),
            fact("RFC de quien recibe", insurer.rfc, _text(receiver, "rfc")),
            fact("Nombre de quien recibe", insurer.name, _text(receiver, "name")),
            fact("Código postal", insurer.zip_code, _text(receiver, "zip")),
            fact("Régimen de quien recibe", insurer.fiscal_regime, _text(receiver, "regime")),
            fact("Método y forma de pago", "PPD 99", f"{_text(fields, 'MetodoPago')} {_text(fields, 'FormaPago')}"),
            fact("Moneda", found.currency, _text(fields, "Moneda")),
            _shown_uuid(found),
        ]
    )


def _shown_uuid(found: Invoice) -> Fact:
    """The fiscal folio of the XML against the one that can be read in its PDF."""
    seen = found.pdf.facts.get("uuids") or [] if found.pdf else []
    theirs = ", ".join(seen) if seen else "No se lee en el PDF"
    return fact("Folio fiscal del XML y del PDF", found.uuid, theirs, same=found.uuid in seen, why="Míralo en el PDF")


def orders(found: Invoice, lines: Sequence[Mapping[str, str]]) -> list[Fact]:
    """Each order against the concepts that bill it; what bills no order stands at the end."""
    asked = [(one["account"], one["patient"], Decimal(one["payable"])) for one in lines]
    concepts = [(_text(one, "description"), _amount(one.get("amount"))) for one in found.facts.get("concepts", [])]
    billed, over = rules.hold_orders(asked, concepts)
    return [
        *differences_first(_billed(one) for one in billed),
        *(Fact("Sin orden", "", f"{text}: {money(amount)}", True, "Ninguna orden lo pide") for text, amount in over),
    ]


def _billed(one: rules.Billed) -> Fact:
    theirs = f"{'; '.join(one.texts)}: {money(one.amount)}" if one.texts else ""
    ours = f"{one.patient}: {money(one.payable)}"
    if one.texts and one.asked != one.payable:
        ours = f"{ours}, de {money(one.asked)} en el mismo concepto"
    why = "Otro importe" if one.texts else "No la nombra"
    return Fact(one.account, ours, theirs, not one.fits, "" if one.fits else why)


def withholdings(found: Invoice, withheld: rules.WithholdingSum) -> list[Fact]:
    """The scheme's sum against the CFDI's, tax by tax: base, each withholding with its rate, total."""
    fields = found.facts.get("fields") or {}
    by_scheme = {one.component: one for one in withheld.lines}
    facts = [_sum("Subtotal", withheld.base, fields.get("SubTotal"))]
    for component, (rates, total) in _withheld(found).items():
        mine = by_scheme.get(component)
        if mine is None and not total:
            continue
        ours = f"{format_rate(mine.rate)}, {money(mine.amount)}" if mine else "No se retiene"
        theirs = _written(rates, total) or "No lo retiene"
        alike = (mine.amount if mine else ZERO) == total
        facts.append(fact(COMPONENT_LABELS[component], ours, theirs, same=alike, why="Otro importe"))
    return [*facts, _sum("Total", withheld.payable, fields.get("Total"))]


def _withheld(found: Invoice) -> dict[str, tuple[list[str], Decimal]]:
    """Rates and sum of what the CFDI withholds, by the component of our schemes."""
    federal = [one for one in found.facts.get("withheld", []) if one.get("tax") == ISR]
    local = found.facts.get("local_withheld", [])
    told = [tax for concept in found.facts.get("concepts", []) for tax in concept.get("withheld", [])]
    rates = {format_rate(_amount(one.get("rate"))) for one in told if one.get("tax") == ISR and one.get("rate")}
    shares = {format_rate(_amount(one.get("percentage")) / 100) for one in local}
    return {
        "ISR": (sorted(rates), sum((_amount(one.get("amount")) for one in federal), ZERO)),
        "LOCAL": (sorted(shares), sum((_amount(one.get("amount")) for one in local), ZERO)),
    }


def _written(rates: Sequence[str], total: Decimal) -> str:
    """Rates and sum of a tax; "" where nothing is withheld."""
    return ", ".join([*rates, money(total)]) if rates or total else ""


def _sum(label: str, ours: Decimal, theirs: str | None) -> Fact:
    found = read_amount(theirs)
    told = money(found) if found is not None else ""
    return fact(label, money(ours), told, same=found == ours, why="Otro importe")


def _amount(text: str | None) -> Decimal:
    return read_amount(text) or ZERO


def _text(part: Mapping[str, Any], name: str) -> str:
    return str(part.get(name) or "")


# --- what a corrected one says otherwise -----------------------------------------------------------------------------


def seen(found: Invoice) -> dict[str, str]:
    """What the papers of an invoice say, datum by datum: kept with each decision, so that a change can be told."""
    issuer, receiver, fields = (found.facts.get(name) or {} for name in ("issuer", "receiver", "fields"))
    told = {
        "Folio fiscal": found.uuid,
        "Fecha": _text(fields, "Fecha"),
        "Quien emite": f"{_text(issuer, 'rfc')} {_text(issuer, 'name')}",
        "Quien recibe": f"{_text(receiver, 'rfc')} {_text(receiver, 'name')}",
        "Método y forma de pago": f"{_text(fields, 'MetodoPago')} {_text(fields, 'FormaPago')}",
        "Subtotal": _text(fields, "SubTotal"),
        "Total": _text(fields, "Total"),
    }
    for component, (rates, total) in _withheld(found).items():
        told[COMPONENT_LABELS[component]] = _written(rates, total)
    for number, one in enumerate(found.facts.get("concepts", []), 1):
        told[f"Concepto {number}"] = f"{_text(one, 'product')} {_text(one, 'description')}: {_text(one, 'amount')}"
    if found.pdf:
        told[PAPER] = f"{found.pdf.display_name}, {found.pdf.sha256[:8]}"
    return told


def changes(found: Invoice, before: Mapping[str, str]) -> list[Fact]:
    """What a corrected invoice says otherwise than when it was given back."""
    return [Fact(label, was, now, False) for label, was, now in rules.changed(before, seen(found))]


# --- complements -----------------------------------------------------------------------------------------------------

TRANSFER = "03"  # SAT's key of an electronic transfer: the only way in which the portal pays


def complement(found: Complement, payments: Sequence[ComplementPayment], *, paid: Decimal) -> list[Fact]:
    """A complement against its deposit: parties, day, way and amount, and the fiscal folio of each invoice it pays."""
    issuer, receiver = (found.facts.get(name) or {} for name in ("issuer", "receiver"))
    nodes, transfer = found.facts.get("payment_nodes", []), found.transfer
    days = sorted({str(one["on"]) for one in nodes})
    ways = sorted({str(one["form"]) for one in nodes})
    named = {str(one["uuid"]) for one in found.facts.get("payments", [])}
    insurer = payments[0].invoice.insurer.rfc if payments else ""
    on = transfer.paid_on.isoformat() if transfer.paid_on else ""
    facts = [
        fact("RFC de quien emite", found.party.rfc, _text(issuer, "rfc")),
        fact("RFC de quien recibe", insurer, _text(receiver, "rfc")),
        fact("Fecha del pago", _days([on]), _days(days), same=days == [on]),
        fact("Forma de pago", TRANSFER, ", ".join(ways), same=ways == [TRANSFER]),
        fact("Importe", money(transfer.amount), money(paid), same=paid == transfer.amount, why="Paga una parte"),
    ]
    for one in payments:
        theirs = one.invoice.uuid if one.invoice.uuid in named else ""
        facts.append(fact(f"Folio fiscal de {one.invoice.folio}", one.invoice.uuid, theirs))
    return differences_first(facts)


def _days(written: Sequence[str]) -> str:
    return ", ".join(dates.short(date.fromisoformat(one)) for one in written if one)
