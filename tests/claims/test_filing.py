"""What is asked of a family before it sends, which files are taken, what is approved by itself (S3.14-S3.27, N9)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from claims.rules.automatic import Asked, Because, Limits, Outcome, Seen, is_drawn, judge_claim
from claims.rules.catalogues import REQUIREMENTS
from claims.rules.files import Arrival, take_files
from claims.rules.kinds import AccountStanding, ConditionStanding, Kind, Stage, Subtype
from claims.rules.missing import CONSENTS, Document, Filing, Hospital, InvoicePapers, missing_to_submit
from portal.errors import RuleBroken

ON = date(2027, 3, 31)
WHOLE = InvoicePapers(True, True, "PUE", False, False, False)
EMPTY = Filing(
    kind=Kind.REIMBURSEMENT,
    subtype=None,
    stage=Stage.INITIAL,
    on=ON,
    coverage="major",
    coverages=["major", "minor"],
    condition=ConditionStanding.REGISTERED,
    hospital=Hospital.AGREED,
    documents={},
    medical_report_on=None,
    invoices=[WHOLE],
    account=AccountStanding.IN_REVIEW,
    consents=CONSENTS,
    files_pending=0,
    files_rejected=0,
)
# Domain 6, as its table says: R required, F required unless the folio has a fresh one; first sending / complement.
HEADINGS = "claim_form medical_report study_results prescription treatment_plan official_id".split()
TABLE = {
    "reimbursement": "R/R R/F / / / R/",
    "minor": "R/R / / / / R/",
    "surgery": "R/R R/F R/ / / R/",
    "medication": "R/R R/F / R/R / R/",
    "study": "R/R R/F / R/R / R/",
    "chemotherapy": "R/R R/F R/ / R/R R/",
    "therapy": "R/R R/F / R/R R/ R/",
}


def lacks(**changes: Any) -> set[str]:
    names = missing_to_submit(replace(EMPTY, **changes), requirements=REQUIREMENTS, report_months=6)
    assert len(names) == len(set(names))
    return set(names)


@pytest.mark.parametrize("what", TABLE)
def test_domain_6_the_documents_of_each_kind_first_and_after(what: str) -> None:
    subtype = Subtype(what) if what in set(Subtype) else None
    kind = Kind.SCHEDULED if subtype else Kind(what)
    own = {"kind": kind, "subtype": subtype, "coverage": "minor" if what == "minor" else "major"}
    cells = [cell.split("/") for cell in TABLE[what].split()]
    first = {name for name, cell in zip(HEADINGS, cells, strict=True) if cell[0]}
    after = {name for name, cell in zip(HEADINGS, cells, strict=True) if cell[1]}
    fresh = {name for name, cell in zip(HEADINGS, cells, strict=True) if cell[1] == "R"}
    assert lacks(**own) == first
    assert lacks(**own, medical_report_on=ON) == first, "a first sending brings its own report"
    assert lacks(**own, stage=Stage.COMPLEMENT) == after
    assert lacks(**own, stage=Stage.COMPLEMENT, medical_report_on=date(2026, 9, 30)) == fresh
    assert lacks(**own, stage=Stage.COMPLEMENT, medical_report_on=date(2026, 9, 29)) == after
    given = {name: 1 for name in first | after}
    assert lacks(**own, documents=given) == lacks(**own, stage=Stage.COMPLEMENT, documents=given) == set()


GIVEN = {"documents": dict.fromkeys(HEADINGS, 1)}
SCHEDULED = {"kind": Kind.SCHEDULED, "subtype": Subtype.STUDY, "invoices": [], "account": AccountStanding.NONE}


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, set()),
        ({"documents": {**GIVEN["documents"], "claim_form": 0}}, {"claim_form"}),
        ({"coverage": "dental"}, {"coverage"}),
        ({"coverage": "minor"}, {"kind"}),
        ({"kind": Kind.MINOR}, {"kind"}),
        ({"kind": Kind.MINOR, "coverage": ""}, {"coverage", "kind"}),
        ({"invoices": [], "account": AccountStanding.NONE}, {"invoices", "account"}),
        ({"account": AccountStanding.ON_HOLD}, set()),
        (SCHEDULED, set()),
        (SCHEDULED | {"coverage": "minor", "hospital": Hospital.UNSAID}, {"kind", "hospital"}),
        (SCHEDULED | {"subtype": None, "documents": {}, "hospital": Hospital.ADVISER}, {"subtype"}),
        (SCHEDULED | {"invoices": [replace(WHOLE, pdf=False)]}, {"invoice.1.pdf"}),
        ({"condition": ConditionStanding.UNSAID}, set()),
        ({"condition": ConditionStanding.UNSAID, "stage": Stage.COMPLEMENT}, {"condition"}),
        ({"condition": ConditionStanding.PENDING, "stage": Stage.COMPLEMENT}, set()),
        (
            {
                "invoices": [
                    WHOLE,
                    replace(WHOLE, xml=False, method="PPD"),
                    replace(WHOLE, method="PPD", payment_proof=True),
                ]
            },
            {"invoice.2.xml", "invoice.2.payment_proof"},
        ),
        ({"invoices": [replace(WHOLE, medicines=True, hospital=True)]}, {"itemised_bill"}),
        ({"consents": ["portal-privacy"]}, {"consent.insurer-privacy", "consent.sensitive-data"}),
        ({"files_pending": 2, "files_rejected": 1}, {"files_pending", "files_rejected"}),
    ],
)
def test_s3_15_what_is_missing_is_named_and_nothing_else(changes: dict[str, Any], names: set[str]) -> None:
    assert lacks(**{**GIVEN, **changes}) == names


def test_medicines_ask_for_a_prescription_once() -> None:
    two = [replace(WHOLE, medicines=True)] * 2
    assert lacks(documents={"claim_form": 1}, invoices=two) == {"medical_report", "official_id", "prescription"}
    assert {one.subtype or one.kind for one in REQUIREMENTS} == {Kind.REIMBURSEMENT, Kind.MINOR, *Subtype}
    assert len(Document) == 7


def test_an_appeal_lacks_only_its_reasons() -> None:
    with pytest.raises(RuleBroken, match="motivos por escrito"):
        lacks(stage=Stage.APPEAL)


# --- files -----------------------------------------------------------------------------------------------------------

PDF, XML, JPEG = b"%PDF-1.4", b"<?xml ve", b"\xff\xd8\xff\xe0\x00\x10JF"


def arrival(name: str, head: bytes, size: int = 4000, twin: str = "") -> Arrival:
    return Arrival(name, size, twin or hashlib.sha256(name.encode()).hexdigest(), head)


@pytest.mark.parametrize(
    ("one", "kind", "code"),
    [
        (arrival("Receta #2 (niño) & más.PDF", PDF), "pdf", ""),
        (arrival("foto.png", b"\x89PNG\r\n\x1a\n"), "jpeg", ""),
        (arrival("foto.heic", b"\x00\x00\x00\x18ftypheic"), "jpeg", ""),
        (arrival("a.xml", "\ufeff<cfdi".encode()), "xml", ""),
        (arrival("", PDF), "", "filename_empty"),
        (arrival("a/b.pdf", b"", 0), "", "filename_characters"),
        (arrival("a.docx", b"PK\x03\x04", 0), "", "file_empty"),
        (arrival("a.docx", b"PK\x03\x04", 52_428_801), "", "file_too_large"),
        (arrival("a.pdf", JPEG), "", "file.kind"),
        (arrival("nota", PDF), "", "file.kind"),
        (arrival("lista.csv", b"a,b"), "", "file.kind"),
        (arrival("a.pdf", b""), "", "file.kind"),
        (arrival("a.xml", XML, 2_097_153), "", "xml.too_large"),
        (arrival("a.xml", XML, 2_097_152), "xml", ""),
        (arrival("a.pdf", PDF, 52_428_800), "pdf", ""),
    ],
)
def test_c7_a_file_is_judged_by_name_size_and_kind_in_this_order(one: Arrival, kind: str, code: str) -> None:
    found = take_files([one], most_files=50, most_bytes=52_428_800)
    assert (found.files[0].kind, found.files[0].code) == (kind, code)
    assert (found.count, found.size, found.is_accepted) == ((0, 0, False) if code else (1, one.size, True))


def test_s3_24_c8_the_limits_of_an_envelope_and_a_refused_file_counts_for_nothing() -> None:
    first, second, third = (arrival(f"{name}.pdf", PDF, size) for name, size in (("a", 30), ("b", 25), ("c", 20)))
    again, wrong = arrival("z.pdf", PDF, 1, first.sha256), arrival("x.pdf", JPEG, 1, third.sha256)
    found = take_files([first, second, wrong, again, third, second], most_files=2, most_bytes=50)
    codes = ["", "claim.too_heavy", "file.kind", "file.repeated", "", "claim.too_many_files"]
    assert [one.code for one in found.files] == codes
    assert (found.count, found.size, found.is_accepted) == (2, 50, False)
    assert not take_files([], most_files=2, most_bytes=50).is_accepted


# --- automatic approval ----------------------------------------------------------------------------------------------

LIMITS = Limits(Decimal("1500.00"), 6)
SMALL = Asked(
    kind=Kind.REIMBURSEMENT,
    stage=Stage.INITIAL,
    claimed=Decimal("1500.00"),
    coverage_in_force=True,
    condition=ConditionStanding.REGISTERED,
    files=[Seen.ACCEPTED],
    invoices=[Seen.ACCEPTED],
    duplicates=0,
    account=AccountStanding.VALIDATED,
    automatic_last_year=5,
    open_complaint=False,
)
PERSON: list[tuple[Because, dict[str, Any]]] = [
    (Because.KIND, {"kind": Kind.SCHEDULED}),
    (Because.STAGE, {"stage": Stage.APPEAL}),
    (Because.AMOUNT, {"claimed": Decimal("1500.01")}),
    (Because.AMOUNT, {"claimed": Decimal("0.00")}),
    (Because.COVERAGE, {"coverage_in_force": False}),
    (Because.CONDITION, {"condition": ConditionStanding.PENDING}),
    (Because.FILES, {"files": []}),
    (Because.FILES, {"files": [Seen.ACCEPTED, Seen.PENDING]}),
    (Because.INVOICES, {"invoices": [Seen.REJECTED]}),
    (Because.DUPLICATES, {"duplicates": 1}),
    (Because.ACCOUNT, {"account": AccountStanding.ON_HOLD}),
    (Because.OFTEN, {"automatic_last_year": 6}),
    (Because.COMPLAINT, {"open_complaint": True}),
]


def judged(asked: Asked, percent: int = 100) -> tuple[str, set[str], bool]:
    found = judge_claim(asked, LIMITS, seed="2027", folio="RB-2027-000401", percent=percent)
    return found.outcome, set(found.because), found.sampled


def test_a_small_claim_is_approved_or_passed_on_with_every_reason_and_never_rejected() -> None:
    assert judged(SMALL) == (Outcome.APPROVE, set(), True)
    assert judged(replace(SMALL, kind=Kind.MINOR, stage=Stage.COMPLEMENT), 0) == (Outcome.APPROVE, set(), False)
    for reason, change in PERSON:
        assert judged(replace(SMALL, **change)) == (Outcome.PERSON, {reason}, False)
    every = {name: value for _, change in PERSON for name, value in change.items()}
    assert judged(replace(SMALL, **every)) == (Outcome.PERSON, set(Because), False)


def test_anybody_can_check_who_was_drawn() -> None:
    drawn = [number for number in range(2000) if is_drawn("2027", f"RB-2027-{number:06d}", 10)]
    assert 150 < len(drawn) < 250
    by_hand = hashlib.sha256(f"2027:RB-2027-{drawn[0]:06d}".encode()).hexdigest()
    assert int(by_hand[:8], 16) % 100 < 10 and not is_drawn("2027", "RB-2027-000710", 10)
    assert is_drawn("2027", "\ud800", 100) and not is_drawn("2027", "RB", 0)
