"""The judgement of invoices and complements: one fault, one finding, one cure (N3, N11)."""

from __future__ import annotations

import re
import string
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.demo.samples import COMPLEMENT_FAULTS, INVOICE_FAULTS
from portal.design import dates
from portal.errors import Level, verdict_of
from portal.fiscal import checks
from portal.fiscal.findings import FINDINGS, checklist, say
from portal.fiscal.rules import withhold
from portal.fiscal.rules.common import names_account, names_person
from portal.fiscal.sentences import COMPLEMENT_GROUPS, GROUP_LABELS, INVOICE_GROUPS, Group
from tests.factories import papers

INVOICE_ANSWERS = {
    "not_cfdi": "not_cfdi",
    "old_version": "old_version",
    "egress": "wrong_kind_invoice",
    "payment_kind": "wrong_kind_invoice",
    "no_currency": "schema",
    "unknown_zip": "catalogue_key",
    "odd_amount": "schema",
    "three_decimals": "too_many_decimals",
    "unsealed": "seal_missing",
    "altered": "seal_invalid",
    "other_certificate": "certificate_other_rfc",
    "expired_certificate": "certificate_dates",
    "forged_certificate": "certificate_forged",
    "unknown_authority": "certificate_unknown",
    "other_serial": "certificate_serial",
    "broken_certificate": "certificate_unreadable",
    "unstamped": "stamp_missing",
    "copied_stamp": "stamp_copied",
    "two_stamps": "several_stamps",
    "edited_stamp": "stamp_invalid",
    "unknown_pac": "stamp_unknown_pac",
    "late_stamp": "stamp_late",
    "early_stamp": "stamp_early",
    "other_issuer": "issuer_rfc",
    "other_regime": "issuer_regime",
    "receiver_rfc": "receiver_rfc",
    "receiver_name": "receiver_name",
    "receiver_zip": "receiver_zip",
    "receiver_regime": "receiver_regime",
    "receiver_use": "receiver_use",
    "pue": "payment_method",
    "no_method": "payment_method",
    "form_03": "payment_form",
    "no_form": "payment_form",
    "dollars": "currency",
    "export": "export",
    "future": "issued_in_future",
    "no_account": "account_missing",
    "no_patient": "patient_missing",
    "no_account_no_patient": "order_not_described",
    "more_than_payable": "order_amount",
    "one_more_concept": "concept_without_order",
    "other_product": "concept_product",
    "other_unit": "concept_unit",
    "wrong_product": "concept_product_sum",
    "object_01": "tax_object",
    "no_iva": "iva_missing",
    "iva_zero": "iva_rate_zero",
    "iva_16": "iva_charged",
    "iva_base": "iva_base",
    "iva_summary": "iva_summary",
    "iva_withheld": "iva_withheld",
    "no_isr": "withholding_missing",
    "isr_rate": "withholding_rate",
    "isr_amount": "withholding_amount",
    "extra_local": "withholding_extra",
    "no_local": "withholding_missing",
    "local_among_federal": "local_tax_in_federal",
    "local_fraction": "local_rate_as_fraction",
    "local_amount": "withholding_amount",
    "local_name": "local_name",
    "local_sum": "local_sum",
    "withheld_sum": "withheld_sum",
    "subtotal": "subtotal",
    "discount": "discount",
    "total": "total",
}
COMPLEMENT_ANSWERS = {
    "income_kind": "wrong_kind_complement",
    "rep_in_pesos": "rep_header",
    "rep_with_total": "rep_header",
    "rep_with_method": "rep_terms",
    "rep_use": "rep_use",
    "rep_concept": "rep_concept",
    "no_payments": "payments_missing",
    "two_payment_nodes": "several_payment_nodes",
    "payment_in_dollars": "payment_currency",
    "paid_in_cash": "payment_way",
    "other_day": "paid_on",
    "paid_in_future": "paid_in_future",
    "paid_before_invoice": "paid_before_invoice",
    "other_amount": "payment_amount",
    "total_payments": "payment_total",
    "other_document": "document_unknown",
    "document_in_dollars": "document_currency",
    "skipped_partiality": "partiality",
    "other_balance": "balance_before",
    "wrong_balance_after": "balance_after",
    "unstamped": "stamp_missing",
    "altered": "seal_invalid",
    "copied_stamp": "stamp_copied",
}


