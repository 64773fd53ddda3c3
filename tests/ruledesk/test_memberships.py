"""Hostile lines to the commands of memberships: an error on their own line, a Spanish sentence, the others go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .asking import ask, codes

pytestmark = pytest.mark.django_db

PAYNET = {"algorithm": "paynet", "ref": "8100t3r9k00"}
DATED = {"algorithm": "base97-amount-date", "base_year": 2014, "amount_digit_sum": True, "constant": "2"}
MADE = DATED | {"ref": "204417", "date": "2026-12-31", "cents": 41200}
READ = DATED | {"full": "20441748352242"}
SLIP = {"id": "FP-1", "reference": "31055248164201", "prefix": "", "agreement": None, "amount": "480.00"}
SLIP |= {"expires_on": "2026-12-12", "state": "issued"}
CHARGE = {"period": "2026-10", "amount": "480.00"}
FAMILY = {"membership": "ME-2026-000451", "rfc": "", "holder": None, "charges": [CHARGE]}
DEPOSIT = {"id": "m1", "on": "2026-12-10", "amount": "-480.00", "reference": None, "text": "x"}
MATCH = {"slips": [SLIP], "families": [FAMILY], "deposits": [DEPOSIT]}
PRICE, PAID = {"from": "2021-01-01", "amount": "480.00"}, {"on": "2027-02-10", "amount": 480}
DUES = {"joined_on": "2027-02-10", "prices": [PRICE], "payments": [PAID], "on": "2027-03-05"}
IMSS = {"rights": True, "clinic": "none", "has_card": False}
VIEW = {"viewer": "titular", "born_on": "1931-09-09", "has_account": True, "shares": ["card"], "what": "card"}
VIEW |= {"on": "2027-05-10"}
RIGHT: dict[str, list[dict[str, Any]]] = {
    "reference": [PAYNET, MADE, READ],
    "match-deposits": [MATCH],
    "dues": [DUES],
    "imss-path": [IMSS],
    "family-view": [VIEW],
}


def with_slip(**changes: Any) -> dict[str, Any]:
    return MATCH | {"slips": [SLIP | changes]}


def with_deposit(**changes: Any) -> dict[str, Any]:
    return MATCH | {"deposits": [DEPOSIT | changes]}


def with_charge(**changes: Any) -> dict[str, Any]:
    return MATCH | {"families": [FAMILY | {"charges": [CHARGE | changes]}]}


def paid(**changes: Any) -> dict[str, Any]:
    return DUES | {"payments": [PAID | changes]}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("reference", {"algorithm": "base11", "ref": "1"}, "choice_unknown"),
    ("reference", {"algorithm": ["base10"], "ref": "1"}, "datum_unreadable"),
    ("reference", PAYNET | {"full": "8100T3R9K001"}, "datum_missing"),
    ("reference", {"algorithm": "base10", "ref": "１２"}, "reference_letters"),
    ("reference", {"algorithm": "base10", "ref": -5}, "reference_letters"),
    ("reference", {"algorithm": "base10", "ref": True}, "datum_unreadable"),
    ("reference", {"algorithm": "base10", "ref": "1" * 20}, "reference_too_long"),
    ("reference", {"algorithm": "paynet", "ref": "8100Ñ"}, "reference_sign"),
    ("reference", {"algorithm": "paynet", "ref": "ß1"}, "reference_sign"),
    ("reference", {"algorithm": "base97", "ref": "81-00"}, "reference_sign"),
    ("reference", MADE | {"cents": 0}, "cents_below_one"),
    ("reference", MADE | {"cents": -1}, "cents_below_one"),
    ("reference", MADE | {"cents": 1.5}, "number_unreadable"),
    ("reference", MADE | {"cents": 10**13}, "number_unreadable"),
    ("reference", MADE | {"cents": True}, "datum_unreadable"),
    ("reference", MADE | {"date": "2013-12-31"}, "date_does_not_fit"),
    ("reference", MADE | {"date": "2026-02-30"}, "date_unreadable"),
    ("reference", MADE | {"date": None}, "datum_missing"),
    ("reference", MADE | {"amount_digit_sum": 1}, "datum_unreadable"),
    ("reference", MADE | {"constant": "X"}, "constant_unreadable"),
    ("reference", MADE | {"base_year": 99999999}, "base_year_out_of_range"),
    ("reference", READ | {"base_year": "2014.0"}, "number_unreadable"),
    ("reference", READ | {"amount_digit_sum": "true"}, "datum_unreadable"),
    ("match-deposits", MATCH | {"slips": {}}, "datum_unreadable"),
    ("match-deposits", MATCH | {"slips": [1]}, "datum_unreadable"),
    ("match-deposits", MATCH | {"slips": [SLIP, SLIP]}, "expected_twice"),
    (
        "match-deposits",
        MATCH | {"slips": [SLIP, SLIP | {"id": "FP-2", "reference": "003L055248164201"}]},
        "reference_twice",
    ),
    ("match-deposits", MATCH | {"families": [FAMILY, FAMILY]}, "debtor_twice"),
    ("match-deposits", MATCH | {"deposits": [DEPOSIT, DEPOSIT]}, "deposit_twice"),
    ("match-deposits", with_slip(reference="0000001234567"), "reference_short"),
    ("match-deposits", with_slip(reference="81001234567", prefix="8100"), "reference_short"),
    ("match-deposits", with_slip(amount="0.00"), "amount_not_positive"),
    ("match-deposits", with_slip(amount="-1.00"), "money_negative"),
    ("match-deposits", with_slip(amount="NaN"), "money_unreadable"),
    ("match-deposits", with_slip(amount=True), "datum_unreadable"),
    ("match-deposits", with_slip(amount="1.005"), "money_decimals"),
    ("match-deposits", with_slip(expires_on="2026-02-29"), "date_unreadable"),
    ("match-deposits", with_slip(state="open"), "choice_unknown"),
    ("match-deposits", with_deposit(amount="--1"), "money_negative"),
    ("match-deposits", with_deposit(amount=10**40), "money_too_large"),
    ("match-deposits", with_deposit(text=["x"]), "datum_unreadable"),
    ("match-deposits", with_deposit(on=20261210), "date_unreadable"),
    ("match-deposits", with_charge(period="2026-13"), "period_unreadable"),
    ("match-deposits", with_charge(amount=0), "amount_not_positive"),
    ("dues", DUES | {"on": "2027-02-09"}, "before_joining"),
    ("dues", DUES | {"cancel_asked_on": "2027-02-09"}, "before_joining"),
    ("dues", paid(on="2027-02-09"), "before_joining"),
    ("dues", paid(taken_back_on="2027-02-09"), "taken_back_early"),
    ("dues", paid(amount="0"), "amount_not_positive"),
    ("dues", paid(amount="-480.00"), "money_negative"),
    ("dues", paid(amount=False), "datum_unreadable"),
    ("dues", paid(taken_back_on="nunca"), "date_unreadable"),
    ("dues", DUES | {"prices": []}, "price_missing"),
    ("dues", DUES | {"prices": [PRICE | {"from": "2027-02-11"}]}, "price_missing"),
    ("dues", DUES | {"prices": [PRICE | {"amount": "0.00"}]}, "amount_not_positive"),
    ("dues", DUES | {"prices": [PRICE, PRICE]}, "price_twice"),
    ("dues", DUES | {"payments": "480"}, "datum_unreadable"),
    ("dues", DUES | {"joined_on": "1999-12-31", "prices": [PRICE | {"from": "1990-01-01"}]}, "rule_missing"),
    ("dues", DUES | {"on": "9999-12-31"}, "date_out_of_range"),
    ("imss-path", IMSS | {"rights": "sí"}, "datum_unreadable"),
    ("imss-path", IMSS | {"has_card": 0}, "datum_unreadable"),
    ("imss-path", IMSS | {"clinic": "other"}, "choice_unknown"),
    ("imss-path", {"rights": False}, "datum_missing"),
    ("family-view", VIEW | {"viewer": "spouse"}, "choice_unknown"),
    ("family-view", VIEW | {"what": "papers"}, "choice_unknown"),
    ("family-view", VIEW | {"shares": ["dues"]}, "choice_unknown"),
    ("family-view", VIEW | {"shares": "card"}, "datum_unreadable"),
    ("family-view", VIEW | {"shares": [None]}, "datum_unreadable"),
    ("family-view", VIEW | {"has_account": 1}, "datum_unreadable"),
    ("family-view", VIEW | {"born_on": "2027-05-11"}, "not_born_yet"),
    ("family-view", VIEW | {"born_on": "2011-02-29"}, "date_unreadable"),
]


def without_each_key() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every question of `RIGHT` that lacks one of its keys, in whatever depth."""
    for command, asked in RIGHT.items():
        for question in asked:
            for key, value in question.items():
                if not (question is READ and key == "amount_digit_sum"):  # not asked of what is taken apart
                    yield command, {name: one for name, one in question.items() if name != key}, "datum_missing"
                for inner in value[0] if isinstance(value, list) and isinstance(value[0], dict) else ():
                    less = {name: one for name, one in value[0].items() if name != inner}
                    yield command, question | {key: [less]}, "datum_missing"


