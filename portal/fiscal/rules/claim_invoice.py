"""The judgement of a family's CFDI: what they paid, by whom it was billed to whom, and when (domain 6, S3.26). Pure.

Withholdings, IVA, method and form of payment are the issuer's affair; what a family cannot mend itself is asked of who
issued it. Each concept becomes a line of the expense, its taxes inside; the lines add up to the total to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from portal import names
from portal.errors import Finding, Level
from portal.fiscal.expectations import ClaimInvoiceExpectation, FamilyMember
from portal.fiscal.facts import CENT, ZERO, CfdiFacts, Concept, Tax, amount, cents
from portal.fiscal.findings import say
from portal.fiscal.rules.common import (
    STAMP_HOURS,
    date_findings,
    day,
    file_findings,
    key_findings,
    money,
    not_given,
    schema_findings,
    seal_findings,
    short,
)
from portal.fiscal.rules.invoice import total_findings, unreadable_amounts
from portal.fiscal.rules.withholding import net
from portal.fiscal.sentences import ASK_ISSUER, DOWNLOAD

_EXPECTED = {
    "family": "que esté a nombre de alguien de la familia",
    "insurer_rfc": "que no esté a nombre de la aseguradora",
    "on": "que la fecha no sea futura",
}
_YEARS = "que la fecha caiga en un año del seguro"
GENERIC = frozenset({"XAXX010101000", "XEXX010101000"})
PAID_LATER = "PPD"
# What a family can do about a file by itself; every other fault is for the issuer to mend.
_THEIRS = frozenset(
    {"not_cfdi", "wrong_namespace", "retention_certificate", "wrong_kind_expense", "receiver_insurer"}
    | {"receiver_of_nobody"}
)
# The SAT's product keys of medicines, and of services that a hospital bills.
_MEDICINES, _HOSPITAL = "51", "8510"


@dataclass(frozen=True, slots=True)
class ExpenseLine:
    """One concept with its taxes and its part of the local ones; `odd` are the cents that rounding left."""

    concept: str
    amount: Decimal
    odd: Decimal = ZERO


def judge_claim_invoice(facts: CfdiFacts, expected: ClaimInvoiceExpectation) -> list[Finding]:
    """Everything wrong with a family's invoice, in reading order. A fact that `expected` lacks gives `not_checked`."""
    return [_told_to_family(finding) for finding in _judge(facts, expected)]


def _judge(facts: CfdiFacts, expected: ClaimInvoiceExpectation) -> list[Finding]:
    wrong_file = file_findings(facts, "I", "E", wrong="wrong_kind_expense")
    if wrong_file:
        return wrong_file
    seal = seal_findings(facts, max_hours=int(expected.get("stamp_hours") or STAMP_HOURS))
    malformed = schema_findings(facts)
    if malformed:
        return malformed + seal
    unreadable = unreadable_amounts(facts)
    sums = [] if unreadable else total_findings(facts) or [*_lines_apart(facts)]
    return [
        *key_findings(facts),
        *seal,
        *([say("credit_note")] if facts.kind == "E" else []),
        *_receiver(facts, expected),
        *_patients(facts, expected),
        *_dates(facts, expected),
        *_currency(facts),
        *unreadable,
        *sums,
        *not_given(expected, _EXPECTED),
        *([say("not_checked", what=_YEARS)] if expected.get("years") is None else []),
    ]


def _told_to_family(finding: Finding) -> Finding:
    """The same finding; where its cure is the issuer's work, they are asked for it."""
    if finding.level != Level.ERROR or finding.code in _THEIRS or finding.cure == DOWNLOAD:
        return finding
    return replace(finding, cure=ASK_ISSUER)


# --- to whom, when, in what ------------------------------------------------------------------------------------------


def _receiver(facts: CfdiFacts, expected: ClaimInvoiceExpectation) -> Iterator[Finding]:
    rfc, name = facts.receiver.get("rfc", "").strip().upper(), facts.receiver.get("name", "")
    told = {"found": short(rfc) or "sin RFC", "name": short(name) or "nadie"}
    family = expected.get("family") or []
    if rfc and rfc == (expected.get("insurer_rfc") or "").strip().upper():
        yield say("receiver_insurer", found=told["found"])
    elif not family or rfc in {(one["rfc"] or "").strip().upper() for one in family} - {""}:
        return
    elif rfc in GENERIC and any(_is_named(name, one) for one in family):
        yield say("receiver_generic", **told)
    elif any(not one["rfc"] and _is_named(name, one) for one in family):
        yield say("receiver_rfc_not_known", **told)
    else:
        yield say("receiver_of_nobody", **told)


