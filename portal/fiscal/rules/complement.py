"""The judgement of a payment complement against the portal's chain of partialities (domain 1.3, N11). Pure.

Expected context: `issuer_rfc`, `receiver_rfc`, `invoices` (uuid, total, issued_on, earlier payments; `base` and
`withheld_isr` may be given for the proportional taxes), `transfer` (on, amount as the bank says; `handed_in`, what
earlier complements of it hold), `on`. `invoices` are those of the transfer that still owe a complement.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from portal.calendars.banking import beside
from portal.errors import Finding
from portal.fiscal.expectations import ComplementExpectation, PaidInvoice
from portal.fiscal.facts import CENT, ZERO, CfdiFacts, PaidDocument, PaymentNode, amount, cents, equivalence
from portal.fiscal.findings import say
from portal.fiscal.rules.common import (
    STAMP_HOURS,
    amount_findings,
    date_findings,
    day,
    file_findings,
    key_findings,
    money,
    not_given,
    plain,
    schema_findings,
    seal_findings,
    short,
)

_EXPECTED = {
    "issuer_rfc": "que el complemento sea tuyo",
    "receiver_rfc": "a quién va dirigido",
    "invoices": "las facturas, parcialidades y saldos",
    "transfer": "la fecha y el monto contra el banco",
    "on": "que la fecha no sea futura",
}
_CONCEPT = ("84111506", "ACT", "pago", "01")
_BY_TRANSFER = "03"
# Up to a peso cent per document may differ by rounding the proportional base.
_TAX_TOLERANCE = Decimal("0.02")

Expected = ComplementExpectation


def judge_complement(facts: CfdiFacts, expected: Expected) -> list[Finding]:
    """Everything wrong with a complement, in reading order. A fact that `expected` lacks gives `not_checked`."""
    wrong_file = file_findings(facts, "P", wrong="wrong_kind_complement")
    if wrong_file:
        return wrong_file
    seal = seal_findings(facts, max_hours=int(expected.get("stamp_hours") or STAMP_HOURS))
    malformed = schema_findings(facts)
    if malformed:
        return malformed + seal
    said = [*key_findings(facts), *seal, *_parties(facts, expected), *_header(facts), *date_findings(facts, expected)]
    if facts.payment_nodes_found != 1:
        found = facts.payment_nodes_found
        node = say("several_payment_nodes", found=found) if found else say("payments_missing")
        return [*said, node, *not_given(expected, _EXPECTED)]
    unreadable = _amounts(facts)
    chain = unreadable or [*_payments(facts, expected), *_chain(facts, expected)]
    return [*said, *chain, *not_given(expected, _EXPECTED)]


def _parties(facts: CfdiFacts, expected: Expected) -> Iterator[Finding]:
    mine, issuer = expected.get("issuer_rfc"), facts.issuer.get("rfc", "").strip()
    if mine and issuer != mine:
        yield say("issuer_rfc", found=short(issuer), expected=mine)
    payer, receiver = expected.get("receiver_rfc"), facts.receiver.get("rfc", "").strip()
    if payer and receiver != payer:
        yield say("receiver_rfc", found=short(receiver), expected=payer)
    if facts.receiver.get("use") != "CP01":
        yield say("rep_use", found=short(facts.receiver.get("use", "")))


def _header(facts: CfdiFacts) -> Iterator[Finding]:
    for name, wanted in {"Moneda": "XXX", "Exportacion": "01"}.items():
        if facts.header.get(name) != wanted:
            yield say("rep_header", field=name, found=short(facts.header.get(name, "")) or "nada", expected=wanted)
    for name in ("SubTotal", "Total"):
        if amount(facts.header.get(name)) != 0:
            yield say("rep_header", field=name, found=short(facts.header.get(name, "")), expected="0")
    for name in ("MetodoPago", "FormaPago"):
        if facts.header.get(name):
            yield say("rep_terms", field=name, found=short(facts.header[name]))
    concepts = [(c.product, c.unit, plain(c.description), c.tax_object) for c in facts.concepts]
    if concepts != [_CONCEPT]:
        yield say("rep_concept")


def _amounts(facts: CfdiFacts) -> list[Finding]:
    named = {"MontoTotalPagos": facts.payment_totals.get("MontoTotalPagos", "")}
    for node in facts.payments:
        named["Monto"] = node.amount
        for document in node.documents:
            names = (("ImpSaldoAnt", document.balance_before), ("ImpPagado", document.paid))
            named |= dict((*names, ("ImpSaldoInsoluto", document.balance_after)))
            found = amount_findings(named, whole_cents=frozenset(named))
            if found:
                return found
    return amount_findings(named, whole_cents=frozenset(named))


# --- the payment against the bank ------------------------------------------------------------------------------------


def _payments(facts: CfdiFacts, expected: Expected) -> Iterator[Finding]:
    for node in facts.payments:
        if node.currency != "MXN":
            yield say("payment_currency", found=short(node.currency))
        if node.form != _BY_TRANSFER:
            yield say("payment_way", found=short(node.form))
        yield from _paid_on(node, expected)
    paid = sum((amount(node.amount) or ZERO for node in facts.payments), ZERO)
    declared = amount(facts.payment_totals.get("MontoTotalPagos")) or ZERO
    if abs(paid - declared) > CENT:
        yield say("payment_total", found=money(declared), expected=money(paid))
    transfer = expected.get("transfer") or {}
    if transfer.get("amount") is not None:
        left = Decimal(str(transfer["amount"])) - Decimal(str(transfer.get("handed_in") or ZERO))
        if paid != left and not _leaves_to_others(facts, expected, paid=paid, left=left):
            yield say("payment_amount", found=money(paid), expected=money(left))
            return
    yield from _assigned(facts)


def _leaves_to_others(facts: CfdiFacts, expected: Expected, *, paid: Decimal, left: Decimal) -> bool:
    """Whether this is one of several complements that add up (domain 1.3): it pays its documents with all it says, and
    the transfer's other invoices owe enough for what remains.
    """
    documents = [document for node in facts.payments for document in node.documents]
    named = {document.uuid.strip().lower() for document in documents}
    others = sum((_last(row)[1] for uuid, row in _invoices(expected).items() if uuid not in named), ZERO)
    assigned = sum(((amount(one.paid) or ZERO) / (equivalence(one.equivalence) or 1) for one in documents), ZERO)
    return cents(assigned) == paid and ZERO < left - paid <= others


def _paid_on(node: PaymentNode, expected: Expected) -> Iterator[Finding]:
    """One sentence about the date: impossible before merely different."""
    paid, on = day(node.paid_on), day(expected.get("on"))
    bank = day((expected.get("transfer") or {}).get("on"))
    by_uuid = _invoices(expected)
    issued = [day(by_uuid[d.uuid.lower()].get("issued_on")) for d in node.documents if d.uuid.lower() in by_uuid]
    latest = max((date for date in issued if date), default=None)
    if paid is None or paid == bank:
        return
    if on and paid > on:
        yield say("paid_in_future", found=paid, on=on)
    elif latest and paid < latest:
        yield say("paid_before_invoice", found=paid, expected=latest)
    elif bank:
        # An evening's transfer belongs to the next operation day, and either date may be written down (domain 1.3).
        before, after = beside(bank)
        yield say("paid_on_beside" if before <= paid <= after else "paid_on", found=paid, expected=bank)


def _assigned(facts: CfdiFacts) -> Iterator[Finding]:
    for node in facts.payments:
        spent = sum(((amount(d.paid) or ZERO) / (equivalence(d.equivalence) or 1) for d in node.documents), ZERO)
        whole = amount(node.amount) or ZERO
        if cents(spent) > whole + CENT:
            yield say("paid_over_amount", found=money(spent), expected=money(whole))
        elif cents(spent) < whole - CENT:
            yield say("amount_not_assigned", found=money(spent), expected=money(whole))


# --- the chain of partialities ---------------------------------------------------------------------------------------


def _invoices(expected: Expected) -> dict[str, PaidInvoice]:
    return {str(invoice["uuid"]).lower(): invoice for invoice in expected.get("invoices") or []}


def _chain(facts: CfdiFacts, expected: Expected) -> Iterator[Finding]:
    """Every document in order, each against the one before it, whether in this file or in an earlier complement."""
    invoices = _invoices(expected)
    if not invoices:
        return
    last = {uuid: _last(invoice) for uuid, invoice in invoices.items()}
    for node in facts.payments:
        for document in node.documents:
            uuid = document.uuid.strip().lower()
            if uuid not in invoices:
                yield say("document_unknown", found=short(document.uuid))
                continue
            number, balance = last[uuid]
            yield from _link(document, number, balance)
            yield from _proportional(document, invoices[uuid])
            last[uuid] = (number + 1, amount(document.balance_after) or ZERO)


def _last(invoice: PaidInvoice) -> tuple[int, Decimal]:
    """Number and balance after the latest earlier payment: zero and the invoice's total when there is none."""
    earlier = sorted(invoice.get("payments") or [], key=lambda payment: int(payment["number"]))
    if not earlier:
        return 0, Decimal(str(invoice["total"]))
    return int(earlier[-1]["number"]), Decimal(str(earlier[-1]["balance_after"]))


