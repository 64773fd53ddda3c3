"""A layout reads a file and JSON rows alike: typed rows, errors with both row numbers, control totals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.errors import RuleBroken
from portal.imports.rules.layouts import Item, Layout, Read
from tests.imports.things import THINGS, Thing, rows

D = Decimal


def test_a_file_gives_rows_and_errors_that_know_their_row_in_the_sheet() -> None:
    content = "Cosas de noviembre\n\nFolio;Importe;Nota\na-1;10.00;bien\n\nb-2;diez;demasiado larga para la nota\n"
    read = THINGS.read_file((content + "c-3;1.00;x;de más\nd-4;=1+1;\n").encode())
    assert read.items == (Item(1, Thing("A-1", D("10.00"), "bien"), 4),)
    assert [(one.row, one.field, one.code, one.sheet_row) for one in read.errors] == [
        (2, "amount", "bad_amount", 6),
        (2, "note", "text_too_long", 6),
        (3, "", "too_many_cells", 7),
        (4, "amount", "formula", 8),
    ]
    assert (read.rows, read.is_whole) == (4, False)
    with pytest.raises(RuleBroken, match="importe"):
        THINGS.read_file(b"clave\nA\n")


def test_json_rows_are_read_the_same_and_count_from_one() -> None:
    read = THINGS.read_rows([{"key": "a", "amount": "1"}, [], {"key": "b"}, {"key": "c", "amount": 2, "otro": 1}])
    assert [(item.number, item.value) for item in read.items] == [(1, Thing("A", D("1.00")))]
    assert [(one.row, one.field, one.code) for one in read.errors] == [
        (2, "", "not_an_object"),
        (3, "amount", "missing"),
        (4, "otro", "unknown_field"),
    ]
    with pytest.raises(RuleBroken, match="5 renglones") as refused:
        THINGS.read_rows([{}] * 6)
    assert refused.value.code == "too_many_rows"


@pytest.mark.parametrize(
    ("declared", "is_whole", "code"),
    [
        ((2, "3.00"), True, ""),
        ((2, "4.00"), False, ""),
        ((2, "4.00"), True, "control_totals"),
        ((1, "3.00"), False, "control_totals"),
        ((0, "0.00"), True, "no_rows"),
    ],
)
def test_control_totals_agree_or_are_told_beside_what_came(declared, is_whole, code) -> None:
    counted = THINGS.count(rows(Thing("A", D("1.00")), Thing("B", D("2.00"))))
    said = {"rows": declared[0], "amount": D(declared[1])}
    assert THINGS.from_json(THINGS.as_json(said)) == said
    if not code:
        THINGS.check_totals(said, counted, is_whole=is_whole)
        return
    with pytest.raises(RuleBroken) as refused:
        THINGS.check_totals(said, counted, is_whole=is_whole)
    assert refused.value.code == code
    assert code == "no_rows" or "y llegaron 2 renglones por $3.00" in refused.value.message


def test_totals_are_typed_by_people_and_told_in_their_words() -> None:
    assert THINGS.typed(1, {"amount": "1,300.00"}) == {"rows": 1, "amount": D("1300.00")}
    with pytest.raises(RuleBroken) as refused:
        THINGS.typed(1, {"amount": "mucho"})
    assert refused.value.field == "amount"
    assert THINGS.told({"rows": 1, "amount": D("1.00")}) == "1 renglón por $1.00"
    assert Layout((), dict, 1).told({"rows": 2000}) == "2,000 renglones"
    assert (THINGS.heading("amount"), THINGS.heading("otro")) == ("importe", "otro")
    assert Read.of("ab").items == (Item(1, "a"), Item(2, "b"))


@pytest.mark.parametrize(
    ("heading", "foreign", "lacking"),
    [
        ("Clave;Monto;Fecha", ("Monto", "Fecha"), ("amount",)),
        ("Código;Importe", ("Código",), ("key",)),
        ("Título de arriba\n\nclave;$$$;Monto", ("Monto",), ("amount",)),
    ],
)
def test_a_file_with_other_headings_asks_which_is_which(heading, foreign, lacking) -> None:
    content = f"{heading}\nA;1.00;x\n".encode()
    read = THINGS.read_or_ask(content)
    assert (read.foreign, read.lacking, read.rows) == (foreign, lacking, 0)
    said = THINGS.check_said(read, {lacking[0]: foreign[0], "note": "x"})
    assert said == {foreign[0].lower().replace("ó", "o"): lacking[0]}
    assert THINGS.knowing(said).read_file(content).rows == 1
    for wrong in ({}, {lacking[0]: "Nada"}):
        with pytest.raises(RuleBroken) as refused:
            THINGS.check_said(read, wrong)
        assert refused.value.code == "headings_unsaid"


@pytest.mark.parametrize("content", [b"", b"clave\nA\n", b"Nada;De;Esto\n1;2;3\n", b"clave,importe,clave\nA,1,B\n"])
def test_a_file_that_no_word_could_mend_is_refused(content) -> None:
    with pytest.raises(RuleBroken):
        THINGS.read_or_ask(content)
