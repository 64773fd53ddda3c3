"""The judgement of a physician's invoice against the orders it bills (domain 1.1, S0.14–S0.23, N3). Pure.

One fault gives one finding: where a fault has consequences, the rule that names it silences the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal, localcontext

from portal import names
from portal.errors import Finding
from portal.fiscal.expectations import InvoiceExpectation, Order
from portal.fiscal.facts import ZERO, CfdiFacts, Concept, Tax, amount, cents, decimals_written
from portal.fiscal.findings import say
from portal.fiscal.rules.common import (
    STAMP_HOURS,
    amount_findings,
    date_findings,
    file_findings,
    key_findings,
    money,
    names_account,
    names_person,
    not_given,
    schema_findings,
    seal_findings,
    short,
)
from portal.fiscal.rules.withholding import Match, match_scheme, net, withholds_nothing

_EXPECTED = {
    "issuer_rfc": "que la factura sea tuya",
    "receiver": "a quién se factura",
    "schemes": "las retenciones",
    "orders": "los conceptos y los montos",
    "on": "que la fecha no sea futura",
}
_IVA, _ISR, _EXEMPT = "002", "001", "Exento"
_SERVICES = "E48"
_MEDICAL = ("8510", "8512")
_USE = "G03"
DRAFT_SERIES = "BORRADOR"  # of the XML that the portal writes for an invoicing system to stamp
# Digits of the longest product that the schema allows: two numbers of 18 + 7 digits.
_EXACT = 60

Expected = InvoiceExpectation
Orders = Sequence[Order]


def judge_invoice(facts: CfdiFacts, expected: Expected, match: Match | None = None) -> list[Finding]:
    """Everything wrong with an invoice, in reading order. A fact that `expected` lacks gives `not_checked`.

    Optional: `issuer_regime`, `oldest`, `stamp_hours`, `tolerance`. `match` is the scheme, where it was asked before.
    """
    wrong_file = file_findings(facts, "I", wrong="wrong_kind_invoice")
    if wrong_file:
        return wrong_file
    if facts.seal == "missing" and facts.header.get("Serie") == DRAFT_SERIES:
        return [say("portal_draft")]
    seal = seal_findings(facts, max_hours=int(expected.get("stamp_hours") or STAMP_HOURS))
    malformed = schema_findings(facts)
    if malformed:
        return malformed + seal
    unreadable = unreadable_amounts(facts)
    sums = [] if unreadable else _concepts(facts, expected) + _taxes(facts, expected, match) + _total(facts)
    return [
        *key_findings(facts),
        *seal,
        *_issuer(facts, expected),
        *_receiver(facts, expected),
        *_terms(facts),
        *date_findings(facts, expected),
        *unreadable,
        *sums,
        *not_given(expected, _EXPECTED),
    ]


def _issuer(facts: CfdiFacts, expected: Expected) -> Iterator[Finding]:
    mine, found = expected.get("issuer_rfc"), facts.issuer.get("rfc", "").strip()
    if mine and found != mine:
        yield say("issuer_rfc", found=short(found), expected=mine)
        return
    schemes = expected.get("schemes") or []
    regime = expected.get("issuer_regime") or next((s["regime"] for s in schemes if s.get("regime")), "")
    if regime and facts.issuer.get("regime") != regime:
        yield say("issuer_regime", found=short(facts.issuer.get("regime", "")), expected=regime)


def _receiver(facts: CfdiFacts, expected: Expected) -> Iterator[Finding]:
    wanted, found = expected.get("receiver") or {}, facts.receiver
    if not wanted:
        return
    if wanted.get("rfc") and found.get("rfc", "").strip() != wanted["rfc"]:
        yield say("receiver_rfc", found=short(found.get("rfc", "")), expected=wanted["rfc"])
        return
    if wanted.get("name") and not names.same(found.get("name", ""), wanted["name"]):
        doubtful = names.find(found.get("name", ""), wanted["name"]).found is names.Found.DOUBTFUL
        code = "receiver_name_differs" if doubtful else "receiver_name"
        yield say(code, found=short(found.get("name", "")), expected=wanted["name"])
    if wanted.get("zip") and found.get("zip", "").strip() != wanted["zip"]:
        yield say("receiver_zip", found=short(found.get("zip", "")), expected=wanted["zip"])
    if wanted.get("regime") and found.get("regime") != wanted["regime"]:
        yield say("receiver_regime", found=short(found.get("regime", "")), expected=wanted["regime"])
    use = wanted.get("use") or _USE
    if found.get("use") != use:
        yield say("receiver_use", found=short(found.get("use", "")), expected=use)


def _terms(facts: CfdiFacts) -> Iterator[Finding]:
    wanted = {"MetodoPago": ("payment_method", "PPD"), "FormaPago": ("payment_form", "99")}
    wanted |= {"Moneda": ("currency", "MXN"), "Exportacion": ("export", "01")}
    for attribute, (code, value) in wanted.items():
        found = facts.header.get(attribute, "")
        if found != value:
            yield say(code, found=short(found) or "nada")


def unreadable_amounts(facts: CfdiFacts) -> list[Finding]:
    """Amounts of header, taxes and concepts that cannot be read, are too large, or have too many decimals."""
    header = {name: facts.header.get(name, "") for name in ("SubTotal", "Total")}
    optional = {"Descuento": facts.header.get("Descuento", "")}
    optional |= {"TotalImpuestosRetenidos": facts.total_withheld, "TotalImpuestosTrasladados": facts.total_transferred}
    optional |= {"TotaldeRetenciones": facts.local_total_withheld, "TotaldeTraslados": facts.local_total_transferred}
    lines = {f"Importe del concepto {place}": one.amount for place, one in enumerate(facts.concepts, 1)}
    discounts = ((place, one.discount) for place, one in enumerate(facts.concepts, 1) if one.discount)
    lines |= {f"Descuento del concepto {place}": text for place, text in discounts}
    named = header | {name: text for name, text in optional.items() if text} | lines
    return amount_findings(named, whole_cents=frozenset(header) | frozenset(optional))


# --- concepts --------------------------------------------------------------------------------------------------------


def _concepts(facts: CfdiFacts, expected: Expected) -> list[Finding]:
    said = [*_keys(facts.concepts), *_products(facts.concepts)]
    orders: Orders = expected.get("orders") or []
    if not orders:
        return said
    described = [_described(order, facts.concepts) for order in orders]
    said += [finding for _, finding in described if finding]
    return said + _order_amounts(orders, [places for places, _ in described], facts.concepts)


def _keys(concepts: Sequence[Concept]) -> Iterator[Finding]:
    odd = next((c.product for c in concepts if not c.product.startswith(_MEDICAL)), None)
    if odd is not None:
        yield say("concept_product", found=short(odd))
    unit = next((c.unit for c in concepts if c.unit != _SERVICES), None)
    if unit is not None:
        yield say("concept_unit", found=short(unit))


def _products(concepts: Sequence[Concept]) -> Iterator[Finding]:
    for concept in concepts:
        limits, shown = product_limits(concept), amount(concept.amount)
        if limits and shown is not None and not limits[0] <= shown <= limits[1]:
            yield say("concept_product_sum", found=money(shown), lowest=money(limits[0]), highest=money(limits[1]))
            return


def product_limits(concept: Concept) -> tuple[Decimal, Decimal] | None:
    """Least and most that Importe may say, both included (domain 1.1); None for what cannot be read.

    Cantidad and ValorUnitario are taken as rounded at their last written decimal, so each may be half a unit of it less
    or more; the least product is truncated and the most rounded up to the decimals that Importe shows.
    """
    quantity, price = amount(concept.quantity), amount(concept.unit_price)
    if quantity is None or price is None or amount(concept.amount) is None:
        return None
    half_quantity, half_price = _half_unit(concept.quantity), _half_unit(concept.unit_price)
    unit = Decimal(1).scaleb(-decimals_written(concept.amount))
    with localcontext(prec=_EXACT):
        least = (quantity - half_quantity) * (price - half_price)
        most = (quantity + half_quantity) * (price + half_price)
        return least.quantize(unit, ROUND_DOWN), most.quantize(unit, ROUND_CEILING)


def _half_unit(text: str) -> Decimal:
    return Decimal(1).scaleb(-decimals_written(text)) / 2


def concept_text(orders: Orders) -> str:
    """What the description has to carry (S0.16, S0.17): accounts and patients, ready to copy."""
    return "; ".join(f"Cuenta {order['account']}, paciente {order['patient']}" for order in orders)


def _described(order: Order, concepts: Sequence[Concept]) -> tuple[frozenset[int], Finding | None]:
    """Which concepts bill an order, and what its description lacks."""
    account, patient = str(order["account"]), str(order.get("patient") or "")
    with_account = {n for n, c in enumerate(concepts) if names_account(c.description, account)}
    with_patient = {n for n, c in enumerate(concepts) if patient and names_person(c.description, patient)}
    told = {"account": account, "patient": patient, "text": concept_text([order])}
    if with_account and (not patient or with_account & with_patient):
        return frozenset(with_account), None
    if with_account:
        readings = [names.find(concepts[place].description, patient) for place in sorted(with_account)]
        doubtful = next((one.read for one in readings if one.found is names.Found.DOUBTFUL), "")
        if doubtful:
            return frozenset(with_account), say("patient_differs", found=short(doubtful), **told)
        return frozenset(with_account), say("patient_missing", **told)
    if with_patient:
        return frozenset(with_patient), say("account_missing", **told)
    return frozenset(), say("order_not_described", **told)


def _order_amounts(orders: Orders, places: Sequence[frozenset[int]], concepts: Sequence[Concept]) -> list[Finding]:
    """Concepts against payable, order by order; orders that share a concept are compared together."""
    said: list[Finding] = []
    for members in _sharing(places):
        spots = frozenset[int]().union(*(places[member] for member in members))
        found = net([concepts[spot] for spot in sorted(spots)])
        wanted = sum((Decimal(str(orders[member]["payable"])) for member in members), ZERO)
        if spots and cents(found) != wanted:
            names = ", ".join(f"«Cuenta {orders[member]['account']}»" for member in members)
            said.append(say("order_amount", orders=names, found=money(found), expected=money(wanted)))
    billed = frozenset[int]().union(*places)
    if all(places):
        for spot, concept in enumerate(concepts):
            if spot not in billed and net([concept]):
                text = short(concept.description, 60)
                said.append(say("concept_without_order", description=text, found=money(net([concept]))))
    return said


def _sharing(places: Sequence[frozenset[int]]) -> list[list[int]]:
    """Orders grouped by the concepts they share."""
    groups: list[tuple[list[int], frozenset[int]]] = []
    for order, spots in enumerate(places):
        touching = [group for group in groups if group[1] & spots]
        members = sorted([order, *(member for group in touching for member in group[0])])
        groups = [group for group in groups if group not in touching]
        groups.append((members, spots.union(*(group[1] for group in touching))))
    return [members for members, _ in sorted(groups)]


# --- taxes and total -------------------------------------------------------------------------------------------------


def _taxes(facts: CfdiFacts, expected: Expected, match: Match | None) -> list[Finding]:
    return [*_exempt(facts), *(match or match_scheme(facts, expected)).findings, *_tax_sums(facts)]


def _exempt(facts: CfdiFacts) -> Iterator[Finding]:
    """IVA exempt on every concept and in the summary (LIVA 15-XIV); said once, at the first concept that is wrong."""
    for concept in facts.concepts:
        said = _iva(concept)
        if said:
            yield said
            return
    kept = [tax for c in facts.concepts for tax in c.withheld if tax.tax == _IVA and not withholds_nothing(tax)]
    if kept:
        yield say("iva_withheld", found=money(_sum(kept)))
        return
    base = _sum_bases([tax for c in facts.concepts for tax in c.transferred if tax.factor == _EXEMPT])
    summary = [tax for tax in facts.transferred if tax.tax == _IVA and tax.factor == _EXEMPT]
    if cents(_sum_bases(summary)) != cents(base):
        yield say("iva_summary", expected=money(base))


def _iva(concept: Concept) -> Finding | None:
    if concept.tax_object != "02":
        return say("tax_object", found=short(concept.tax_object))
    lines = [tax for tax in concept.transferred if tax.tax == _IVA]
    if not lines:
        return say("iva_missing")
    rated = [tax for tax in lines if tax.factor != _EXEMPT]
    if rated:
        charged = _sum(rated)
        return say("iva_charged", found=money(charged)) if charged else say("iva_rate_zero")
    base = _sum_bases(lines)
    if cents(base) != cents(net([concept])):
        return say("iva_base", found=money(base), expected=money(net([concept])))
    return None


def _tax_sums(facts: CfdiFacts) -> Iterator[Finding]:
    lines = cents(_sum([tax for concept in facts.concepts for tax in concept.withheld]))
    summary, declared = _sum(facts.withheld), amount(facts.total_withheld or "0") or ZERO
    wrong = next((value for value in (declared, summary) if value != lines), None)
    if wrong is not None:
        yield say("withheld_sum", found=money(wrong), expected=money(lines))
    local = sum((amount(line.amount) or ZERO for line in facts.local_withheld), ZERO)
    told = amount(facts.local_total_withheld or "0") or ZERO
    if local != told:
        yield say("local_sum", found=money(told), expected=money(local))


def _total(facts: CfdiFacts) -> list[Finding]:
    """The total is not asked where taxes that do not add up, said by themselves, explain it."""
    found = total_findings(facts)
    return [] if any(one.code == "total" for one in found) and list(_tax_sums(facts)) else found


def total_findings(facts: CfdiFacts) -> list[Finding]:
    """Subtotal, discount, then the total from what the file itself declares; the first wrong one says it all."""
    concepts = facts.concepts
    gross = cents(sum((amount(c.amount) or ZERO for c in concepts), ZERO))
    less = cents(sum((amount(c.discount) or ZERO for c in concepts), ZERO))
    subtotal, discount = amount(facts.header.get("SubTotal")), amount(facts.header.get("Descuento") or "0")
    if subtotal is not None and subtotal != gross:
        return [say("subtotal", found=money(subtotal), expected=money(gross))]
    if discount is not None and discount != less:
        return [say("discount", found=money(discount), expected=money(less))]
    total, computed = amount(facts.header.get("Total")), facts.computed_total
    if total is None or computed is None or total == computed:
        return []
    return [say("total", found=money(total), expected=money(computed))]


def _sum(taxes: Sequence[Tax]) -> Decimal:
    return sum((amount(tax.amount) or ZERO for tax in taxes), ZERO)


def _sum_bases(taxes: Sequence[Tax]) -> Decimal:
    return sum((amount(tax.base) or ZERO for tax in taxes), ZERO)
