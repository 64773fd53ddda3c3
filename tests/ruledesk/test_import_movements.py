"""import-movements: what a file would bring to a collection account, without keeping anything (domain 2.12)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from portal import clock
from portal.treasury import registry
from portal.treasury.models import CollectionAccount
from portal.treasury.rules import LedgerCode
from portal.treasury.rules.offered import Debtor, Expected, ExpectedState, Given
from tests.factories import collections, people

from .asking import ask, codes, one

pytestmark = pytest.mark.django_db
TEXT = "Fecha,Concepto,Referencia,Abono\n06/12/2026,PAGO,31055248164201,480.00\n06/12/2026,ME 2026 451,,9.00\n"
TEXT += "06/12/2026,OTRO,,1.00\n"


def offers(currency: str) -> Given:
    slip = Expected("FP-1", "31055248164201", "", "", Decimal("480.00"), date(2026, 12, 6), ExpectedState.ISSUED)
    return Given([slip], [Debtor("ME-2026-000451", "", "", ())]) if currency == "MXN" else Given([], [])


CREDIT = LedgerCode("dry_credit", "Saldo", of_party=True)
CANDIDATES = registry.Candidates(
    kind="dry",
    liability="dry_credit",
    nouns=("ficha", "fichas"),
    offers=offers,
    targets=lambda keys: [],
    find=lambda text, currency: [],
)


def test_deposits_are_proposed_to_what_apps_offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "CANDIDATES", registry.CANDIDATES.copy())
    registry.register_ledger(CREDIT)
    registry.register_candidates(CANDIDATES)
    (file := tmp_path / "banco.csv").write_text(TEXT)
    answer = one("import-movements", str(file), "--account", "mx-collections", "--dry-run")
    assert [(row["row"], row["reference"], row["score"], row["reason"]["code"]) for row in answer["proposals"]] == [
        (1, "31055248164201", 100, "paid"),
        (2, "", 45, "by_folio"),
    ]
    assert (answer["new"], answer["credits"], answer["debits"]) == (3, "490.00", "0.00")


@pytest.mark.parametrize(
    ("name", "account", "content", "code"),
    [
        ("a.csv", "nowhere", TEXT, "account_unknown"),
        ("a.csv", "\udcff", TEXT, "account_unknown"),
        ("a.csv", "c" * 33, TEXT, "account_unknown"),
        ("a\udcff.csv", "mx-collections", TEXT, "not_utf8"),
        ("a.csv", "mx-stores", TEXT, "format_not_taken"),
        ("a.csv", "mx-collections", "", "no_movements"),
        ("a.csv", "mx-collections", "\x00\x01\x02" * 50, "not_a_table"),
        ("other.csv", "mx-collections", TEXT, "file_missing"),
        (".", "mx-collections", TEXT, "file_missing"),
        ("a\x00.csv", "mx-collections", TEXT, "file_missing"),
    ],
)
def test_what_cannot_be_read_is_one_error(name: str, account: str, content: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(content)
    CollectionAccount.objects.create(code="c" * 32, label="c", currency="MXN", formats=["csv"])  # not that of 33
    answers, ended = ask("import-movements", f"{tmp_path}/{name}", "--account", account, "--dry-run")
    assert (codes(answers), ended) == ([code], 2)
    assert answers[0]["error"]["message"].endswith(".")


def test_a_day_that_is_still_to_come_is_counted_as_at_the_desk(tmp_path: Path) -> None:
    """2.13 has no code for it: banks date of the next day what comes in after hours."""
    told = collections.HEAD + collections.row("1", "5.00", on=f"{clock.today() + timedelta(days=1):%d/%m/%Y}")
    told += collections.row("2", "6.00", on=f"{clock.today():%d/%m/%Y}") + collections.row("3", "7.00", on="30/02/2026")
    (file := tmp_path / "banco.csv").write_text(told)
    answer = one("import-movements", str(file), "--account", "mx-collections", "--dry-run")
    people.the_operator()
    read = collections.read(told, by=collections.clerk())
    counted = [(answer["new"], answer["errors"], answer["credits"]), (read.run.new, read.run.wrong, f"{read.credits}")]
    assert counted == [(2, 1, "11.00")] * 2
    assert (
        [row["code"] for row in answer["error_rows"]] == [row["code"] for row in read.run.errors] == ["date_unreadable"]
    )


def test_it_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--dry-run") as refused:
        ask("import-movements", str(tmp_path), "--account", "mx-collections")
    assert refused.value.returncode == 2