def said(content: bytes, **changes: Any) -> list[str]:
    return [finding.code for finding in checks.invoice(content, papers.expected_invoice(**changes)).findings]


def rep(content: bytes, **changes: Any) -> list[str]:
    return [finding.code for finding in checks.complement(content, papers.expected_complement(**changes)).findings]


def test_a_right_invoice_has_no_finding() -> None:
    judged = checks.invoice(papers.invoice(), papers.expected_invoice())
    assert judged.findings == ()
    assert judged.facts["scheme"] == "PF_JAL"
    assert all(line["ok"] for line in judged.facts["checklist"])


def test_the_table_of_faults_is_the_mills() -> None:
    assert set(INVOICE_ANSWERS) == set(INVOICE_FAULTS)
    assert set(COMPLEMENT_ANSWERS) - set(COMPLEMENT_FAULTS) == {"unstamped", "altered", "copied_stamp"}, "of any CFDI"
    assert set(COMPLEMENT_FAULTS) <= set(COMPLEMENT_ANSWERS)


@pytest.mark.parametrize("fault", sorted(INVOICE_ANSWERS))
def test_n3_one_fault_of_an_invoice_gives_exactly_its_finding(fault: str) -> None:
    judged = checks.invoice(papers.invoice([fault]), papers.expected_invoice())
    assert [finding.code for finding in judged.findings] == [INVOICE_ANSWERS[fault]]
    assert judged.findings[0].message.endswith(".")
    assert judged.findings[0].cure.endswith(".")


@pytest.mark.parametrize("fault", sorted(COMPLEMENT_ANSWERS))
def test_n11_one_fault_of_a_complement_gives_exactly_its_finding(fault: str) -> None:
    assert rep(papers.complement([fault])) == [COMPLEMENT_ANSWERS[fault]]


def test_a_right_complement_of_two_invoices_has_no_finding() -> None:
    judged = checks.complement(papers.complement(), papers.expected_complement())
    assert judged.findings == ()
    assert judged.facts["payments"][1] == {
        "uuid": papers.SECOND,
        "number": 2,
        "paid_on": "2026-11-18",
        "amount": "500.00",
        "balance_before": "850.00",
        "balance_after": "350.00",
    }


@pytest.mark.parametrize("fault", sorted([*INVOICE_ANSWERS, *COMPLEMENT_ANSWERS]))
def test_d11_no_finding_shows_a_date_as_a_machine_writes_it(fault: str) -> None:
    judged = (
        checks.invoice(papers.invoice([fault]), papers.expected_invoice())
        if fault in INVOICE_ANSWERS
        else checks.complement(papers.complement([fault]), papers.expected_complement())
    )
    assert [finding.message for finding in judged.findings if re.search(r"\d{4}-\d{2}-\d{2}", finding.message)] == []


def test_d11_days_and_hours_are_told_as_on_every_page() -> None:
    expired = checks.invoice(papers.invoice(["expired_certificate"]), papers.expected_invoice()).findings[0].message
    paid = checks.complement(papers.complement(["other_day"]), papers.expected_complement()).findings[0].message
    assert expired == (
        "El certificado vale del 31 dic 2019, 18:00 al 19 nov 2026, 04:00 y la fecha del CFDI es 20 nov 2026, 10:00."
    )
    assert paid == "La fecha de pago dice 13 nov 2026 y el banco te pagó el 18 nov 2026."


def test_pue_says_what_it_is_and_what_it_must_be() -> None:
    finding = checks.invoice(papers.invoice(["pue"]), papers.expected_invoice()).findings[0]
    assert "dice PUE, debe decir PPD" in finding.message