@pytest.mark.parametrize("command", RIGHT)
def test_what_cannot_be_judged_says_why_on_its_line_and_the_others_go_on(command: str) -> None:
    asked = [(one, code) for name, one, code in [*WRONG, *without_each_key()] if name == command]
    broken = [
        (text, "bad_json") for text in ("", "[]", "7", '{"on": NaN}', '{"a": 1', "[" * 9_000, f'{{"a": {"9" * 5_000}}}')
    ]
    told = [*((json.dumps(one, ensure_ascii=False), code) for one, code in asked), *broken]
    right = [json.dumps(one) for one in RIGHT[command]]
    answers, ended = ask(command, "-", stdin="\n".join([*(text for text, _ in told), *right]) + "\n")
    assert ended == 2
    got = codes(answers)
    assert [(text, code, found) for (text, code), found in zip(told, got, strict=False) if code != found] == []
    assert got[len(told) :] == [""] * len(right)
    assert [one for one in answers[: len(told)] if not one["error"]["message"].endswith((".", "}."))] == []


def test_a_reference_that_is_none_is_an_answer_with_every_key() -> None:
    asked = [{"algorithm": "base10", "full": full} for full in ("5", "1" * 21, "30O459", "30045Ñ", "300459 ", 300459)]
    asked += [READ | {"full": full} for full in ("42", "20441748352243", "ÑÑ", "2O441748352242")]
    answers, ended = ask("reference", "-", stdin="".join(json.dumps(one) + "\n" for one in asked))
    assert [one["valid"] for one in answers] == [False] * 4 + [True] * 2 + [False] * 4 and ended == 0
    assert all(set(one) == {"valid", "ref", "check"} for one in answers[:6])
    assert answers[-1] == {"valid": False, "ref": None, "check": None, "date": None, "amount_digit": None}
