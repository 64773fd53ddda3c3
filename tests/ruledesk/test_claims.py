"""Hostile lines to the commands of claims: an error on their own line, a Spanish sentence, the others go on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from .asking import ask, codes
from .asking import lines as json_lines

pytestmark = pytest.mark.django_db

YEAR = {"from": "2026-06-01", "to": "2027-06-01", "deductible": "8000.00", "coaseguro": 0.1}
LINE = {"on": "2026-08-03", "claimed": "82000.00", "covered": 82000}
CLAIM = {"claim": "RB-1", "person": "Iván", "condition": "K35", "began_on": "2026-07-10", "lines": [LINE]}
SETTLE = {"scope": "condition", "years": [YEAR], "claims": [CLAIM]}
CLOCK = {"calendar": "mx-office", "submitted": "2027-01-04 09:00", "now": "2027-01-08T09:00", "promise_minutes": 5400}
CLOCK |= {"pauses": [["2027-01-05 10:00", None]], "history": [5, "6"]}
FILE = {"name": "a.pdf", "size": 4000, "sha256": "AB" * 32, "head": "255044462d312e34"}
INVOICE = {"xml": True, "pdf": True, "method": None, "payment_proof": False, "medicines": False, "hospital": False}
MISSING: dict[str, Any] = {"kind": "scheduled", "subtype": "study", "stage": "complement", "on": "2027-03-31"}
MISSING |= {"coverage": "major", "coverages": ["major"], "condition": "pending", "hospital": "agreed"}
MISSING |= {"documents": {"claim_form": 1}, "medical_report_on": None, "invoices": [INVOICE], "account": "none"}
MISSING |= {"consents": [], "files_pending": 0, "files_rejected": 0}
AUTO: dict[str, Any] = {"kind": "minor", "stage": "initial", "claimed": "940.00", "coverage_in_force": True}
AUTO |= {"condition": "registered", "files": ["accepted"], "invoices": ["pending"], "duplicates": 0}
AUTO |= {"account": "validated", "automatic_last_year": 2, "open_complaint": False, "seed": 2027}
AUTO |= {"limits": {"amount": "1500.00", "per_year": 6}, "folio": "RB-2027-000401", "qa_percent": 10}
PRINTED = {"policy": "GC-00417-02", "name": "Rosa Núñez", "born_on": "1891-11-03"}
RIGHT: dict[str, dict[str, Any]] = {
    "settle": SETTLE,
    "claim-clock": CLOCK,
    "claim-files": {"files": [FILE]},
    "claim-missing": MISSING,
    "claim-auto": AUTO,
    "match-certificate": {"printed": PRINTED, "typed": PRINTED},
}


def with_year(**changes: Any) -> dict[str, Any]:
    return SETTLE | {"years": [YEAR | changes]}


def with_claim(**changes: Any) -> dict[str, Any]:
    return SETTLE | {"claims": [CLAIM | changes]}


def with_line(**changes: Any) -> dict[str, Any]:
    return with_claim(lines=[LINE | changes])


def with_file(**changes: Any) -> dict[str, Any]:
    return {"files": [FILE | changes]}


def typed(**changes: Any) -> dict[str, Any]:
    return {"printed": PRINTED, "typed": PRINTED | changes}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("settle", SETTLE | {"scope": "family"}, "choice_unknown"),
    ("settle", SETTLE | {"years": YEAR}, "datum_unreadable"),
    ("settle", SETTLE | {"years": [YEAR, YEAR]}, "years_overlap"),
    ("settle", with_year(to="2026-06-01"), "year_reversed"),
    ("settle", with_year(coaseguro="10 %"), "rate_unreadable"),
    ("settle", with_year(coaseguro="1.01"), "rate_unreadable"),
    ("settle", with_year(coaseguro="-0.1"), "rate_unreadable"),
    ("settle", with_year(coaseguro="0.1234567"), "rate_unreadable"),
    ("settle", with_year(coaseguro=True), "datum_unreadable"),
    ("settle", with_year(coaseguro_cap="-1"), "money_negative"),
    ("settle", with_year(sum_insured="mucho"), "money_unreadable"),
    ("settle", with_line(covered="82000.01"), "covered_over_claimed"),
    ("settle", with_line(already="82000.01"), "already_over_covered"),
    ("settle", with_line(claimed="-1"), "money_negative"),
    ("settle", with_line(claimed="1.005"), "money_decimals"),
    ("settle", with_line(on="2026-02-30"), "date_unreadable"),
    ("settle", with_claim(began_on="ayer"), "date_unreadable"),
    ("settle", with_claim(person=["Iván"]), "datum_unreadable"),
    ("claim-clock", CLOCK | {"calendar": "mx-luna"}, "calendar_unknown"),
    ("claim-clock", CLOCK | {"now": "2027-01-08"}, "moment_unreadable"),
    ("claim-clock", CLOCK | {"now": "2027-01-03 09:00"}, "before_sending"),
    ("claim-clock", CLOCK | {"now": "2012-01-03 09:00"}, "rule_missing"),
    ("claim-clock", CLOCK | {"pauses": "nunca"}, "datum_unreadable"),
    ("claim-clock", CLOCK | {"pauses": [["2027-01-05 10:00"]]}, "datum_unreadable"),
    ("claim-clock", CLOCK | {"pauses": [[None, None]]}, "datum_unreadable"),
    ("claim-clock", CLOCK | {"pauses": [["2027-01-05 10:00", None]] * 2}, "pauses_overlap"),
    ("claim-clock", CLOCK | {"promise_minutes": -1}, "negative_term"),
    ("claim-clock", CLOCK | {"history": {}}, "datum_unreadable"),
    ("claim-clock", CLOCK | {"history": [1.5]}, "number_unreadable"),
    ("claim-clock", CLOCK | {"history": [-1]}, "history_negative"),
    ("claim-files", {"files": "a.pdf"}, "datum_unreadable"),
    ("claim-files", with_file(size=-1), "size_negative"),
    ("claim-files", with_file(size="4 MB"), "number_unreadable"),
    ("claim-files", with_file(head="25504"), "head_unreadable"),
    ("claim-files", with_file(head="zz"), "head_unreadable"),
    ("claim-files", with_file(name=None), "datum_unreadable"),
    ("claim-missing", MISSING | {"kind": "sorteo"}, "choice_unknown"),
    ("claim-missing", MISSING | {"subtype": "sauna"}, "choice_unknown"),
    ("claim-missing", MISSING | {"stage": "appeal"}, "appeal_asks_reasons"),
    ("claim-missing", MISSING | {"stage": "later"}, "choice_unknown"),
    ("claim-missing", MISSING | {"condition": "unknown"}, "choice_unknown"),
    ("claim-missing", MISSING | {"hospital": "any"}, "choice_unknown"),
    ("claim-missing", MISSING | {"account": "rich"}, "choice_unknown"),
    ("claim-missing", MISSING | {"coverages": "major"}, "datum_unreadable"),
    ("claim-missing", MISSING | {"consents": [None]}, "datum_unreadable"),
    ("claim-missing", MISSING | {"documents": ["claim_form"]}, "datum_unreadable"),
    ("claim-missing", MISSING | {"documents": {"claim_form": -1}}, "number_negative"),
    ("claim-missing", MISSING | {"documents": {"claim_form": True}}, "datum_unreadable"),
    ("claim-missing", MISSING | {"invoices": [INVOICE | {"xml": "sí"}]}, "datum_unreadable"),
    ("claim-missing", MISSING | {"files_pending": -1}, "number_negative"),
    ("claim-missing", MISSING | {"medical_report_on": "31/03/2027"}, "date_unreadable"),
    ("claim-missing", MISSING | {"on": "2013-12-31"}, "rule_missing"),
    ("claim-auto", AUTO | {"kind": "sorteo"}, "choice_unknown"),
    ("claim-auto", AUTO | {"stage": "later"}, "choice_unknown"),
    ("claim-auto", AUTO | {"claimed": "-940.00"}, "money_negative"),
    ("claim-auto", AUTO | {"coverage_in_force": "true"}, "datum_unreadable"),
    ("claim-auto", AUTO | {"files": ["good"]}, "choice_unknown"),
    ("claim-auto", AUTO | {"invoices": "accepted"}, "datum_unreadable"),
    ("claim-auto", AUTO | {"duplicates": -1}, "number_out_of_range"),
    ("claim-auto", AUTO | {"duplicates": []}, "datum_unreadable"),
    ("claim-auto", AUTO | {"qa_percent": 101}, "number_out_of_range"),
    ("claim-auto", AUTO | {"limits": "1500"}, "datum_unreadable"),
    ("claim-auto", AUTO | {"limits": {"amount": "1500.00"}}, "datum_missing"),
    ("claim-auto", AUTO | {"limits": {"amount": "1500.00", "per_year": -1}}, "number_out_of_range"),
    ("claim-auto", AUTO | {"open_complaint": None}, "datum_missing"),
    ("match-certificate", {"printed": PRINTED, "typed": "Rosa"}, "datum_unreadable"),
    ("match-certificate", typed(born_on="1891-13-03"), "date_unreadable"),
    ("match-certificate", typed(name=["Rosa"]), "datum_unreadable"),
    ("match-certificate", typed(policy=""), "datum_missing"),
]


def without_each_key(command: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The right question of a command that lacks one of its keys, in whatever depth."""
    for key, value in RIGHT[command].items():
        yield {name: one for name, one in RIGHT[command].items() if name != key}, "datum_missing"
        inner = value[0] if isinstance(value, list) and value else value
        for name in inner if isinstance(inner, dict) and key != "documents" else ():
            less = {one: held for one, held in inner.items() if one != name}
            yield RIGHT[command] | {key: [less] if isinstance(value, list) else less}, "datum_missing"


