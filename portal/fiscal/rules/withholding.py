"""Withholdings: how much, and which scheme an invoice follows (domain 1.2, rulings C1, C2). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.errors import Finding
from portal.fiscal.expectations import Component, InvoiceExpectation, Scheme
from portal.fiscal.facts import ZERO, CfdiFacts, Concept, LocalTax, Tax, amount
from portal.fiscal.findings import say
from portal.fiscal.rules.common import money, plain, short
from portal.money import apply_rate, format_rate

ISR, LOCAL = "ISR", "LOCAL"
_LABELS = {ISR: "ISR", LOCAL: "impuesto local"}
_ISR_CODE = "001"
_LOCAL_WORDS = ("cedular", "impuesto", "local", "estatal", "honorarios", "jal", "trabajo personal", "remuneraciones")
DEFAULT_TOLERANCE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class WithheldLine:
    """One withholding: component ISR or LOCAL, rate as a fraction, base and amount in pesos."""

    component: str
    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Match:
    """The scheme an invoice follows: its code and rule, empty when none does, and what is to be said."""

    code: str
    rule: str
    findings: tuple[Finding, ...]


def withhold(base: Decimal, components: Iterable[Component]) -> list[WithheldLine]:
    """Lines for a fee, ISR before LOCAL, each half-up to the cent once (S0.20–S0.23). `base` excludes IVA."""
    ordered = sorted(components, key=lambda component: component["component"] != ISR)
    return [
        WithheldLine(one["component"], Decimal(one["rate"]), base, apply_rate(base, Decimal(one["rate"]), "MXN"))
        for one in ordered
    ]


def match_scheme(facts: CfdiFacts, expected: InvoiceExpectation) -> Match:
    """The scheme whose rates and amounts the invoice shows; required ones win over those accepted with a warning."""
    schemes = sorted(expected.get("schemes") or [], key=lambda scheme: scheme.get("enforcement") != "required")
    tolerance = Decimal(str(expected.get("tolerance") or DEFAULT_TOLERANCE))
    found, remarks = _found(facts, schemes)
    for scheme in schemes:
        if not _differences(scheme, found, facts.concepts, tolerance):
            review = [] if scheme.get("enforcement") == "required" else [say("scheme_review", scheme=scheme["code"])]
            return Match(scheme["code"], str(scheme.get("rule", "")), (*remarks, *review))
    if not schemes:
        return Match("", "", tuple(remarks))
    nearest = max(schemes, key=lambda scheme: (scheme.get("enforcement") == "required", _likeness(scheme, found)))
    return Match("", "", (*remarks, *_differences(nearest, found, facts.concepts, tolerance)))


Found = dict[str, dict[Decimal, Decimal]]


def _found(facts: CfdiFacts, schemes: Sequence[Scheme]) -> tuple[Found, list[Finding]]:
    """Amounts by component and rate as the invoice has them, mended where the fault has its own sentence."""
    found: Found = {ISR: {}, LOCAL: {}}
    remarks: list[Finding] = []
    for concept in facts.concepts:
        for tax in concept.withheld:
            if tax.tax == _ISR_CODE and not withholds_nothing(tax):
                _add(found[ISR], amount(tax.rate), amount(tax.amount))
    local_rates = {Decimal(c["rate"]) for s in schemes for c in s["components"] if c["component"] == LOCAL}
    for line in facts.local_withheld:
        if withholds_nothing(line):
            continue
        written = amount(line.percentage)
        rate = None if written is None else written / 100
        if rate is not None and rate not in local_rates and written in local_rates:
            remarks.append(say("local_rate_as_fraction", found=line.percentage, expected=f"{written * 100:.2f}"))
            rate = written
        _add(found[LOCAL], rate, amount(line.amount))
        if not any(word in plain(line.name) for word in _LOCAL_WORDS):
            remarks.append(say("local_name", found=short(line.name, 60)))
    federal_rates = {Decimal(c["rate"]) for s in schemes for c in s["components"] if c["component"] == ISR}
    for rate in [rate for rate in found[ISR] if rate in local_rates - federal_rates and not found[LOCAL]]:
        found[LOCAL][rate] = found[ISR].pop(rate)
        remarks.append(say("local_tax_in_federal", rate=format_rate(rate)))
    return found, remarks


def withholds_nothing(line: Tax | LocalTax) -> bool:
    """A line of 0 % and 0.00: systems write it where there is nothing to withhold. A rate or an amount alone counts."""
    rate = line.rate if isinstance(line, Tax) else line.percentage
    return amount(rate) == 0 == amount(line.amount)


def _add(rates: dict[Decimal, Decimal], rate: Decimal | None, value: Decimal | None) -> None:
    if rate is not None and value is not None:
        rates[rate] = rates.get(rate, ZERO) + value


def _likeness(scheme: Scheme, found: Found) -> int:
    return sum(Decimal(one["rate"]) in found[one["component"]] for one in scheme["components"])


def _differences(scheme: Scheme, found: Found, concepts: Sequence[Concept], tolerance: Decimal) -> list[Finding]:
    """Expected against found, one finding per component that differs."""
    said = []
    rest = {component: dict(rates) for component, rates in found.items()}
    base = net(concepts)
    for one in withhold(base, scheme["components"]):
        mine = rest[one.component]
        shown = mine.pop(one.rate, None)
        if shown is not None and _agrees(shown, one, concepts, tolerance):
            continue
        told = {"component": _LABELS[one.component], "rate": format_rate(one.rate), "expected": money(one.amount)}
        if shown is not None:
            said.append(say("withholding_amount", found=money(shown), base=money(base), **told))
        elif mine:
            rate, shown = mine.popitem()
            said.append(say("withholding_rate", found=money(shown), found_rate=format_rate(rate), **told))
        else:
            said.append(say("withholding_missing", base=money(base), **told))
    for component, rates in rest.items():
        for rate, shown in rates.items():
            told = {"component": _LABELS[component], "rate": format_rate(rate), "found": money(shown)}
            said.append(say("withholding_extra", **told))
    return said


def _agrees(shown: Decimal, line: WithheldLine, concepts: Sequence[Concept], tolerance: Decimal) -> bool:
    """To the cent, rounding the sum or each concept: systems do either, and both are lawful."""
    by_concept = sum((apply_rate(net([concept]), line.rate, "MXN") for concept in concepts), ZERO)
    return min(abs(shown - line.amount), abs(shown - by_concept)) <= tolerance


def net(concepts: Sequence[Concept]) -> Decimal:
    """Σ (Importe − Descuento), pesos; what cannot be read counts as nothing and has its own finding."""
    return sum(((amount(c.amount) or ZERO) - (amount(c.discount) or ZERO) for c in concepts), ZERO)
