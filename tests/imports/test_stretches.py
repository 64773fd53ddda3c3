"""What the limited child makes of a stretch of a file: rows for COPY, errors, secret cells, or why it reads none."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook

from billing.rules.orders_file import ORDERS
from portal.errors import RuleBroken
from portal.imports.rules import copying, staging
from portal.imports.rules.tables import Column, Named, bears, read_table

HEADINGS = [field.heading for field in ORDERS.fields]
GOOD = "CTA-{n},NUPM800101AA1,Ana Ruiz,2026-11-20,Consulta,1500.00,200.00,1300.00,SEGUROS,sí,sí,{code}"


def table(count: int, *, headings: list[str] = HEADINGS, code: str = "QW12ER7Z") -> bytes:
    lines = [GOOD.format(n=n, code=code) for n in range(1, count + 1)]
    return "\n".join([",".join(headings), *lines]).encode()


def sheet(*lines: list[Any]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(out)
    return out.getvalue()


def read(content: bytes, **said: Any) -> tuple[dict[str, Any], list[list[str]], bytes]:
    asked = {"layout": "billing.rules.orders_file.ORDERS", "headings": {}, "run": "r", "after": 0, "most": 9}
    found = staging.check(content, {**asked, "secrets": None, **said})
    rows = [line.split("\t") for line in found.attached.decode().splitlines()]
    return found.facts | {"findings": found.findings}, rows, found.replacement


def test_a_stretch_says_whether_more_follow_and_the_first_one_makes_the_copy() -> None:
    facts, rows, copy = read(table(3), most=2)
    assert (facts[copying.MORE], [row[:4] for row in rows]) == (
        True,
        [["r", "1", "2", "CTA-1"], ["r", "2", "3", "CTA-2"]],
    )
    assert facts[copying.SECRETS] == dict.fromkeys("234", "QW12ER7Z") and b"QW12" not in copy and b"CTA-3" in copy
    facts, rows, copy = read(table(3), after=2, most=2)
    assert (facts[copying.MORE], rows[0][1], copy, copying.SECRETS in facts) == (False, "3", b"", False)


def test_many_rows_are_written_in_the_order_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_AT_A_TIME", 2)
    assert [row[1] for row in read(table(5))[1]] == list("12345")


@pytest.mark.parametrize(("code", "holds"), [("QW12ER7Z", "t"), ("¿", "f"), ("", "t")])
def test_a_copy_that_is_kept_is_read_with_the_codes_that_rest_sealed(code: str, holds: str) -> None:
    """The row says whether its code can be one; the code itself stands nowhere in it (AC-11)."""
    facts, rows, copy = read(table(1, code=""), secrets={"2": code} if code else {})
    assert (rows[0][-1], copy, copying.SECRETS in facts) == (holds, b"", False) and "QW12ER7Z" not in rows[0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (table(1), ("secret_column", "secret_column")),
        (sheet(HEADINGS, GOOD.format(n=1, code="QW12ER7Z").split(",")), ("secret_column", "secret_column")),
        (table(1, code=""), ("", "secret_column")),
        (table(1, headings=HEADINGS[:-1]), ("", "")),
        (b"nada\n1\n", ("", "")),
        (table(1) + b'\n"' + b"x" * 200_000, ("not_a_table", "not_a_table")),
        (b"PK\x03\x04", ("sheet.broken", "sheet.broken")),
    ],
)
def test_ac_11_a_file_with_secrets_is_refused_and_a_long_one_by_its_heading(
    content: bytes, told: tuple[str, str]
) -> None:
    asked = {"layout": "billing.rules.orders_file.ORDERS"}
    found = [staging.check_secret(content, {**asked, "whole": whole}).findings for whole in (True, False)]
    assert tuple(one[0].code if one else "" for one in found) == told


@pytest.mark.parametrize(
    ("content", "fact", "told"),
    [
        (table(1, headings=["monto", *HEADINGS[1:]]), copying.FOREIGN, ("monto",)),
        (table(1, headings=["monto", *HEADINGS[1:]]), copying.LACKING, ("account",)),
        (b"nada\n1\n", copying.SAID, "missing_columns"),
        (table(25) + b'\n"abierta', copying.SAID, "not_a_table"),
        (b"\n" * 30, copying.SAID, "empty_table"),
        (b"\n" * 30 + table(1), copying.SAID, "missing_columns"),
    ],
)
def test_what_is_wrong_with_the_whole_file_is_told_instead_of_its_rows(content: bytes, fact: str, told: Any) -> None:
    facts, rows, _copy = read(content, most=99)
    assert rows == [] and (facts[fact] if fact != copying.SAID else facts[fact][0]) == told


def test_a_sheet_is_read_like_a_table_and_a_broken_one_is_told_by_its_finding() -> None:
    good = GOOD.format(n=1, code="").split(",")
    facts, rows, copy = read(sheet(HEADINGS, good, ["=1+1", *good[1:]]))
    assert [row[3] for row in rows] == ["CTA-1"] and [error[2] for error in facts[copying.ERRORS]] == ["formula"]
    assert copy == b"" and facts["findings"] == ()
    assert [one.code for one in read(b"PK\x03\x04nothing")[0]["findings"]] == ["sheet.broken"]


def test_only_a_heading_that_names_a_column_bears_it() -> None:
    pin = [Column("pin", "pin", required=False)]
    assert (bears(b"clave,PIN\n1,2\n", pin), bears(b"clave\npin,1,2\n", pin)) == (True, True)
    assert not bears(b"clave,otro\n1,2\n", pin) and not bears([["clave"], ["1"]], pin)
    assert ORDERS.foreign(Named(("a",), [(1, ["x"])])) is None
    with pytest.raises(RuleBroken, match="más de 1 renglones"):
        read_table(b"pin\n1\n2\n", pin, max_rows=1)


def test_what_is_remembered_of_cells_changes_nothing_of_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of plain cells is read in one go; one that needs a closer look says the same of the same cells."""
    content = table(4).replace(b"\nCTA-3", b"\n=CTA-3")
    whole = ORDERS.read_file(content)
    ragged = ORDERS.read_file(content.replace(b"codigo_medico", b"codigo_medico,otra"))
    wide = ORDERS.read_file(content.replace(b"\n", b",otra\n") + b",x")
    for module in ("layouts", "tables"):
        monkeypatch.setattr(f"portal.imports.rules.{module}.REMEMBERED", 1)
    little = ORDERS.read_file(content)
    assert whole.items == ragged.items == wide.items == little.items and [item.number for item in whole.items] == [
        1,
        2,
        4,
    ]
    shown = [{name: str(getattr(item.value, name)) for name in ORDERS.names} for item in whole.items]
    assert [item.value for item in ORDERS.read_rows(shown).items] == [item.value for item in whole.items]
