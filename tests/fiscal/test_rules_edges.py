"""What a file can say beside the mill's single faults: odd shapes, edges of amounts and dates (XP-05, domain 1.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal.fiscal.facts import CfdiFacts, Concept, PaidDocument, PaymentNode, Tax
from portal.fiscal.rules import complement, invoice
from portal.fiscal.rules.common import (
    amount_findings,
    date_findings,
    day,
    file_findings,
    names_account,
)
from tests.factories import papers

CFDI = "http://www.sat.gob.mx/cfd/4"


def codes(found) -> list[str]:
    return [finding.code for finding in found]


def rep(content: bytes, **changes) -> list[str]:
    from portal.fiscal import checks

    return codes(checks.complement(content, papers.expected_complement(**changes)).findings)


def test_a_retention_certificate_is_told_apart_from_an_invoice():
    facts = CfdiFacts(root="Retenciones", namespace="http://www.sat.gob.mx/esquemas/retencionpago/2", version="2.0")
    assert codes(file_findings(facts, "I", wrong="wrong_kind_invoice")) == ["retention_certificate"]


@pytest.mark.parametrize("namespace", ["", "http://www.sat.gob.mx/nomina12"])
def test_a_receipt_of_no_cfdi_namespace_is_told_which_one_it_has(namespace):
    (said,) = file_findings(
        CfdiFacts(root="Comprobante", namespace=namespace, version="4.0"), "I", wrong="wrong_kind_invoice"
    )
    assert said.code == "wrong_namespace" and (namespace or "nada") in said.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1e3", "amount_unreadable"),
        ("-5", "amount_unreadable"),
        ("١٠", "amount_unreadable"),
        ("", "amount_unreadable"),
        ("1000000000.00", "amount_out_of_range"),
        ("10.001", "too_many_decimals"),
    ],
)
def test_xp_05_amounts_are_read_strictly(text, code):
    assert codes(amount_findings({"Total": text}, whole_cents=frozenset({"Total"}))) == [code]


def test_six_decimals_are_fine_where_lines_may_have_them():
    assert amount_findings({"Importe": "10.123456"}) == []


def test_an_invoice_older_than_the_rule_is_refused_and_the_day_itself_is_not():
    facts = CfdiFacts("Comprobante", CFDI, "4.0", header={"Fecha": "2026-01-10T10:00:00"})
    assert codes(date_findings(facts, {"on": "2026-11-22", "oldest": "2026-01-11"})) == ["issued_too_old"]
    assert date_findings(facts, {"on": "2026-11-22", "oldest": "2026-01-10"}) == []
    assert date_findings(facts, {"on": "not a date"}) == []


def test_a_day_is_read_from_dates_instants_and_texts():
    assert (
        day(date(2026, 1, 2))
        == day(datetime(2026, 1, 2, 5, tzinfo=UTC))
        == day("2026-01-02T09:00:00")
        == date(2026, 1, 2)
    )
    assert day("31/12/2026") is None


@pytest.mark.parametrize(
    ("description", "carries"),
    [
        ("Cuenta OA 123", True),
        ("Cuenta OA-123.", True),
        ("Cuenta OA 12", False),
        ("OA", False),
        ("XOA 123 OA", False),
        ("Cuenta OA 1234", False),
    ],
)
def test_s0_16_an_account_number_is_carried_whole_or_not_at_all(description, carries):
    assert names_account(description, "OA-123") is carries


# --- complements -----------------------------------------------------------------------------------------------------


def test_a_complement_of_another_physician_or_for_another_payer_is_refused():
    assert rep(papers.complement(), issuer_rfc="XXXX800101AA1") == ["issuer_rfc"]
    assert rep(papers.complement(), receiver_rfc="OTR010101AA1") == ["receiver_rfc"]


def document(**changes: str) -> PaidDocument:
    values = {
        "uuid": papers.FIRST,
        "currency": "MXN",
        "equivalence": "1",
        "number": "1",
        "balance_before": "1350.00",
        "paid": "1350.00",
        "balance_after": "0.00",
        "tax_object": "02",
    }
    return PaidDocument(**{**values, **changes})


def told(*documents: PaidDocument, amount: str = "1350.00", known: dict | None = None) -> list[str]:
    node = PaymentNode("2026-11-18T12:00:00", "03", "MXN", "1", amount, documents)
    facts = CfdiFacts(
        "Comprobante", CFDI, "4.0", payment_nodes_found=1, payments=(node,), payment_totals={"MontoTotalPagos": amount}
    )
    invoices = [{"uuid": papers.FIRST, "total": "1350.00", "payments": [], **(known or {})}]
    expected = {"invoices": invoices, "on": papers.ON, "transfer": {"on": "2026-11-18", "amount": amount}}
    amounts = complement._amounts(facts)
    return codes(amounts or [*complement._payments(facts, expected), *complement._chain(facts, expected)])


def test_a_right_link_has_no_finding():
    assert told(document()) == []


def test_paying_more_than_the_balance_or_nothing_is_refused():
    assert told(document(paid="1400.00", balance_after="0.00"), amount="1400.00") == ["paid_over_balance"]
    assert "paid_nothing" in told(document(paid="0.00", balance_after="1350.00"), amount="0.00")


def test_documents_may_not_use_more_than_the_payment():
    assert told(document(), amount="1000.00") == ["paid_over_amount"]


def test_an_amount_that_cannot_be_read_silences_the_chain():
    assert told(document(paid="mil")) == ["amount_unreadable"]
    assert list(complement._link(document(balance_before="mil"), 0, Decimal("1350.00"))) == []


def test_the_proportional_isr_of_an_invoice_without_total_or_of_an_unreadable_payment_is_not_judged():
    kept = (Tax("001", "Tasa", "0.100000", "1500.00", "150.00"),)
    assert list(complement._proportional(replace(document(), withheld=kept), {"total": "0"})) == []
    assert list(complement._proportional(document(paid="mil"), {"total": "1350.00"})) == []


# --- invoices --------------------------------------------------------------------------------------------------------


def test_a_line_whose_amounts_cannot_be_read_is_left_to_the_rule_of_amounts():
    unreadable = Concept("85121502", "E48", "Consulta", "uno", "10", "10", "", "02")
    assert list(invoice._products([unreadable])) == []