def _is_named(name: str, member: FamilyMember) -> bool:
    """Whether a name is a member's: the same words in any order, other blanks, or read in part (a person looks)."""
    wanted = member["name"]
    if not names.word_key(wanted):
        return False
    alike = names.same(name, wanted) or names.word_key(name) == names.word_key(wanted)
    return alike or names.find(name, wanted).found is names.Found.DOUBTFUL


def _patients(facts: CfdiFacts, expected: ClaimInvoiceExpectation) -> Iterator[Finding]:
    """Several of the family named whole in the concepts: each CFDI is of one claim, and each claim of one person.

    A name that stands inside another found one is that one's.
    """
    text = "\n".join(concept.description for concept in facts.concepts)
    named = {names.word_key(one["name"]): one["name"] for one in expected.get("family") or [] if _stands(text, one)}
    found = [name for key, name in named.items() if not any({*key.split()} < {*other.split()} for other in named)]
    if len(found) > 1:
        yield say("two_patients", count=len(found), names=", ".join(f"«{short(name)}»" for name in sorted(found)))


def _stands(text: str, member: FamilyMember) -> bool:
    whole = names.find(text, member["name"]).found is names.Found.WHOLE
    return whole and len(names.word_key(member["name"]).split()) > 1


def _dates(facts: CfdiFacts, expected: ClaimInvoiceExpectation) -> list[Finding]:
    """In the future first; else outside every policy year, and too long ago."""
    issued, oldest = day(facts.header.get("Fecha", "")), day(expected.get("oldest"))
    future = date_findings(facts, {"on": expected.get("on")})
    if future or issued is None:
        return future
    told, years = list[Finding](), expected.get("years")
    if years is not None and not any(since <= issued.isoformat() < until for since, until in years):
        told.append(say("issued_outside_policy", found=issued))
    if oldest and issued < oldest:
        told.append(say("issued_long_ago", found=issued, since=oldest))
    return told


def _currency(facts: CfdiFacts) -> Iterator[Finding]:
    found = facts.header.get("Moneda", "")
    if found != "MXN":
        yield say("another_currency", found=short(found) or "nada")


# --- lines -----------------------------------------------------------------------------------------------------------


def expense_lines(facts: CfdiFacts) -> tuple[ExpenseLine, ...]:
    """A line a concept, adding up to the total: Importe − Descuento + taxes − withholdings, local taxes in proportion.

    Each to the cent, the odd cents on the largest line (the first of equals). Empty where an amount cannot be read.
    """
    total = amount(facts.header.get("Total"))
    if total is None or not facts.concepts or unreadable_amounts(facts):
        return ()
    made = [cents(value) for value in _with_taxes(facts)]
    odd, largest = total - sum(made, ZERO), made.index(max(made))
    return tuple(
        ExpenseLine(one.description, value + odd, odd) if place == largest else ExpenseLine(one.description, value)
        for place, (one, value) in enumerate(zip(facts.concepts, made, strict=True))
    )


def needs_payment_proof(facts: CfdiFacts) -> bool:
    """Whether it was to be paid later (PPD), so that its payment has to be shown."""
    return facts.header.get("MetodoPago", "") == PAID_LATER


def guessed(facts: CfdiFacts) -> dict[str, bool]:
    """Whether it seems to be of medicines, or of a hospital, by the SAT's product keys; people correct it."""
    keys = [one.product for one in facts.concepts]
    return {
        "medicines": any(key.startswith(_MEDICINES) for key in keys),
        "hospital": any(key.startswith(_HOSPITAL) for key in keys),
    }


def _with_taxes(facts: CfdiFacts) -> list[Decimal]:
    """Each concept with its taxes and its part of the local ones, unrounded."""
    bases = [net([one]) for one in facts.concepts]
    local = (amount(facts.local_total_transferred or "0") or ZERO) - (amount(facts.local_total_withheld or "0") or ZERO)
    whole = sum(bases, ZERO)
    parts = [local * base / whole if whole else ZERO for base in bases]
    return [
        base + _sum(one.transferred) - _sum(one.withheld) + part
        for one, base, part in zip(facts.concepts, bases, parts, strict=True)
    ]


def _sum(taxes: Sequence[Tax]) -> Decimal:
    return sum((amount(tax.amount or "0") or ZERO for tax in taxes), ZERO)


def _lines_apart(facts: CfdiFacts) -> Iterator[Finding]:
    """More than rounding between the concepts and the total: above a cent for each figure that was rounded."""
    found, total = sum(map(cents, _with_taxes(facts)), ZERO), amount(facts.header.get("Total")) or ZERO
    if abs(total - found) > CENT * sum(map(_figures, facts.concepts)):
        yield say("lines_apart", found=money(found), expected=money(total))


def _figures(concept: Concept) -> int:
    return 1 + len(concept.transferred) + len(concept.withheld)
