"""withhold: every scheme over a table of its own, to the cent (S0.20-S0.23, C1, C2)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal import clock
from portal.rulebook import services
from tests.factories.people import administrator

from .asking import ask, codes, lines, one

pytestmark = pytest.mark.django_db

# What each rate keeps of an amount, worked out apart from the product with whole cents, half a cent upwards.
# amount, 10 %, 1.25 %, 2.5 %, 3 %, 5 %; in most rows at least one product ends in exactly half a cent.
KEPT = (
    ("0.01", "0.00", "0.00", "0.00", "0.00", "0.00"),
    ("0.20", "0.02", "0.00", "0.01", "0.01", "0.01"),  # 2.5 % is 0.005
    ("0.40", "0.04", "0.01", "0.01", "0.01", "0.02"),  # 1.25 % is 0.005
    ("0.50", "0.05", "0.01", "0.01", "0.02", "0.03"),  # 3 % is 0.015, 5 % is 0.025
    ("1.00", "0.10", "0.01", "0.03", "0.03", "0.05"),  # 2.5 % is 0.025
    ("2.00", "0.20", "0.03", "0.05", "0.06", "0.10"),  # 1.25 % is 0.025
    ("6.00", "0.60", "0.08", "0.15", "0.18", "0.30"),  # 1.25 % is 0.075
    ("10.10", "1.01", "0.13", "0.25", "0.30", "0.51"),  # 5 % is 0.505
    ("33.35", "3.34", "0.42", "0.83", "1.00", "1.67"),  # 10 % is 3.335
    ("99.99", "10.00", "1.25", "2.50", "3.00", "5.00"),
    ("100.20", "10.02", "1.25", "2.51", "3.01", "5.01"),  # 2.5 % is 2.505
    ("123.40", "12.34", "1.54", "3.09", "3.70", "6.17"),  # 2.5 % is 3.085
    ("333.33", "33.33", "4.17", "8.33", "10.00", "16.67"),
    ("500.10", "50.01", "6.25", "12.50", "15.00", "25.01"),  # 5 % is 25.005
    ("666.66", "66.67", "8.33", "16.67", "20.00", "33.33"),
    ("1000.00", "100.00", "12.50", "25.00", "30.00", "50.00"),
    ("1000.10", "100.01", "12.50", "25.00", "30.00", "50.01"),  # 5 % is 50.005
    ("1234.56", "123.46", "15.43", "30.86", "37.04", "61.73"),
    ("1500.00", "150.00", "18.75", "37.50", "45.00", "75.00"),
    ("2750.30", "275.03", "34.38", "68.76", "82.51", "137.52"),  # 5 % is 137.515
    ("4999.90", "499.99", "62.50", "125.00", "150.00", "250.00"),  # 5 % is 249.995
    ("12345.67", "1234.57", "154.32", "308.64", "370.37", "617.28"),
    ("87654.30", "8765.43", "1095.68", "2191.36", "2629.63", "4382.72"),  # 5 % is 4382.715
    ("250000.05", "25000.01", "3125.00", "6250.00", "7500.00", "12500.00"),  # 10 % is 25000.005
    ("999999999.99", "100000000.00", "12500000.00", "25000000.00", "30000000.00", "50000000.00"),
)
RATES = {"0.100000": 1, "0.012500": 2, "0.025000": 3, "0.030000": 4, "0.050000": 5}
# code: ISR, local, a date, source of the rule, warnings
SCHEMES = {
    "PF": ("0.100000", "", "2026-05-04", "S0.20", []),
    "RESICO": ("0.012500", "", "2022-01-01", "S0.21", []),
    "PF_JAL": ("0.100000", "0.030000", "2025-12-31", "S0.22", ["scheme_conflict"]),
    "RESICO_JAL": ("0.025000", "0.030000", "2026-05-04", "S0.23", ["scheme_conflict"]),
    "RESICO_JAL_STAT": ("0.012500", "0.030000", "2025-12-31", "C1", ["scheme_review"]),
    "PF_JAL_26": (
        "0.100000",
        "0.050000",
        "2026-01-01",
        "Ley de ingresos de Jalisco 2026",
        ["scheme_inactive", "scheme_review"],
    ),
    "RESICO_JAL_26": (
        "0.012500",
        "0.050000",
        "2026-01-01",
        "Ley de ingresos de Jalisco 2026",
        ["scheme_inactive", "scheme_review"],
    ),
}


@pytest.mark.parametrize("code", SCHEMES)
def test_every_scheme_over_every_amount_to_the_cent(code: str) -> None:
    isr, local, on, source, _ = SCHEMES[code]
    asked = [{"scheme": code, "amount": row[0], "on": on} for row in KEPT]
    answers, ended = ask("withhold", "-", stdin=lines(*asked))
    assert (len(answers), ended) == (len(KEPT), 0)
    for row, answer in zip(KEPT, answers, strict=True):
        kept = {"ISR": (isr, row[RATES[isr]])} | ({"LOCAL": (local, row[RATES[local]])} if local else {})
        assert [
            (line["component"], line["rate"], line["base"], line["amount"], line["rule"]) for line in answer["lines"]
        ] == [(name, rate, row[0], amount, f"{source} · v1") for name, (rate, amount) in kept.items()]
        left = Decimal(row[0]) - sum(Decimal(amount) for _, amount in kept.values())
        assert answer["payable"] == f"{left:.2f}"


@pytest.mark.parametrize("code", SCHEMES)
def test_each_scheme_warns_of_what_a_person_has_to_know(code: str) -> None:
    _, _, on, _, warnings = SCHEMES[code]
    answer = one("withhold", "--scheme", code, "--amount", "1000", "--on", on)
    assert [warning["code"] for warning in answer["warnings"]] == warnings
    assert all(warning["message"].endswith(".") for warning in answer["warnings"])


@pytest.mark.parametrize(
    ("code", "payable"), [("PF", "900.00"), ("RESICO", "987.50"), ("PF_JAL", "870.00"), ("RESICO_JAL", "945.00")]
)
def test_s0_20_to_23_what_is_paid_of_a_thousand(code: str, payable: str) -> None:
    assert one("withhold", "--scheme", code, "--amount", "1,000.00", "--on", "2026-11-22")["payable"] == payable


def test_c1_the_conflict_of_resico_in_jalisco_is_told_with_its_alternative() -> None:
    answer = one("withhold", "--scheme", "RESICO_JAL", "--amount", "1000", "--on", "2026-11-22")
    assert "1.25 % + 3 %" in answer["warnings"][0]["message"]


@pytest.mark.parametrize(
    ("code", "on"),
    [
        ("RESICO", "2021-12-31"),
        ("RESICO_JAL", "2021-12-31"),
        ("RESICO_JAL_STAT", "2026-01-01"),
        ("PF_JAL_26", "2025-12-31"),
    ],
)
def test_a_scheme_that_does_not_hold_on_the_date_is_an_error(code: str, on: str) -> None:
    answers, ended = ask("withhold", "--scheme", code, "--amount", "1000", "--on", on)
    assert (codes(answers), ended) == (["scheme_not_in_force"], 2)
    assert on in answers[0]["error"]["message"]


def test_the_operator_activates_2026_and_the_answers_follow() -> None:
    services.activate_rule(code="withholding.PF_JAL_26", by=administrator(), at=clock.now(), reason="Tasa confirmada.")
    asked = [
        {"scheme": "PF_JAL", "amount": "1000", "on": "2025-12-31"},
        {"scheme": "PF_JAL", "amount": "1000", "on": "2026-01-01"},
        {"scheme": "PF_JAL_26", "amount": "1000", "on": "2026-01-01"},
    ]
    answers, ended = ask("withhold", "-", stdin=lines(*asked))
    assert (codes(answers), ended) == (["", "scheme_not_in_force", ""], 2)
    assert [warning["code"] for warning in answers[2]["warnings"]] == ["scheme_review"]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("", "bad_json"),
        ("hola", "bad_json"),
        ("[]", "bad_json"),
        ('{"scheme": "PF", "amount": NaN, "on": "2026-11-22"}', "bad_json"),
        ("[" * 100_000, "bad_json"),
        ('{"scheme": "PF", "amount": "1000"}', "datum_missing"),
        ('{"scheme": "XX", "amount": "1000", "on": "2026-11-22"}', "scheme_unknown"),
        ('{"scheme": "pf", "amount": "1000", "on": "2026-11-22"}', "scheme_unknown"),
        ('{"scheme": ["PF"], "amount": "1000", "on": "2026-11-22"}', "datum_unreadable"),
        ('{"scheme": "PF", "amount": true, "on": "2026-11-22"}', "datum_unreadable"),
        ('{"scheme": "PF", "amount": "-1", "on": "2026-11-22"}', "money_negative"),
        ('{"scheme": "PF", "amount": "1000.005", "on": "2026-11-22"}', "money_decimals"),
        ('{"scheme": "PF", "amount": "１０００", "on": "2026-11-22"}', "money_digits"),
        ('{"scheme": "PF", "amount": 1e99, "on": "2026-11-22"}', "money_unreadable"),
        ('{"scheme": "PF", "amount": "1000000000", "on": "2026-11-22"}', "money_too_large"),
        ('{"scheme": "PF", "amount": "1000", "on": "22/11/2026"}', "date_unreadable"),
        ('{"scheme": "PF", "amount": "1000", "on": "2026-02-29"}', "date_unreadable"),
        ('{"scheme": "PF", "amount": "1000", "on": "0026-02-28"}', "date_out_of_range"),
    ],
)
def test_a_question_that_cannot_be_judged_fails_alone(question: str, code: str) -> None:
    right = '{"scheme": "PF", "amount": 1000.00, "on": "2026-11-22"}'
    answers, ended = ask("withhold", "-", stdin=f"{question}\n{right}\n")
    assert (codes(answers), ended) == ([code, ""], 2)
    assert answers[0]["error"]["message"].endswith((".", "}."))
    assert answers[1]["payable"] == "900.00"


def test_a_missing_option_is_a_failure_in_json_too() -> None:
    answers, ended = ask("withhold", "--scheme", "PF", "--on", "2026-11-22")
    assert (codes(answers), ended) == (["datum_missing"], 2)
    assert "amount" in answers[0]["error"]["message"]
