"""Files that are no delimited text: read in the limited child, kept, looked at and applied like any other (UP-12)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import DateField, DecimalField, Value

from portal.errors import RuleBroken
from portal.imports import selectors, services
from portal.imports.models import ImportRun
from portal.listing import Column, Kind, xlsx
from portal.papers.models import StoredFile
from portal.papers.selectors import open_file
from portal.people.models import Party
from tests.imports.test_services import AT, KIND, applied, told, upload_of
from tests.imports.test_sheets import ROW, book, lines, written
from tests.imports.things import Thing
from tests.listing.test_listing import a_listing
from tests.listing.test_xlsx import TOLD

pytestmark = pytest.mark.django_db
D = Decimal
HEAD = ["clave", "importe", "nota", "pin"]


def read(desk, content: bytes, declared: dict[str, Any], name: str = "cosas.xlsx") -> ImportRun:
    asked = {"kind": KIND, "sender": desk.sender, "by": desk.by, "at": AT, "declared": declared}
    return services.read_file(upload=upload_of(name, content), **asked)


def test_a_sheet_is_kept_as_it_came_looked_at_and_applied(shelf, desk) -> None:
    content = book(["a", 1.5], ["b", "=1+1"], [7, 1], ["MALA", 2], head=["Título"], change=_with_heading)
    run = read(desk, content, told(4, "9.00"))
    assert (run.state, run.rows, run.new, run.wrong, run.file.kind) == ("read", 4, 1, 3, "xlsx")
    assert b"".join(open_file(run.file)) == content
    assert sorted((one["sheet_row"], one["code"]) for one in run.errors) == [
        (4, "formula"),
        (5, "number_for_code"),
        (6, "bad"),
    ]
    headings, rows = selectors.first_rows(run)
    assert headings == ["clave", "importe"] and rows[0] == (3, [("clave", "a"), ("importe", "1.5")])
    done = applied(desk, run)
    assert shelf.things == [Thing("A", D("1.50"))] and (done.state, done.wrong) == ("applied", 3)


def _with_heading(made: Any) -> None:
    made.active.insert_rows(2)
    for place, title in enumerate(HEAD[:2], start=1):
        made.active.cell(row=2, column=place, value=title)


def test_a_sheets_secret_column_is_left_out_of_a_copy_that_is_a_csv(shelf, desk) -> None:
    content = book(["A", 1, None, "X-1"], [], ["B", 2, "=1", "X-2"], ["C", 3], head=HEAD)
    run = read(desk, content, told(3, "6.00"))
    kept = b"".join(open_file(run.file)).decode("utf-8-sig")
    assert (run.file.kind, run.file.original_name) == ("csv", "cosas.csv") and "X-" not in kept and "A,1" in kept
    applied(desk, run)
    assert {thing.key: thing.pin for thing in shelf.things} == {"A": "X-1", "C": ""}
    assert read(desk, content, told(3, "6.00")).pk == run.pk


def test_a_sheet_with_foreign_headings_waits_until_they_are_said(shelf, desk) -> None:
    run = read(desk, book(["A", 1], ["B", 2], head=["clave", "monto"]), told(2, "3.00"))
    assert run.headings == {"foreign": ["monto"], "lacking": ["amount"]}
    run = services.say_headings(run=run, said={"amount": "monto"}, by=desk.by, at=AT)
    assert (run.new, run.agrees) == (2, True)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("cosas.xlsx", written([], state="hidden"), "no muestra ninguna hoja"),
        ("cosas.xlsx", b"PK\x03\x04 nada", "dañada"),
        ("cosas.xlsx", b"clave,importe\nA,1\n", "no es una hoja de Excel"),
        ("cosas.xlsm", book(["A", 1], head=HEAD), "puede traer macros"),
        ("cosas.csv", book(["A", 1], head=HEAD), "una hoja de Excel aunque su nombre termina en «.csv»"),
        ("cosas.xlsx", book(*(["A", 1] for _ in range(60)), head=HEAD), "más de"),
        ("cosas.xlsx", book(head=["nombre"]), "encabezado le falta"),
        ("cosas.xlsx", book(head=[]), "está vacío"),
    ],
)
def test_a_sheet_that_is_none_keeps_nothing_and_says_why(shelf, desk, name, content, sentence) -> None:
    with pytest.raises(RuleBroken, match=sentence) as refused:
        read(desk, content, told(1, "1.00"), name)
    assert refused.value.field == "file"
    assert not ImportRun.objects.exists() and not StoredFile.objects.exists()


def test_a_sheet_is_judged_without_storing_it(shelf, desk) -> None:
    asked = {"kind": KIND, "sender": desk.sender, "by": desk.by, "at": AT, "declared": told(1, "1.00")}
    run = services.judge_file(content=book(["A", 1], head=HEAD), name="cosas.xlsx", **asked)
    assert run.agrees and not ImportRun.objects.exists() and not StoredFile.objects.exists()


def test_what_our_own_lists_write_is_read_back(desk) -> None:
    columns = (
        Column("name", "Clave"),
        Column("made", "Importe", expression=Value(D("1234.50"), DecimalField()), kind=Kind.MONEY),
        Column("on", "Fecha", expression=Value(date(2026, 11, 22), DateField()), kind=Kind.DATE),
        Column("at", "Hora", path="created_at", kind=Kind.INSTANT),
    )
    rows = Party.objects.filter(pk=desk.sender.pk)
    (item,) = ROW.read_file(
        lines(b"".join(xlsx.workbook(a_listing(columns=columns, order=("pk",)), rows, told=TOLD)))
    ).items
    assert (item.value["key"], item.value["amount"]) == (desk.sender.name.upper(), D("1234.50"))
    assert item.value["on"] == date(2026, 11, 22)
    assert abs(item.value["at"] - desk.sender.created_at) <= timedelta(seconds=1)
