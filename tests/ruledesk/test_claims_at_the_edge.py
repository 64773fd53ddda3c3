"""Questions at the edge to the commands of claims, each with its answer worked out by hand (domain 6, issue 12.8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .asking import ask
from .test_claims import AUTO, CLAIM, CLOCK, FILE, INVOICE, LINE, MISSING, PRINTED, SETTLE, YEAR
from .test_look_alikes import A, receipt

pytestmark = pytest.mark.django_db
Rows = list[tuple[str, dict[str, Any], dict[str, Any]]]
OPEN = YEAR | {"deductible": "0", "coaseguro_cap": None, "sum_insured": None}
NEXT = OPEN | {"from": "2027-06-01", "to": "2028-06-01", "deductible": "100.00"}
CENTS = [LINE | {"claimed": "0.05", "covered": "0.05"}] * 2


def settles(years: list[Any], lines: list[Any], *more: Any, scope: str = "condition-year", **told: Any) -> Any:
    return {"scope": scope, "years": years, "claims": [CLAIM | {"lines": lines} | told, *more]}


def line(on: str, amount: str, **more: Any) -> dict[str, Any]:
    return {"on": on, "claimed": amount, "covered": amount, **more}


def shares(covered: str, deductible: str, coaseguro: str, over: str, paid: str) -> dict[str, str]:
    told = {"covered": covered, "deductible": deductible, "coaseguro": coaseguro}
    return told | {"over_limit": over, "paid": paid}


SETTLED: Rows = [
    (
        "years that touch: the day between is the second year's, whatever order they are told in",
        settles([NEXT, OPEN], [line("2027-05-31", "50"), line("2027-06-01", "50")]),
        {
            "accumulators": [
                {"year": "2026-06-01", **shares("50.00", "0.00", "5.00", "0.00", "45.00")},
                {"year": "2027-06-01", **shares("50.00", "50.00", "0.00", "0.00", "0.00")},
            ]
        },
    ),
    (
        "no cap and no sum insured: nothing ends",
        settles([OPEN], [line("2026-08-03", "999,999,999.99")]),
        {"claims": [shares("999999999.99", "0.00", "100000000.00", "0.00", "899999999.99")]},
    ),
    (
        "half a cent goes up once for the bucket, not for each line",
        settles([OPEN], CENTS),
        {"claims": [{"coaseguro": "0.01", "paid": "0.09", "lines": [{"coaseguro": "0.01"}, {"coaseguro": "0.00"}]}]},
    ),
    (
        "all is the family's, and a sum of nothing",
        settles([OPEN | {"coaseguro": "1"}, NEXT | {"sum_insured": "0"}], [line("2026-08-03", "7"), LINE | CENTS[0]]),
        {"claims": [shares("7.05", "0.00", "7.05", "0.00", "0.00")]},
    ),
    (
        "a cap of nothing is a cap",
        settles([OPEN | {"coaseguro_cap": "0.00"}], [line("2026-08-03", "10")]),
        {"claims": [shares("10.00", "0.00", "0.00", "0.00", "10.00")]},
    ),
    (
        "a sum insured of nothing pays nothing",
        settles([OPEN | {"sum_insured": 0}], [line("2026-08-03", "10")]),
        {"claims": [shares("10.00", "0.00", "1.00", "9.00", "0.00")]},
    ),
    (
        "what an appeal does not raise moves nothing, and a day outside keeps what was covered already",
        settles([OPEN], [line("2026-08-03", "10", already="10"), line("2019-01-01", "10", already="4")]),
        {"claims": [{"claimed": "20.00", "already": "14.00", "not_covered": "6.00", "covered": "0.00"}]},
    ),
    (
        "no years: everything is outside",
        settles([], [line("2026-08-03", "1")], scope="condition"),
        {"claims": [{"lines": [{"reason": "outside_policy"}]}], "accumulators": []},
    ),
    ("no claims and no lines", SETTLE | {"claims": []}, {"claims": [], "accumulators": []}),
    (
        "a claim without lines comes to nothing",
        settles([OPEN], []),
        {"claims": [{"claimed": "0.00", "lines": []}], "accumulators": []},
    ),
    (
        "one folio twice shares one bucket",
        settles([OPEN], [line("2026-08-03", "10")], CLAIM | {"lines": [line("2026-08-03", "10")]}),
        {"accumulators": [shares("20.00", "0.00", "2.00", "0.00", "18.00")]},
    ),
    (
        "an illness told with two beginnings under the same terms is one illness",
        settles(
            [OPEN, OPEN | {"from": "2027-06-01", "to": "2028-06-01"}],
            [line("2026-08-03", "10")],
            CLAIM | {"began_on": "2027-07-01", "lines": [line("2027-08-03", "10")]},
            scope="condition",
        ),
        {"accumulators": [{"year": "", **shares("20.00", "0.00", "2.00", "0.00", "18.00")}]},
    ),
    (
        "two beginnings under different terms are none of ours to choose",
        settles(
            [OPEN, NEXT],
            [line("2026-08-03", "10")],
            CLAIM | {"began_on": "2027-07-01", "lines": [line("2027-08-03", "10")]},
            scope="condition",
        ),
        {"error": {"code": "condition_began_twice"}},
    ),
]
MONDAY = "2027-01-11 09:00"
CLOCKED: Rows = [
    (
        "a pause that ends now is over",
        CLOCK | {"now": "2027-01-05 12:00", "pauses": [["2027-01-05 10:00", "2027-01-05 12:00"]], "history": []},
        {"elapsed_minutes": 600, "running": True, "promise_due": "2027-01-18 11:00"},
    ),
    (
        "a pause that begins now stands",
        CLOCK | {"now": "2027-01-05 10:00", "pauses": [["2027-01-05 10:00", None]], "history": []},
        {"elapsed_minutes": 600, "running": False, "promise_due": None, "late": False},
    ),
    (
        "pauses that touch, and one of no time, tell as one",
        CLOCK
        | {
            "pauses": [[MONDAY, MONDAY], ["2027-01-05 10:00", "2027-01-05 12:00"], ["2027-01-05 12:00", MONDAY]],
            "now": "2027-01-11 10:00",
            "history": [],
        },
        {"elapsed_minutes": 660, "running": True},
    ),
    (
        "asked at the instant of sending",
        CLOCK | {"now": "2027-01-04 09:00", "pauses": [], "history": []},
        {"elapsed_minutes": 0, "running": True, "promise_due": "2027-01-15 18:00", "late": False},
    ),
    (
        "a promise of nothing is due when it is sent",
        CLOCK | {"promise_minutes": 0, "pauses": [], "history": []},
        {"promise_due": "2027-01-04 09:00", "late": True},
    ),
    ("a history of one tells nothing", CLOCK | {"history": [5]}, {"estimate": None, "track": None}),
    (
        "twenty cases of no time: it is past them from the first minute on",
        CLOCK | {"pauses": [], "history": [0] * 21, "now": "2027-01-04 09:01"},
        {"estimate": {"n": 21, "p80_minutes": 0, "past": True}, "track": {"tested": 1, "hits": 1}},
    ),
    (
        "past is more than, not as much as",
        CLOCK | {"pauses": [], "history": [60] * 20, "now": "2027-01-04 10:00"},
        {"estimate": {"p80_due": "2027-01-04 10:00", "past": False}, "track": None},
    ),
    (
        "a pause that began before sending",
        CLOCK | {"pauses": [["2027-01-04 08:59", None]]},
        {"error": {"code": "pause_before_sending"}},
    ),
    (
        "after an open pause there is no other",
        CLOCK | {"pauses": [["2027-01-05 10:00", None], ["2027-01-06 10:00", "2027-01-06 11:00"]]},
        {"error": {"code": "pauses_overlap"}},
    ),
]
WHOLE = MISSING | {"documents": {"claim_form": 1, "prescription": 1}, "medical_report_on": "2026-09-30"}
WHOLE |= {"consents": ["portal-privacy", "insurer-privacy", "sensitive-data"], "invoices": []}
LACKING: Rows = [
    ("six months before 31 March, clamped, is still good", WHOLE, {"missing": []}),
    ("a day older is not", WHOLE | {"medical_report_on": "2026-09-29"}, {"missing": ["medical_report"]}),
    ("a first sending asks for its own", WHOLE | {"stage": "initial"}, {"missing": ["medical_report", "official_id"]}),
    (
        "minor in any other coverage, and a coverage that nobody said",
        WHOLE | {"kind": "minor", "subtype": "", "coverage": None, "account": "on_hold"},
        {"missing": ["coverage", "kind", "invoices"]},
    ),
    (
        "of an invoice that lacks everything, everything",
        WHOLE
        | {
            "invoices": [
                INVOICE | {"xml": False, "pdf": False, "method": " PPD ", "medicines": True, "hospital": True}
            ],
            "documents": {"claim_form": "2", "prescription": 0},
        },
        {
            "missing": [
                "prescription",
                "invoice.1.xml",
                "invoice.1.pdf",
                "invoice.1.payment_proof",
                "itemised_bill",
            ]
        },
    ),
    ("a stage in another case", WHOLE | {"stage": "Initial"}, {"error": {"code": "choice_unknown"}}),
    ("a stage of nothing", WHOLE | {"stage": ""}, {"error": {"code": "datum_missing"}}),
    ("a stage that is no word", WHOLE | {"stage": True}, {"error": {"code": "datum_unreadable"}}),
]
GOOD = AUTO | {"invoices": ["accepted"], "claimed": "1500.00"}
APPROVED: Rows = [
    ("the limit is within", GOOD | {"qa_percent": 0}, {"outcome": "approve", "because": [], "sampled": False}),
    ("of a hundred all are drawn", GOOD | {"qa_percent": 100}, {"outcome": "approve", "sampled": True}),
    ("nothing claimed is a person's", GOOD | {"claimed": 0}, {"because": ["amount"], "sampled": False}),
    ("as many as may be is too many", GOOD | {"automatic_last_year": 6}, {"because": ["often"]}),
    ("no file and no illness said", GOOD | {"files": [], "condition": None}, {"because": ["condition", "files"]}),
    ("a complement may, an appeal not", GOOD | {"stage": "complement", "account": "on_hold"}, {"because": ["account"]}),
]
JPEG, PDF = "ffd8ffe000104a46", FILE["head"]
TAKEN: Rows = [
    (
        "an ending is not a kind, capitals are none, half a mark of order is nothing",
        {"files": [FILE | {"name": "A.PDF"}, FILE | {"name": "b.jpg", "sha256": "b"}, FILE | {"name": "pdf"}]},
        {"files": [{"kind": "pdf"}, {"code": "file.kind"}, {"code": "file.kind"}], "count": 1, "accepted": False},
    ),
    (
        "the same bytes under another name, told before the fifty-first",
        {"files": [FILE | {"sha256": f"{n:02x}"} for n in range(50)] + [FILE | {"sha256": "00"}, FILE]},
        {
            "count": 50,
            "bytes": 200_000,
            "files": [{}] * 50 + [{"code": "file.repeated"}, {"code": "claim.too_many_files"}],
        },
    ),
    (
        "the last byte fits, the next does not, a refused file leaves its room",
        {
            "files": [
                FILE | {"size": 52_428_800, "name": "a.jpeg", "head": JPEG},
                FILE | {"size": 1, "sha256": "c"},
                FILE | {"size": 52_428_801, "sha256": "d"},
            ]
        },
        {"bytes": 52_428_800, "files": [{"kind": "jpeg"}, {"code": "claim.too_heavy"}, {"code": "file_too_large"}]},
    ),
    ("nothing was sent", {"files": []}, {"files": [], "count": 0, "bytes": 0, "accepted": False}),
]
NAMED: Rows = [
    (
        "accents, apostrophes, hyphens and order are forgiven",
        {
            "printed": PRINTED | {"name": "D'ÁVILA-MUÑOZ ZOË", "policy": "ＧＣ 00417-02"},
            "typed": PRINTED | {"name": "zoe  dávila munoz", "policy": "gc0041702"},
        },
        {"match": True, "differs": []},
    ),
    (
        "a word said twice is a word more, a zero less another number",
        {"printed": PRINTED, "typed": PRINTED | {"name": "Rosa Rosa Núñez", "policy": "GC-417-02"}},
        {"match": False, "differs": ["policy", "name"]},
    ),
    (
        "what has neither letter nor figure agrees with nothing",
        {"printed": PRINTED | {"policy": "--"}, "typed": PRINTED | {"policy": "--"}},
        {"differs": ["policy"]},
    ),
]
ALIKE: Rows = [
    (
        "accents, case and order of a patient's name, and an issuer in small letters",
        {"receipts": [A, receipt("b", patient="NUNEZ, ROSA", issuer_rfc=" xama620210dq5 ", total="$875")]},
        {"pairs": [{"a": "a", "b": "b", "why": ["look_alike"]}]},
    ),
    (
        "«Ma.» is not «María», a year's end is three days, four are not",
        {
            "receipts": [
                receipt("a", patient="Ma. Paz", issued_on="2026-12-30"),
                receipt("b", patient="María Paz", issued_on="2026-12-30"),
                receipt("c", patient="paz ma", issued_on="2027-01-02"),
                receipt("d", patient="paz ma", issued_on="2027-01-03"),
            ]
        },
        {"pairs": [{"a": "a", "b": "c"}, {"a": "c", "b": "d"}]},
    ),
    ("nothing that is compared", {"receipts": [{"id": 1}, {"id": 2}]}, {"pairs": []}),
]
ASKED: dict[str, Rows] = {
    "settle": SETTLED,
    "claim-clock": CLOCKED,
    "claim-missing": LACKING,
    "claim-auto": APPROVED,
    "claim-files": TAKEN,
    "match-certificate": NAMED,
    "look-alikes": ALIKE,
}


def has(given: Any, wanted: Any) -> bool:
    """Whether an answer has these data, in every depth; lists as long and in order."""
    if isinstance(wanted, dict):
        return isinstance(given, dict) and all(name in given and has(given[name], wanted[name]) for name in wanted)
    if isinstance(wanted, list):
        return isinstance(given, list) and len(given) == len(wanted) and all(map(has, given, wanted))
    return type(given) is type(wanted) and given == wanted


@pytest.mark.parametrize("command", ASKED)
def test_a_question_at_the_edge_is_answered_as_it_was_worked_out(command: str) -> None:
    stdin = "".join(json.dumps(question) + "\n" for _why, question, _wanted in ASKED[command])
    answers, _ended = ask(command, "-", stdin=stdin)
    told = zip(ASKED[command], answers, strict=True)
    assert [(why, answer) for (why, _question, wanted), answer in told if not has(answer, wanted)] == []
