"""Billing's rules, table by table. Sources: S0.10-S0.23, C1-C3, domain 1.2-1.3, N11, N14."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from billing import rules
from billing.rules import OrderRow, PaymentState, ReviewState, SchemeComponent, orders_file
from portal.calendars.rules import next_reminder
from portal.errors import RuleBroken
from portal.states import Ball
from tests.billing.reading import read_rows

D = Decimal
ON = date(2026, 11, 19)

# --- machines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("review", "payment", "whose"),
    [
        (ReviewState.DRAFT, PaymentState.NONE, Ball.YOU),
        (ReviewState.SUBMITTED, PaymentState.NONE, Ball.US),
        (ReviewState.RETURNED, PaymentState.NONE, Ball.YOU),
        (ReviewState.REJECTED, PaymentState.NONE, Ball.NOBODY),
        (ReviewState.CANCELLED, PaymentState.NONE, Ball.NOBODY),
        (ReviewState.ACCEPTED, PaymentState.NONE, Ball.US),
        (ReviewState.ACCEPTED, PaymentState.PAYABLE, Ball.US),
        (ReviewState.ACCEPTED, PaymentState.SCHEDULED, Ball.BANK),
        (ReviewState.ACCEPTED, PaymentState.PAID, Ball.YOU),
        (ReviewState.ACCEPTED, PaymentState.COMPLEMENT_DUE, Ball.YOU),
        (ReviewState.ACCEPTED, PaymentState.CLOSED, Ball.NOBODY),
    ],
)
def test_somebody_always_has_to_move_next(review, payment, whose) -> None:
    assert rules.invoice_stand(review, payment).ball is whose


# --- withholding -----------------------------------------------------------------------------------------------------

ISR, LOCAL = "ISR", "LOCAL"


@pytest.mark.parametrize(
    ("source", "base", "rates", "isr", "local", "payable"),
    [
        ("S0.20", "1000.00", [(ISR, "0.100000")], "100.00", "0.00", "900.00"),
        ("S0.21", "1000.00", [(ISR, "0.012500")], "12.50", "0.00", "987.50"),
        ("S0.22", "1000.00", [(ISR, "0.100000"), (LOCAL, "0.030000")], "100.00", "30.00", "870.00"),
        ("S0.23", "1000.00", [(ISR, "0.025000"), (LOCAL, "0.030000")], "25.00", "30.00", "945.00"),
        ("C1", "1000.00", [(ISR, "0.012500"), (LOCAL, "0.030000")], "12.50", "30.00", "957.50"),
        ("domain 1.1", "1500.00", [(ISR, "0.100000")], "150.00", "0.00", "1350.00"),
        ("domain 1.1", "1500.00", [(ISR, "0.012500")], "18.75", "0.00", "1481.25"),
        ("domain 1.1", "1500.00", [(ISR, "0.100000"), (LOCAL, "0.030000")], "150.00", "45.00", "1305.00"),
        ("domain 1.1", "1500.00", [(ISR, "0.025000"), (LOCAL, "0.030000")], "37.50", "45.00", "1417.50"),
        ("MO-08 half up", "0.20", [(ISR, "0.025000")], "0.01", "0.00", "0.19"),
        ("no component", "10.00", [], "0.00", "0.00", "10.00"),
    ],
)
def test_s0_14_what_is_paid_is_the_base_less_each_withholding(  # noqa: PLR0917
    source, base, rates, isr, local, payable
) -> None:
    found = rules.withhold(D(base), [SchemeComponent(name, D(rate)) for name, rate in rates])
    assert (found.amount_of(ISR), found.amount_of(LOCAL), found.payable) == (D(isr), D(local), D(payable)), source
    assert found.base == found.payable + found.amount_of(ISR) + found.amount_of(LOCAL)


@pytest.mark.parametrize("taxes", [("0.00", "0.00"), ("100.00", "0.00"), ("100.00", "30.00")])
def test_mo_02_the_entry_of_an_acceptance_sums_to_zero_and_a_zero_tax_has_no_line(taxes) -> None:
    isr, local = map(D, taxes)
    figures = {"base": D("1000.00"), "total": D("1000.00") - isr - local, "withheld_isr": isr, "withheld_local": local}
    lines = rules.entry("invoice_accepted", figures)
    assert sum(amount for _, amount in lines) == 0
    assert all(amount for _, amount in lines)
    assert len(lines) == 2 + sum(1 for tax in (isr, local) if tax)


def test_of_the_books_what_a_physician_is_owed_is_kept_apart_for_each() -> None:
    assert {"physician_payable"} == rules.OF_PARTY


# --- handing in ------------------------------------------------------------------------------------------------------

READY = {"has_xml": True, "has_pdf": True, "verdict": "accepted", "orders": 1, "withdrawn": []}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, []),
        ({"verdict": "review"}, []),
        ({"orders": 0}, ["al menos una orden"]),
        ({"withdrawn": ["C-1", "C-2"]}, ["C-1, C-2"]),
        ({"has_xml": False}, ["Sube el XML"]),
        ({"has_pdf": False}, ["Sube el PDF"]),
        ({"verdict": "rejected"}, ["Corrige tu factura"]),
        ({"mended": False}, ["archivo corregido"]),
        ({"mended": False, "has_pdf": False}, ["Sube el PDF"]),
        ({"has_xml": False, "has_pdf": False, "orders": 0}, ["orden", "XML", "PDF"]),
    ],
)
def test_n14_everything_missing_is_said_at_once(changed, words) -> None:
    missing = rules.missing_to_submit(**{**READY, **changed})
    assert len(missing) == len(words)
    for sentence, word in zip(missing, words, strict=True):
        assert word in sentence


def test_s0_17_one_invoice_has_one_receiver() -> None:
    assert rules.check_same_insurer([1, 1]) is None
    with pytest.raises(RuleBroken, match="dos aseguradoras") as refused:
        rules.check_same_insurer([1, 2])
    assert refused.value.code == "two_insurers"


@pytest.mark.parametrize(
    ("reasons", "note", "code"),
    [
        ([], "", "no_reason"),
        (["no-such-reason"], "", "no_reason"),
        (["other"], "corto    ", "no_note"),
        (["other"], " 12 45 789 ", "no_note"),
        (["other"], " 12 45 7890 ", ""),
        (["other"], "Falta la hoja dos", ""),
        (["illegible_pdf", "wrong_concept"], "", ""),
    ],
)
def test_n14_a_return_says_its_reasons_from_the_catalogue(reasons, note, code) -> None:
    if not code:
        assert [str(one) for one in rules.check_reasons(reasons, note)] == reasons
        return
    with pytest.raises(RuleBroken) as refused:
        rules.check_reasons(reasons, note)
    assert refused.value.code == code


def test_every_reason_has_its_sentence_and_every_act_its_label() -> None:
    assert set(rules.REASON_LABELS) == set(rules.ReturnReason)
    assert set(rules.EVENT_LABELS) >= rules.UNHAPPY_EVENTS


@pytest.mark.parametrize(
    ("service", "text"),
    [
        ("Consulta", "Consulta. Cuenta C-1. Paciente Ana Ñ."),
        ("", "Consulta médica. Cuenta C-1. Paciente Ana Ñ."),
        ("A|B", "A B. Cuenta C-1. Paciente Ana Ñ."),
    ],
)
def test_s0_16_the_concept_carries_account_and_patient_and_no_pipe(service, text) -> None:
    assert rules.concept_text("C-1", "Ana Ñ", service) == text


# --- complements -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "day", "due"),
    [
        (date(2026, 11, 19), 5, date(2026, 12, 5)),
        (date(2026, 12, 31), 5, date(2027, 1, 5)),
        (date(2027, 1, 31), 31, date(2027, 2, 28)),
        (date(2028, 1, 1), 30, date(2028, 2, 29)),
    ],
)
def test_s0_19_the_complement_is_due_on_a_day_of_the_month_after_the_payment(paid, day, due) -> None:
    assert rules.complement_due_on(paid, day=day) == due


@pytest.mark.parametrize(
    ("on", "following"),
    [
        (date(2026, 11, 19), date(2026, 11, 30)),
        (date(2026, 11, 30), date(2026, 12, 3)),
        (date(2026, 12, 3), date(2026, 12, 5)),
        (date(2026, 12, 5), date(2026, 12, 6)),
        (date(2026, 12, 6), date(2026, 12, 13)),
        (date(2026, 12, 12), date(2026, 12, 13)),
        (date(2026, 12, 13), date(2026, 12, 20)),
    ],
)
def test_jb_06_a_reminder_follows_before_on_and_weekly_after_the_due_date(on, following) -> None:
    assert next_reminder(date(2026, 12, 5), rules.reminders([5, 2, 0]), after=on) == following


def test_jb_06_reminders_always_move_forward() -> None:
    days = [date(2026, 11, 1)]
    for _ in range(20):
        days.append(next_reminder(date(2026, 12, 5), rules.reminders([5, 2, 0]), after=days[-1]))
    assert all(a < b for a, b in pairwise(days))


@pytest.mark.parametrize("after", [{"FA-1": D(0)}, {"FA-1": D("0.00"), "FA-2": D(0)}])
def test_n11_a_complement_that_leaves_nothing_owed_covers_its_deposit(after) -> None:
    assert rules.check_covers(after) is None


@pytest.mark.parametrize("after", [{"FA-1": D(0), "FA-2": None}, {"FA-2": D("0.01")}])
def test_n11_a_complement_that_leaves_an_invoice_open_is_told_which(after) -> None:
    with pytest.raises(RuleBroken, match="FA-2") as refused:
        rules.check_covers(after)
    assert (refused.value.code, refused.value.field) == ("not_covered", "xml")


def test_n11_a_complement_names_each_invoice_of_its_deposit_once() -> None:
    rules.check_once(["FA-1", "FA-2"])
    with pytest.raises(RuleBroken, match="FA-2") as refused:
        rules.check_once(["FA-1", "FA-2", "FA-2"])
    assert (refused.value.code, refused.value.field) == ("document_twice", "xml")


# --- orders ----------------------------------------------------------------------------------------------------------

GOOD = OrderRow(
    account="DV-7100",
    physician_rfc="XAXX800101AA0",
    patient="Ana",
    service_on=ON,
    concept="",
    fee=D("1500.00"),
    coaseguro=D("200.00"),
    payable=D("1300.00"),
    authorised_by="Seguros del Valle, S.A. de C.V.",
    signed_by_insured=True,
    signed_by_physician=True,
)


@pytest.mark.parametrize(
    ("source", "changes", "codes"),
    [
        ("S0.10", {"account": "a b"}, {"bad_account"}),
        ("S0.10", {"account": ""}, {"bad_account"}),
        ("S0.11", {"authorised_by": ""}, {"not_authorised"}),
        ("S0.11", {"authorised_by": "OTRA ASEGURADORA"}, {"not_authorised"}),
        ("S0.12", {"signed_by_insured": False}, {"not_signed"}),
        ("S0.12", {"signed_by_physician": False}, {"not_signed"}),
        ("S0.16", {"patient": "  "}, {"no_patient"}),
        ("date", {"service_on": date(2026, 11, 20)}, {"future_service"}),
        ("old date", {"service_on": date(1999, 12, 31)}, {"old_service"}),
        ("C3", {"fee": D("1500.01")}, {"does_not_add"}),
        ("C3", {"fee": D("100.00"), "coaseguro": D("-1200.00")}, {"bad_amount"}),
        ("C3", {"fee": D("200.00"), "payable": D("0.00")}, {"bad_amount"}),
        (
            "all at once",
            {"patient": "", "authorised_by": "", "signed_by_insured": False},
            {"no_patient", "not_authorised", "not_signed"},
        ),
    ],
)
def test_what_is_wrong_with_an_order_is_told_field_by_field(source, changes, codes) -> None:
    wrong = rules.check_order(replace(GOOD, **changes), number=3, on=ON, insurer="Seguros del Valle")
    assert {error.code for error in wrong} - {"rfc_check_digit"} == codes, source
    assert {error.row for error in wrong} == {3}
    assert all(error.message.endswith(".") for error in wrong)


def test_a_good_order_has_nothing_wrong_and_a_bad_rfc_is_named() -> None:
    assert rules.check_order(GOOD, number=1, on=ON, insurer="seguros del valle") == []
    wrong = rules.check_order(replace(GOOD, physician_rfc="NO"), number=1, on=ON, insurer="Seguros del Valle")
    assert [error.field for error in wrong] == ["physician_rfc"]


@pytest.mark.parametrize(
    ("arrived", "declared", "readable", "code"),
    [
        ((2, "10.00"), (2, "10.00"), True, ""),
        ((2, "9.00"), (2, "10.00"), False, ""),
        ((2, "9.00"), (2, "10.00"), True, "control_totals"),
        ((1, "10.00"), (2, "10.00"), True, "control_totals"),
        ((1, "10.00"), (2, "10.00"), False, "control_totals"),
        ((0, "0.00"), (0, "0.00"), True, "no_rows"),
    ],
)
def test_control_totals_must_agree_or_nothing_is_kept(arrived, declared, readable, code) -> None:
    said, came = ({"rows": rows, "payable": D(payable)} for rows, payable in (declared, arrived))
    if not code:
        assert orders_file.ORDERS.check_totals(said, came, is_whole=readable) is None
        return
    with pytest.raises(RuleBroken) as refused:
        orders_file.ORDERS.check_totals(said, came, is_whole=readable)
    assert refused.value.code == code


# --- reading ---------------------------------------------------------------------------------------------------------

RAW = {
    "account": " dv-1 ",
    "physician_rfc": "xaxx800101aa0",
    "patient": "Ana  Ñáñez",
    "service_on": "2026-11-19",
    "concept": "Consulta",
    "fee": "1500.00",
    "coaseguro": "200",
    "payable": "1300.0",
    "authorised_by": "SEGUROS",
    "signed_by_insured": True,
    "signed_by_physician": "sí",
}


def test_a_row_is_read_into_canonical_shape() -> None:
    rows, numbers, errors = read_rows([RAW])
    assert (numbers, errors) == ([1], [])
    row = rows[0]
    assert (row.account, row.physician_rfc, row.service_on) == ("DV-1", "XAXX800101AA0", ON)
    assert (row.fee, row.coaseguro, row.payable) == (D("1500.00"), D("200.00"), D("1300.00"))
    assert row.signed_by_insured and row.signed_by_physician


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        *(
            ("fee", value, "bad_amount")
            for value in (
                1500.0,
                True,
                None.__class__,
                [],
                "1e5",
                "1_000",
                "+5",
                "1,500.00",
                "NaN",
                "sNaN",
                "Infinity",
                "",
                "١٥٠٠",
                "1.234",
                "1" * 60,
                "9999999999",
                "--1",
                "0x10",
            )
        ),
        ("service_on", "19-11-2026", "bad_date"),
        ("service_on", "2026-02-30", "bad_date"),
        ("service_on", "19/11/26", "bad_date"),
        ("service_on", "0026-11-19", "bad_date"),
        ("service_on", "1999-12-31", "bad_date"),
        ("patient", "Juana PÃ©rez", "mojibake"),
        ("concept", "RevisiÃ³n", "mojibake"),
        ("authorised_by", "Compa�ía", "mojibake"),
        ("service_on", 5, "bad_date"),
        ("signed_by_insured", "quizá", "bad_flag"),
        ("patient", {"a": 1}, "bad_text"),
        ("patient", True, "bad_text"),
        ("account", ["x"], "bad_text"),
        ("fee", None, "missing"),
    ],
)
def test_a_value_that_cannot_be_read_is_an_error_of_its_field(field, value, code) -> None:
    rows, _, errors = read_rows([{**RAW, field: value}])
    assert rows == []
    assert [(error.row, error.field, error.code) for error in errors] == [(1, field, code)]


def test_a_text_that_may_not_be_stored_is_an_error_of_its_field() -> None:
    _, _, errors = read_rows([{**RAW, "patient": "A" * 201}, {**RAW, "patient": "A\u202eB"}])
    assert {(error.row, error.field) for error in errors} == {(1, "patient"), (2, "patient")}


def test_the_concept_may_be_left_out_and_a_row_must_be_an_object() -> None:
    rows, numbers, errors = read_rows([{k: v for k, v in RAW.items() if k != "concept"}, "no", RAW])
    assert (len(rows), numbers, rows[0].concept) == (2, [1, 3], "")
    assert [error.code for error in errors] == ["not_an_object"]


def test_a_delivery_has_a_limit() -> None:
    with pytest.raises(RuleBroken) as refused:
        read_rows([RAW] * 3, max_rows=2)
    assert refused.value.code == "too_many_rows"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ({"rows": 2, "payable": "10.50"}, {"rows": 2, "payable": D("10.50")}),
        ({"rows": "2", "payable": "10.50"}, None),
        ({"rows": True, "payable": "10.50"}, None),
        ({"rows": -1, "payable": "10.50"}, None),
        ({"rows": 2, "payable": 10.5}, None),
        ({"rows": 2, "payable": "sNaN"}, None),
        ({"rows": 2}, None),
        ({}, None),
    ],
)
def test_control_totals_are_a_whole_number_and_an_amount_as_text(raw, read) -> None:
    if read:
        assert orders_file.read_control(raw) == read
        return
    with pytest.raises(RuleBroken) as refused:
        orders_file.read_control(raw)
    assert refused.value.code == "bad_control"


def test_one_invoice_is_of_one_physician_though_an_assistant_bills_for_several() -> None:
    rules.check_same_physician(["OERL850612AA9", "OERL850612AA9"])
    with pytest.raises(RuleBroken) as refused:
        rules.check_same_physician(["OERL850612AA9", "PEMI790303BB2"])
    assert refused.value.code == "two_physicians"


def test_the_draw_is_told_by_the_key_alone_and_comes_near_its_percentage() -> None:
    keys = [f"factura-{number}" for number in range(1_000)]
    assert not any(rules.is_drawn(key, percent=0) for key in keys)
    assert all(rules.is_drawn(key, percent=100) for key in keys)
    drawn = [key for key in keys if rules.is_drawn(key, percent=10)]
    assert 70 < len(drawn) < 130 and drawn == [key for key in keys if rules.is_drawn(key, percent=10)]
    assert {*drawn} < {key for key in keys if rules.is_drawn(key, percent=50)}
