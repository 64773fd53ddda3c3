"""A family's CFDI (S3.26, domain 6): to whom, when, in what; and its lines, which add up to the total to the cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.demo import samples
from config.demo.samples import INVOICE_FAULTS
from portal.errors import verdict_of
from portal.fiscal import checks
from portal.fiscal.facts import CfdiFacts, Concept, Tax
from portal.fiscal.findings import FINDINGS
from portal.fiscal.reading import read_cfdi
from portal.fiscal.rules.claim_invoice import expense_lines, guessed, judge_claim_invoice
from portal.fiscal.sentences import ASK_ISSUER, DOWNLOAD, OF_EXPENSES
from tests.factories import papers

ROSA, LUIS = {"name": "Rosa Núñez Peña", "rfc": papers.RECEIVER["rfc"]}, {"name": "Luis Ñuzco", "rfc": None}
CONTEXT: dict[str, Any] = {
    "family": [ROSA, LUIS],
    "insurer_rfc": "AVA010203AB1",
    "years": [["2026-06-01", "2027-06-01"]],
    "on": papers.ON,
    "oldest": "2024-11-22",
}
# Faults of the physician's invoices that are nobody's but the issuer's affair.
ISSUERS = {"no_account", "no_patient", "no_account_no_patient", "more_than_payable", "one_more_concept", "other_unit"}
ISSUERS |= {"object_01", "no_iva", "iva_zero", "iva_base", "iva_summary", "iva_withheld", "no_isr", "isr_rate", "pue"}
ISSUERS |= {"isr_amount", "extra_local", "no_local", "local_among_federal", "local_fraction", "local_amount", "export"}
ISSUERS |= {"local_name", "form_03", "no_form", "other_product", "wrong_product", "receiver_name", "receiver_zip"}
ISSUERS |= {"receiver_regime", "receiver_use", "other_regime", "other_issuer", "no_method", "iva_16"}
ELSE = {"payment_kind": "wrong_kind_expense", "egress": "credit_note", "receiver_rfc": "receiver_of_nobody"}
ELSE |= {"dollars": "another_currency", "local_sum": "total", "withheld_sum": "total"}


def judged(content: bytes, **changes: Any) -> Any:
    return checks.claim_invoice(content, {"trust": papers.trust(), **CONTEXT, **changes})


def said(content: bytes, **changes: Any) -> list[str]:
    return [finding.code for finding in judged(content, **changes).findings]


def test_a_right_invoice_is_accepted_with_lines_that_add_up_to_its_total() -> None:
    found = judged(papers.invoice())
    assert (
        found.findings == ()
        and found.facts["needs_payment_proof"]
        and all(one["ok"] for one in found.facts["checklist"])
    )
    assert sum(Decimal(one["amount"]) for one in found.facts["lines"]) == Decimal(found.facts["fields"]["Total"])
    assert (found.facts["medicines"], found.facts["hospital"], len(found.facts["lines"])) == (False, False, 2)
    assert judged(papers.invoice(["pue"])).facts["needs_payment_proof"] is False


def test_every_fault_of_an_invoice_is_told_to_the_family_or_is_the_issuers_affair() -> None:
    from tests.fiscal.test_rules import INVOICE_ANSWERS

    wrong = {}
    for fault in INVOICE_FAULTS:
        found = judged(papers.invoice([fault])).findings
        wanted = [] if fault in ISSUERS else [ELSE.get(fault, INVOICE_ANSWERS[fault])]
        if [one.code for one in found] != wanted:
            wrong[fault] = [one.code for one in found]
        for one in found:
            level = FINDINGS[one.code].level
            own = one.cure in {ASK_ISSUER, DOWNLOAD, FINDINGS[one.code].cure if one.code in OF_EXPENSES else ASK_ISSUER}
            assert level != "error" or own or one.code == "not_cfdi", one
    assert wrong == {}


@pytest.mark.parametrize(
    ("described", "codes"),
    [
        (("Rosa Núñez Peña", "Rosa Núñez Peña"), []),
        (("Rosa Núñez Peña", "ÑUZCO LUIS"), ["two_patients"]),
        (("ROSA NUÑEZ PEÑA", "Luis Ñuzco"), ["two_patients"]),
        (("Rosa Núñez Peña y Luis Ñuzco", "Consulta"), ["two_patients"]),
        (("Rosa Núñez", "Luis Ñuzco"), []),
    ],
)
def test_one_cfdi_of_two_patients_is_told_with_their_names(described: tuple[str, ...], codes: list[str]) -> None:
    concepts = tuple(replace(one, description=said) for one, said in zip(RIGHT.concepts, described, strict=True))
    found = judge_claim_invoice(replace(RIGHT, concepts=concepts), {"trust": papers.trust(), **CONTEXT})
    assert [one.code for one in found] == codes
    assert all("«Luis Ñuzco», «Rosa Núñez Peña»" in one.message and one.cure for one in found)


@pytest.mark.parametrize(
    ("receiver", "changes", "codes"),
    [
        ({}, {"insurer_rfc": ROSA["rfc"]}, ["receiver_insurer"]),
        ({}, {"family": [LUIS]}, ["receiver_of_nobody"]),
        ({}, {"family": [{"name": "PLAN SEGURO", "rfc": None}]}, ["receiver_rfc_not_known"]),
        ({}, {"family": [{"name": "Seguro Plan", "rfc": None}]}, ["receiver_rfc_not_known"]),
        ({}, {"family": [{"name": "Plan Seguro", "rfc": "AAA010101AAA"}]}, ["receiver_of_nobody"]),
        ({}, {"family": [{"name": "…", "rfc": None}]}, ["receiver_of_nobody"]),
        ({"rfc": "XAXX010101000", "name": "NUÑEZ PEÑA ROSA"}, {}, ["receiver_generic"]),
        ({"rfc": "XAXX010101000", "name": "ROSA NU EZ PE A"}, {}, ["receiver_generic"]),
        ({"rfc": "XEXX010101000", "name": "LUIS ÑUZCO"}, {}, ["receiver_generic"]),
        ({"rfc": "XAXX010101000", "name": "PUBLICO EN GENERAL"}, {}, ["receiver_of_nobody"]),
        ({}, {"family": [], "insurer_rfc": ""}, ["not_checked", "not_checked"]),
        ({}, {"on": "2026-11-19"}, ["issued_in_future"]),
        ({}, {"years": [["2026-11-20", "2026-11-21"]]}, []),
        ({}, {"years": [["2025-11-20", "2026-11-20"], ["2026-11-21", "2027-11-21"]]}, ["issued_outside_policy"]),
        ({}, {"years": []}, ["issued_outside_policy"]),
        ({}, {"oldest": "2026-11-21", "years": []}, ["issued_outside_policy", "issued_long_ago"]),
        ({}, {"oldest": "2026-11-20"}, []),
        ({}, {"years": None, "on": None, "oldest": None}, ["not_checked", "not_checked"]),
    ],
)
def test_s3_26_to_whom_and_when(receiver: dict[str, str], changes: dict[str, Any], codes: list[str]) -> None:
    assert said(papers.invoice(receiver={**papers.RECEIVER, **receiver}), **changes) == codes


def test_what_cannot_be_read_has_no_lines_and_nobody_is_asked_to_mend_a_strangers_file() -> None:
    for content in (b"<a", b"<!DOCTYPE a><a/>", b"<nota/>"):
        found = judged(content)
        assert verdict_of(found.findings) == "rejected" and found.facts["lines"] == []
        assert (found.facts["odd_cents"], found.facts["needs_payment_proof"]) == ("0.00", False)
    assert judged(papers.invoice(["altered"])).findings[0].cure == DOWNLOAD
    assert judged(papers.invoice(["unstamped"])).findings[0].cure == ASK_ISSUER


# --- lines -----------------------------------------------------------------------------------------------------------

RIGHT = read_cfdi(papers.invoice(), trust=samples.trust_der())
Amounts = tuple[str, ...]


def concept(
    amount: str, discount: str = "", taxes: tuple[str, ...] = (), kept: tuple[str, ...] = (), key: str = "51"
) -> Concept:
    def lines(amounts: tuple[str, ...]) -> tuple[Tax, ...]:
        return tuple(Tax("002", "Tasa", "0.160000", amount, one) for one in amounts)

    return Concept(key, "E48", "Consulta", "1", amount, amount, discount, "02", lines(taxes), lines(kept))


def bill(*concepts: Concept, total: str, local: str = "", **changes: Any) -> CfdiFacts:
    header = {**RIGHT.header, "Total": total, "SubTotal": "1.00", "Descuento": ""}
    taxes = {"total_withheld": "", "total_transferred": "", "local_total_withheld": local}
    return replace(RIGHT, concepts=concepts, header=header, **{**taxes, **changes})


@pytest.mark.parametrize(
    ("facts", "amounts"),
    [
        (bill(concept("3824.15", "956.04", ("458.897600",)), total="3327.01"), ["3327.01"]),
        (bill(concept("100"), concept("300"), total="388.00", local="12.00"), ["97.00", "291.00"]),
        (bill(concept("10.004"), concept("10.004"), concept("10.004"), total="30.01"), ["10.01", "10.00", "10.00"]),
        (bill(concept("10.005"), concept("20.005"), total="30.01"), ["10.01", "20.00"]),
        (bill(concept("0"), concept("5", "5"), total="0.00", local="0.00"), ["0.00", "0.00"]),
        (bill(concept("100", "", ("16", ""), ("10",)), total="106.00"), ["106.00"]),
        (bill(total="1.00"), []),
        (bill(concept("1e3"), total="1.00"), []),
        (bill(concept("1"), total="uno"), []),
    ],
)
def test_domain_6_a_line_a_concept_with_the_odd_cents_on_the_largest(facts: CfdiFacts, amounts: list[str]) -> None:
    assert [f"{one.amount:.2f}" for one in expense_lines(facts)] == amounts


CENTS = st.integers(0, 10**8).map(lambda one: f"{Decimal(one) / 10_000:f}")


@given(st.lists(st.tuples(CENTS, CENTS, CENTS), min_size=1, max_size=6), CENTS)
def test_lines_add_up_to_the_total_whatever_rounding_leaves(drawn: list[tuple[str, str, str]], local: str) -> None:
    concepts = [concept(amount, "", (tax,), (kept,)) for amount, tax, kept in drawn]
    whole = sum((Decimal(one) + Decimal(tax) - Decimal(kept) for one, tax, kept in drawn), Decimal(0))
    local = f"{Decimal(local):.2f}"
    total = f"{max(whole - Decimal(local), Decimal(0)):.2f}"
    lines = expense_lines(bill(*concepts, total=total, local=local))
    assert sum(one.amount for one in lines) == Decimal(total) and all(
        one.amount.as_tuple().exponent == -2 for one in lines
    )


def test_lines_that_are_apart_from_the_total_by_more_than_rounding_go_to_a_person() -> None:
    def told(tax: str) -> list[str]:
        changes = {"SubTotal": "100.00", "Descuento": "", "Total": "116.00"}
        facts = replace(bill(concept("100.00", "", (tax,)), total="116.00"), header={**RIGHT.header, **changes})
        facts = replace(facts, total_transferred="16.00")
        return [one.code for one in judge_claim_invoice(facts, {**CONTEXT})]

    assert (told("16.00"), told("16.02"), told("16.03")) == ([], [], ["lines_apart"])


def test_medicines_and_hospitals_are_guessed_by_the_keys_of_the_sat() -> None:
    assert guessed(bill(concept("1", key="51142001"), total="1")) == {"medicines": True, "hospital": False}
    assert guessed(bill(concept("1", key="85101501"), total="1")) == {"medicines": False, "hospital": True}
