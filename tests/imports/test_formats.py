"""Lines of fixed places, and formats of an app's own, give rows to the reader of every table (UP-12)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.errors import RuleBroken
from portal.imports import selectors, services
from portal.imports.models import ImportRun
from portal.imports.rules.formats import OwnFormat, fixed_width, own
from tests.imports.formats import FIXED, FIXED_TEXT, STATEMENT
from tests.imports.test_services import AT, KIND, applied, told, upload_of
from tests.imports.things import THINGS

pytestmark = pytest.mark.django_db
D = Decimal
OWN = OwnFormat("tests.imports.formats.statement", ("key", "amount", "note"))
PLAIN = replace(THINGS, secret="", fields=THINGS.fields[:3])


def lines(text: str, **changes: int) -> list[tuple[int, list[str]]]:
    judged = fixed_width(text.encode(), {"format": FIXED.as_json(), "rows": 10, **changes})
    assert judged.findings == (), judged.findings
    return judged.facts["_rows"]


def test_each_piece_of_a_line_is_a_cell_and_what_stands_above_holds_for_the_rows_below() -> None:
    assert lines(FIXED_TEXT) == [(2, ["2026-11-22", "A-01", "1.50"]), (3, ["2026-11-22", "A-02", "25.50"])]
    assert lines(FIXED_TEXT, only=1) == [(2, ["2026-11-22", "A-01", "1.50"])]
    odd = FIXED_TEXT.replace("20261122", "2026    ").replace("0000000150", "       x  ")
    assert lines(odd)[0] == (2, ["2026", "A-01", "x"]), "its reader says what is wrong with a cell"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (FIXED_TEXT + "2A-030000000150\n", "El renglón 6 viene después del último"),
        (FIXED_TEXT.replace("2A-02", "7A-02"), "El renglón 3 empieza con «7A-» y no se conoce"),
        (FIXED_TEXT.replace("2A-020000002550", "2A-02"), "El renglón 3 está cortado: mide 5 letras"),
        (FIXED_TEXT.rpartition("9")[0], "Al archivo le falta su último renglón"),
        (FIXED_TEXT.replace("90002", "90003"), "anuncia «0003» renglones y llegaron 2"),
        (FIXED_TEXT.replace("90002", "9dos "), "anuncia «dos» renglones"),
        (FIXED_TEXT.replace("2700", "2701"), "anuncia 27.01 y los renglones suman 27.00"),
        ("2A-010000000150\n" * 11, "más de 10 renglones"),
    ],
)
def test_a_text_that_is_cut_or_of_another_kind_is_refused_whole(text, sentence) -> None:
    said = FIXED.as_json() | ({"trailer": None} if "más de" in sentence else {})
    (finding,) = fixed_width(text.encode(), {"format": said, "rows": 10}).findings
    assert sentence in finding.message and finding.cure


def test_a_format_of_an_apps_own_is_a_function_of_bytes() -> None:
    asked = {"format": OWN.as_json(), "rows": 10}
    assert own(STATEMENT, asked).facts["_rows"] == [(2, ["K1", "150.00", "Pago uno"]), (4, ["=1", "25.50", ""])]
    (finding,) = own(b"nada\n", asked).findings
    assert finding.code == "mt940"
    assert own(STATEMENT, asked | {"rows": 1}).findings[0].code == "too_many_rows"


def test_a_format_of_an_apps_own_may_ask_what_a_senders_headings_mean() -> None:
    asked = {"format": OwnFormat("tests.imports.formats.mapped", ("key",), maps=True).as_json(), "rows": 10}
    told = own(b"Clave\nA-01\n", asked | {"headings": {}})
    assert (told.facts["_foreign"], told.facts["_lacking"], told.facts["_rows"]) == (["Clave"], ["key"], [])
    assert own(b"Clave\nA-01\n", asked | {"headings": {"Clave": "key"}}).facts["_rows"] == [(2, ["A-01"])]


FIXED_CASE = (FIXED, "banco.txt", FIXED_TEXT.encode(), told(2, "27.00"), [("A-01", "1.50"), ("A-02", "25.50")], [])
OWN_CASE = (OWN, "banco.sta", STATEMENT, told(2, "175.50"), [("K1", "150.00")], [(4, "key", "formula")])


@pytest.mark.parametrize("case", [FIXED_CASE, OWN_CASE], ids=["fixed width", "own"])
def test_such_a_file_is_read_kept_looked_at_and_applied(shelf, desk, case) -> None:
    source, name, content, totals, entered, wrong = case
    shelf.declare(shelf.spec(layout=replace(PLAIN, source=source)))
    asked = {"kind": KIND, "sender": desk.sender, "by": desk.by, "at": AT}
    run = services.read_file(upload=upload_of(name, content), declared=totals, **asked)
    assert (run.state, run.rows, run.new) == ("read", 2, len(entered))
    assert [(one["sheet_row"], one["field"], one["code"]) for one in run.errors] == wrong
    assert selectors.first_rows(run)[1][0][0] == 2, "a page shows the line of the file"
    applied(desk, run)
    assert [(thing.key, thing.amount) for thing in shelf.things] == [(key, D(amount)) for key, amount in entered]
    dry = services.judge_file(content=content, name=name, declared=totals, **asked)
    assert dry.unchanged == len(entered)


def test_one_that_is_refused_in_the_child_keeps_nothing(shelf, desk) -> None:
    shelf.declare(shelf.spec(layout=replace(PLAIN, source=OWN)))
    asked = {"kind": KIND, "sender": desk.sender, "by": desk.by, "at": AT, "declared": told(1, "1.00")}
    with pytest.raises(RuleBroken, match="no es de un estado MT940") as refused:
        services.read_file(upload=upload_of("banco.sta", b"nada\n"), **asked)
    assert refused.value.field == "file" and not ImportRun.objects.exists()


def test_a_column_that_a_format_does_not_bring_is_missed_and_none_may_be_secret(shelf, desk) -> None:
    shelf.declare(shelf.spec(layout=replace(PLAIN, source=OwnFormat(OWN.read, ("key", "note")))))
    asked = {"kind": KIND, "sender": desk.sender, "by": desk.by, "at": AT, "declared": told(2, "0.00")}
    run = services.read_file(upload=upload_of("banco.sta", STATEMENT), **asked)
    assert run.state == "refused"
    assert {one["code"] for one in run.errors if one["field"] == "amount"} == {"missing"}
    with pytest.raises(ValueError, match="secret column"):
        replace(THINGS, source=OWN)