def _link(document: PaidDocument, number: int, balance: Decimal) -> Iterator[Finding]:
    if document.currency != "MXN" or (document.equivalence and equivalence(document.equivalence) != 1):
        yield say("document_currency", found=short(f"{document.currency} {document.equivalence}"), expected="MXN y 1")
    if document.number.strip() != str(number + 1):
        yield say("partiality", found=short(document.number), expected=number + 1)
    before, paid, after = amount(document.balance_before), amount(document.paid), amount(document.balance_after)
    if before is None or paid is None or after is None:
        return
    if before != balance:
        yield say("balance_before", found=money(before), expected=money(balance))
    if paid == 0:
        yield say("paid_nothing")
    elif paid > before:
        yield say("paid_over_balance", found=money(paid), expected=money(before))
    elif after != before - paid:
        yield say("balance_after", found=money(after), expected=money(before - paid))


def _proportional(document: PaidDocument, invoice: PaidInvoice) -> Iterator[Finding]:
    """Base and ISR of a partiality are the invoice's in proportion to what is paid of its total."""
    total, paid = Decimal(str(invoice["total"])), amount(document.paid)
    if not total or paid is None:
        return
    kept = [tax for tax in document.withheld if tax.tax == "001"]
    shown = {
        "base": sum((amount(tax.base) or ZERO for tax in kept), ZERO),
        "withheld_isr": sum((amount(tax.amount) or ZERO for tax in kept), ZERO),
    }
    for name, found in shown.items():
        whole = invoice.get(name)
        if whole is None:
            continue
        wanted = cents(Decimal(str(whole)) * paid / total)
        if abs(cents(found) - wanted) > _TAX_TOLERANCE:
            yield say("document_tax", found=money(found), expected=money(wanted))
            return