@pytest.mark.parametrize(
    ("components", "isr", "local", "payable"),
    [
        (papers.PF, "100.00", None, "900.00"),
        (papers.RESICO, "12.50", None, "987.50"),
        (papers.PF_JAL, "100.00", "30.00", "870.00"),
        (papers.RESICO_JAL, "25.00", "30.00", "945.00"),
        (papers.RESICO_JAL_STAT, "12.50", "30.00", "957.50"),
    ],
)
def test_s0_20_to_23_withholdings_of_a_thousand(
    components: list[dict[str, str]], isr: str, local: str | None, payable: str
) -> None:
    lines = withhold(Decimal("1000.00"), components)
    assert [str(line.amount) for line in lines] == [isr, *([local] if local else [])]
    assert str(Decimal("1000.00") - sum(line.amount for line in lines)) == payable


@given(st.decimals("0.01", "999999.99", places=2), st.sampled_from([papers.PF, papers.RESICO, papers.PF_JAL]))
def test_each_withholding_is_half_up_to_the_cent(base: Decimal, components: list[dict[str, str]]) -> None:
    lines = withhold(base, components)
    assert [(line.component, str(line.rate)) for line in lines] == [tuple(one.values()) for one in components]
    for line in lines:
        assert line.amount == line.amount.quantize(Decimal("0.01"))
        assert -Decimal("0.005") < line.amount - base * line.rate <= Decimal("0.005")


def test_c1_the_lawful_resico_rate_in_jalisco_goes_to_review() -> None:
    schemes = [
        papers.scheme("RESICO_JAL", papers.RESICO_JAL),
        papers.scheme("RESICO_JAL_STAT", papers.RESICO_JAL_STAT, "accepted_with_warning"),
    ]
    literal = checks.invoice(papers.invoice(components=papers.RESICO_JAL), papers.expected_invoice(schemes=schemes))
    lawful = checks.invoice(papers.invoice(components=papers.RESICO_JAL_STAT), papers.expected_invoice(schemes=schemes))
    assert (literal.verdict, literal.facts["scheme"]) == ("accepted", "RESICO_JAL")
    assert (lawful.verdict, lawful.facts["scheme"]) == ("review", "RESICO_JAL_STAT")
    assert [finding.code for finding in lawful.findings] == ["scheme_review"]


def test_no_scheme_matches_lists_expected_against_found() -> None:
    judged = checks.invoice(papers.invoice(components=papers.RESICO), papers.expected_invoice())
    assert [finding.code for finding in judged.findings] == ["withholding_rate", "withholding_missing"]
    assert "$183.33" in judged.findings[0].message
    assert judged.facts["scheme"] == ""


def test_a_cent_of_rounding_is_tolerated_and_five_are_not() -> None:
    orders = [{"account": str(n), "patient": "Ana Ruiz", "payable": "33.35"} for n in range(3)]
    content = papers.invoice(orders=orders, components=papers.RESICO)
    assert said(content, orders=orders, schemes=[papers.scheme("RESICO", papers.RESICO)]) == []
    assert said(papers.invoice(["isr_amount"])) == ["withholding_amount"]


def test_s0_17_several_orders_in_one_concept() -> None:
    assert said(papers.invoice(together=True)) == []


def test_a_concept_may_name_the_account_in_its_own_spelling() -> None:
    assert names_account("CUENTA OA 2026 000123 / x", "OA-2026-000123")
    assert names_account("cuenta oa2026000123.", "OA-2026-000123")
    assert not names_account("cuenta 1770", "77")
    assert names_person("paciente NUÑEZ PEÑA  maria jose", "María José Núñez Peña")
    assert not names_person("paciente María Núñez", "María José Núñez Peña")


@pytest.mark.parametrize("missing", ["issuer_rfc", "receiver", "schemes", "orders", "on"])
def test_a_fact_nobody_gave_is_not_checked_and_never_rejects(missing: str) -> None:
    judged = checks.invoice(papers.invoice(), papers.expected_invoice(**{missing: None}))
    assert [finding.code for finding in judged.findings] == ["not_checked"]
    assert judged.verdict == "accepted"


def test_without_any_fact_only_the_file_itself_is_judged() -> None:
    assert {f.code for f in checks.complement(papers.complement(), {"trust": papers.trust()}).findings} == {
        "not_checked"
    }


