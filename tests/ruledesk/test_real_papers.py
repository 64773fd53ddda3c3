"""Papers of real life that were once judged wrongly: every folder of the faults, by the rule desk's own functions.

A folder holds a text (what was seen, what is right), the input and its `facts.json`. One row a case: what has to come
out, as that text says it. What the product reads elsewhere than in `check-file` has a test of its own below the table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal.errors import verdict_of
from portal.treasury import bank_files
from tests.billing.reading import read_csv

from .asking import ask

FAULTS = Path(__file__).parents[3] / "shared" / "samples" / "faults"
TRUST = sorted((FAULTS / "trust").glob("*.cer"))
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FAULTS.is_dir(), reason="the folder of real papers is absent"),
]


@dataclass(frozen=True)
class Case:
    """One file as `check-file` judges it: the verdicts that are right, findings that must or may not be said."""

    folder: str
    file: str
    kind: str
    right: tuple[str, ...]
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    closing_on: str = ""


ACCEPTED, REVIEW = "accepted", "review"


def _statement(folder: str, *, says: str, right: tuple[str, ...] = (ACCEPTED,)) -> Case:
    """A statement that closes on 31 October 2026 and is never called another bank's."""
    never = ("bank_other", "closing_too_old", "closing_in_future")
    return Case(folder, f"{folder}.pdf", "bank-statement", right, (says,), never, "2026-10-31")


CASES: tuple[Case, ...] = (
    # --- XML (fiscal) ---
    Case("f01_sat_own_registrofiscal", "f01.xml", "invoice", (ACCEPTED,)),
    Case("f13_addenda_undeclared_prefix", "f13.xml", "invoice", (ACCEPTED,)),
    Case("f22_blank_line_before_declaration", "f22.xml", "invoice", (ACCEPTED,)),
    # --- amounts (fiscal) ---
    Case("f09_six_visits", "f09.xml", "invoice", (ACCEPTED,), never=("concept_product_sum",)),
    Case("f18_equivalence_ten_decimals", "f18.xml", "complement", (ACCEPTED,), never=("document_currency",)),
    Case("f19_zero_local_line", "f19.xml", "invoice", (ACCEPTED,), never=("withholding_extra",)),
    # --- catalogues (fiscal) ---
    Case("f11_catalogue_newer_than_package", "f11.xml", "invoice", (REVIEW,), ("catalogue_key",), ("schema",)),
    # --- names (fiscal) ---
    Case("f08_name_broken_by_kerning", "f08.pdf", "bank-statement", (REVIEW,), ("holder_partial",)),
    Case("f20_apostrophe_surname", "f20_apostrophe_surname.xml", "invoice", (ACCEPTED,)),
    # --- banks and dates of statements (statement) ---
    _statement("f02_stp_wallet_cuenca", says="bank_hosts", right=(REVIEW,)),
    _statement("f03_merged_ixe_banorte", says="bank_merged"),
    _statement("f04_street_is_a_bank_reforma", says="bank_named"),
    _statement("f05_labels_then_values", says="closing_in_range"),
    _statement("f06_next_cut_after_words", says="closing_in_range"),
    _statement("f07_other_range_year", says="closing_in_range"),
)

# Folders that a test below the table reads by itself.
BY_THEMSELVES: tuple[str, ...] = (
    # --- identifiers (fiscal) ---
    "f10_rfc_homoclave_shape",
    "f23_bank_without_licence",
    # --- tables (tables) ---
    "f14_csv_verdadero",
    "f15_csv_sep_line",
    # --- bank answers (treasury) ---
    "f17_returned_after_paid",
    # --- calendars (statement) ---
    "f21_calendar_beyond_known_years",
)


def judged(case: Case) -> dict[str, Any]:
    """The one answer of `check-file` about a case's file, against its facts, with the made certificates trusted."""
    folder = FAULTS / case.folder
    facts, trust = f"@{folder / 'facts.json'}", ["--trust", *map(str, TRUST)]
    (answer,), ended = ask("check-file", str(folder / case.file), "--as", case.kind, "--facts", facts, *trust)
    assert ended == 0, answer
    return answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder)
def test_a_paper_of_real_life_is_judged_as_a_person_would(case: Case) -> None:
    answer = judged(case)
    said = {finding["code"] for finding in answer["findings"]}
    assert answer["verdict"] in case.right, answer["findings"]
    assert set(case.says) <= said
    assert not set(case.never) & said
    if case.closing_on:
        assert answer["facts"]["closing_on"] == case.closing_on


@pytest.mark.parametrize(
    ("folder", "kind", "warned", "words"),
    [
        ("f10_rfc_homoclave_shape", "rfc", "rfc_homoclave", "Constancia"),
        ("f23_bank_without_licence", "clabe", "clabe_retired_bank", "10 oct 2025"),
    ],
)
def test_an_identifier_of_real_life_is_valid_and_warned_of(folder: str, kind: str, warned: str, words: str) -> None:
    (file,) = (FAULTS / folder).glob("*.txt")
    (answer,), ended = ask("check-id", kind, file.read_text().strip())
    assert (answer["valid"], answer["error"], ended) == (True, None, 0)
    told = {warning["code"]: warning["message"] for warning in answer["warnings"]}
    assert words in told[warned]


@pytest.mark.parametrize("folder", ["f14_csv_verdadero", "f15_csv_sep_line"])
def test_a_table_that_a_spreadsheet_saved_is_read_as_it_was_meant(folder: str) -> None:
    rows, numbers, errors = read_csv((FAULTS / folder / "ordenes.csv").read_bytes())
    assert (numbers, errors) == ([1], [])
    assert (rows[0].account, rows[0].patient, rows[0].payable) == ("OA-2026-000123", "Juana Pérez", Decimal("1500.00"))
    assert rows[0].signed_by_insured and rows[0].signed_by_physician


def test_f21_a_term_beyond_the_years_whose_holidays_are_known_is_an_error_that_names_them() -> None:
    question = (FAULTS / "f21_calendar_beyond_known_years" / "question.json").read_text(encoding="utf-8")
    (answer,), ended = ask("due", "-", stdin=question)
    assert ended == 2
    assert answer["error"]["code"] == "holidays_unknown"
    assert "de 2015 a 2035" in answer["error"]["message"] and "2036" in answer["error"]["message"]


# --- bank answers (treasury) ---


def test_a_transfer_that_came_back_after_it_was_paid_is_read_and_refuses_nothing() -> None:
    folder = FAULTS / "f17_returned_after_paid"
    context = json.loads((folder / "context.json").read_text())
    read = bank_files.judge(bank_files.ANSWER.read_file((folder / "respuesta.csv").read_bytes()), context)
    assert (verdict_of(read.findings), [finding.code for finding in read.findings]) == (ACCEPTED, ["rows_match"])
    assert {row["tracking"]: row["outcome"] for row in read.rows} == {
        "CAUCE20261120000001": "paid",
        "CAUCE20261120000002": "returned",
    }
    assert (read.sums["returned_count"], read.sums["returned_total"]) == (1, "50.00")