@pytest.mark.parametrize("command", RIGHT)
def test_what_cannot_be_judged_says_why_on_its_line_and_the_others_go_on(command: str) -> None:
    asked = [(one, code) for name, one, code in WRONG if name == command] + list(without_each_key(command))
    told = [(json.dumps(one), code) for one, code in asked]
    told += [(text, "bad_json") for text in ("", "[]", "7", '{"a": NaN}', '{"a": 1', "[" * 9_000)]
    answers, ended = ask(
        command, "-", stdin="\n".join([*(text for text, _ in told), json.dumps(RIGHT[command])]) + "\n"
    )
    got = codes(answers)
    assert [(text, code, found) for (text, code), found in zip(told, got, strict=False) if code != found] == []
    assert ended == 2 and got[len(told) :] == [""]
    assert [one for one in answers[:-1] if not one["error"]["message"].endswith((".", "}.", "…]."))] == []


def test_what_the_scope_has_not_is_not_asked_and_half_a_letter_breaks_nothing() -> None:
    bare = {"claim": "A", "person": "Iván", "lines": [{**LINE, "already": None}]}
    year = YEAR | {"coaseguro_cap": None, "sum_insured": None}
    (found,), ended = ask("settle", "-", stdin=json_lines({"scope": "person-year", "years": [year], "claims": [bare]}))
    assert ended == 0 and found["accumulators"][0]["condition"] == ""
    asked = SETTLE | {"scope": "condition-year", "claims": [CLAIM | {"began_on": None, "person": "\ud800"}]}
    (found,), ended = ask("settle", "-", stdin=json.dumps(asked) + "\n")
    assert ended == 0 and found["claims"][0]["paid"] == "66600.00"
    (found,), ended = ask("claim-auto", "-", stdin=json.dumps(AUTO | {"invoices": ["accepted"], "folio": "\udfff"}))
    assert ended == 0 and found["outcome"] == "approve"


def test_pure_commands_answer_thousands_of_lines_a_second() -> None:
    for command in ("settle", "claim-auto", "match-certificate", "claim-files"):
        stdin = (json.dumps(RIGHT[command]) + "\n") * 3000
        began = time.process_time()
        answers, ended = ask(command, "-", stdin=stdin)
        took = time.process_time() - began
        print(f"{command}: {3000 / took:.0f} lines a second of a processor")
        assert len(answers) == 3000 and ended == 0 and took < 6