def test_without_trust_the_seal_is_unknown_and_a_person_decides() -> None:
    judged = checks.invoice(papers.invoice(), papers.expected_invoice(trust=[]))
    assert [finding.code for finding in judged.findings] == ["certificate_unknown", "stamp_unknown_pac"]
    assert judged.verdict == "review"
    assert judged.facts["seal"] == "unknown_certificate"
    assert judged.facts["tfd"]["sat_seal_ok"] == "unknown_cert"


def test_an_enie_and_an_ampersand_in_an_rfc_are_read() -> None:
    company = {"rfc": "H&E951128469", "name": "HERRERIA & ELECTRICOS", "regime": "612"}
    judged = checks.invoice(papers.invoice(issuer=company), papers.expected_invoice(issuer_rfc="H&E951128469"))
    assert judged.findings == ()
    assert judged.facts["cert_rfc"] == "H&E951128469"


def test_money_left_over_in_a_payment_asks_a_person() -> None:
    payment = papers.payment()
    payment["documents"] = payment["documents"][:1]
    assert rep(papers.complement(payments=[payment])) == ["amount_not_assigned"]


def test_two_partialities_of_one_invoice_in_one_complement_follow_each_other() -> None:
    def part(number: int, before: str, after: str) -> dict[str, Any]:
        document = {"uuid": papers.FIRST, "number": number, "balance_before": before, "paid": "675.00"}
        return {"paid_on": "2026-11-18", "amount": "675.00", "documents": [{**document, "balance_after": after}]}

    known = {"uuid": papers.FIRST, "total": "1350.00", "issued_on": "2026-11-01", "payments": []}
    context = {"invoices": [known], "transfer": {"on": "2026-11-18", "amount": "1350.00"}}
    right = [part(1, "1350.00", "675.00"), part(2, "675.00", "0.00")]
    assert rep(papers.complement(payments=right), **context) == []
    skipped = [part(1, "1350.00", "675.00"), part(3, "675.00", "0.00")]
    assert rep(papers.complement(payments=skipped), **context) == ["partiality"]


# --- the date of payment beside the bank's (domain 1.3): one banking day, weekends and bank holidays between ----------


@pytest.mark.parametrize(
    ("paid", "bank", "code"),
    [
        ("2026-11-18", "2026-11-18", ""),
        ("2026-11-17", "2026-11-18", "paid_on_beside"),
        ("2026-11-19", "2026-11-18", "paid_on_beside"),
        ("2026-11-20", "2026-11-18", "paid_on"),
        ("2026-11-13", "2026-11-18", "paid_on"),
        # Friday evening is Monday, and so are the days between; Thursday is another operation
        ("2026-11-06", "2026-11-09", "paid_on_beside"),
        ("2026-11-08", "2026-11-09", "paid_on_beside"),
        ("2026-11-05", "2026-11-09", "paid_on"),
        ("2026-11-09", "2026-11-06", "paid_on_beside"),
        ("2026-11-07", "2026-11-06", "paid_on_beside"),
        ("2026-11-10", "2026-11-06", "paid_on"),
        # Monday 16 November 2026 is the Revolution's: Friday evening is Tuesday
        ("2026-11-13", "2026-11-17", "paid_on_beside"),
        ("2026-11-16", "2026-11-17", "paid_on_beside"),
        ("2026-11-12", "2026-11-17", "paid_on"),
        ("2026-11-17", "2026-11-13", "paid_on_beside"),
    ],
)
def test_a_date_one_banking_day_beside_the_banks_is_seen_by_a_person_with_both_dates(paid, bank, code) -> None:
    payment = {**papers.payment(), "paid_on": paid}
    on = {"transfer": {"on": bank, "amount": papers.expected_complement()["transfer"]["amount"]}}
    judged = checks.complement(papers.complement(payments=[payment]), papers.expected_complement(**on))
    assert [finding.code for finding in judged.findings] == ([code] if code else [])
    if code == "paid_on_beside":
        assert verdict_of(judged.findings) == "review"
        assert dates.short(date.fromisoformat(paid)) in judged.findings[0].message
        assert dates.short(date.fromisoformat(bank)) in judged.findings[0].message
    if code == "paid_on":
        assert verdict_of(judged.findings) == "rejected"


def test_a_date_beside_the_banks_that_is_future_or_before_the_invoice_is_refused_as_ever() -> None:
    payment = {**papers.payment(), "paid_on": "2026-11-23"}
    told = {"transfer": {"on": "2026-11-20", "amount": "1850.00"}, "on": "2026-11-22"}
    assert rep(papers.complement(payments=[payment]), **told) == ["paid_in_future"]
    early = {**papers.payment(), "paid_on": "2026-11-17"}
    invoices = [{**one, "issued_on": "2026-11-18"} for one in papers.expected_complement()["invoices"]]
    assert rep(papers.complement(payments=[early]), invoices=invoices) == ["paid_before_invoice"]


# --- several complements of one transfer (domain 1.3) ----------------------------------------------------------------


def one_of_two(amount: str, *, of: str = "first", **transfer: str) -> list[str]:
    """A complement of one invoice of a transfer of 1,850.00 that pays two: 1,350.00 and 500.00."""
    payment = papers.payment()
    documents = payment["documents"]
    chosen = documents[:1] if of == "first" else documents[1:]
    told = {"transfer": {"on": "2026-11-18", "amount": "1850.00", **transfer}}
    return rep(papers.complement(payments=[{**payment, "amount": amount, "documents": chosen}]), **told)


def test_a_complement_may_pay_one_invoice_of_its_transfer_with_exactly_that_amount() -> None:
    (first, second) = papers.payment()["documents"]
    whole = {name: str(document["paid"]) for name, document in (("first", first), ("second", second))}
    assert one_of_two(whole["first"]) == []
    assert one_of_two(whole["second"], of="second") == []
    assert one_of_two(f"{Decimal(whole['first']) + 1}") == ["payment_amount"]
    assert one_of_two(f"{Decimal(whole['first']) - 1}") == ["payment_amount"]
    alone = [one for one in papers.expected_complement()["invoices"] if one["uuid"] == papers.FIRST]
    told = {"transfer": {"on": "2026-11-18", "amount": "1850.00"}, "invoices": alone}  # nobody else to pay the rest
    payment = {**papers.payment(), "amount": "1350.00", "documents": [first]}
    assert rep(papers.complement(payments=[payment]), **told) == ["payment_amount"]


def test_what_was_handed_in_before_is_not_paid_again() -> None:
    (first, second) = papers.payment()["documents"]
    left = [one for one in papers.expected_complement()["invoices"] if one["uuid"] == second["uuid"]]
    payment = {**papers.payment(), "amount": str(second["paid"]), "documents": [second]}
    transfer = {"on": "2026-11-18", "amount": "1850.00", "handed_in": str(first["paid"])}
    assert rep(papers.complement(payments=[payment]), invoices=left, transfer=transfer) == []
    both = papers.payment()  # one that pays everything comes too late
    assert rep(papers.complement(payments=[both]), invoices=left, transfer=transfer) == [
        "payment_amount",
        "document_unknown",
    ]


def test_the_table_of_findings_is_total() -> None:
    assert set(GROUP_LABELS) == set(Group)
    assert {*INVOICE_GROUPS, *COMPLEMENT_GROUPS} == set(Group)
    for code, template in FINDINGS.items():
        blanks = {
            name for text in (template.message, template.cure) for _, name, _, _ in string.Formatter().parse(text)
        }
        finding = say(code, **{name: "x" for name in blanks if name})
        assert finding.message.endswith("."), code
        assert finding.cure.endswith(".") or finding.level is Level.NOT_CHECKED, code


def test_the_checklist_shows_which_group_failed() -> None:
    lines = checklist([say("payment_method", found="PUE")], INVOICE_GROUPS)
    assert [line["label"] for line in lines if not line["ok"]] == ["Forma de pago y fechas"]
    assert verdict_of([say("payment_method", found="PUE")]) == "rejected"
