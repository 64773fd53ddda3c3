"""A file of orders is read as people save it; what cannot be read is an error of its row (S0.10-S0.13)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing import rules
from billing.rules import orders_file
from portal.errors import RuleBroken
from tests.billing.reading import read_csv

D = Decimal

ON = date(2026, 11, 19)
SPANISH = ",".join(heading for heading in orders_file.HEADINGS if heading != "codigo_medico")
LINE = 'DV-1,XAXX800101AA0,"Ñáñez, Ana",19/11/2026,Consulta,1500.00,200.00,1300.00,SEGUROS,sí,digital'

ACCENTED = (
    "Cuenta,RFC del médico,Paciente,Fecha de atención,Concepto,Honorario,Coaseguro,Importe a pagar,Autorizada por,"
    "Firma del asegurado,Firma del médico"
)
SEMICOLON = "DV-1;XAXX800101AA0;Ñáñez, Ana;19/11/2026;Consulta;1500.00;200.00;1300.00;SEGUROS;sí;digital"


@pytest.mark.parametrize(
    "content",
    [
        f"{SPANISH}\n{LINE}\n".encode(),
        f"\ufeff{SPANISH}\r\n{LINE}\r\n".encode(),
        f"{SPANISH}\n{LINE}\n".encode("cp1252"),
        f"{SPANISH}\r{LINE}\r".encode(),
        f"{','.join(orders_file.COLUMNS)}\n\n{LINE}\n,,,\n".encode(),
        f"{SPANISH.replace(',', ';')}\n{SEMICOLON}\n".encode(),
        SPANISH.upper().encode() + b"\n" + LINE.encode(),
        f"sep=;\r\n{SPANISH.replace(',', ';')}\r\n{SEMICOLON}\r\n".encode("utf-8-sig"),
        f"{SPANISH}\n{LINE}\n".replace(",", "\t").replace("Ñáñez\t", "Ñáñez,").encode("utf-16"),
        f"{SPANISH}\n{SEMICOLON}\n".replace(";", "|").replace(",", "|").replace("Ñáñez|", "Ñáñez,").encode(),
        f"Reporte de noviembre\n\n{ACCENTED}\n{LINE}\n".encode(),
        f"{SPANISH}\n{LINE}\n".replace("sí,digital", "VERDADERO,X").encode(),
        f"{SPANISH}\n{LINE}\n".replace("Ana", "\r\nAna").encode(),
    ],
    ids=[
        "utf8",
        "bom",
        "windows",
        "old mac",
        "english",
        "semicolon",
        "capitals",
        "sep line",
        "utf-16 with tabs",
        "bars",
        "title and accents",
        "spreadsheet's flags",
        "line break in quotes",
    ],
)
def test_a_csv_is_read_as_people_save_it(content) -> None:
    rows, numbers, errors = read_csv(content)
    assert (numbers, errors) == ([1], [])
    assert (rows[0].account, rows[0].patient, rows[0].service_on) == ("DV-1", "Ñáñez, Ana", ON)


def test_bytes_of_no_encoding_are_still_read() -> None:
    content = f"{SPANISH}\n{LINE}\n".encode().replace("Ñ".encode(), b"\x81\xff")
    rows, _, errors = read_csv(content)
    assert rows == []
    assert [(error.row, error.field) for error in errors] == [(1, "patient"), (1, "signed_by_insured")]


def test_a_csv_without_a_column_or_without_anything_is_refused_by_name() -> None:
    with pytest.raises(RuleBroken, match="rfc_medico") as refused:
        read_csv(SPANISH.replace("rfc_medico,", "").encode() + b"\n" + LINE.encode())
    assert (refused.value.code, refused.value.field) == ("missing_columns", "file")
    with pytest.raises(RuleBroken, match="cuenta"):
        read_csv(b"")


def test_a_comma_inside_an_amount_is_caught_as_too_many_cells() -> None:
    bad = LINE.replace("1500.00", "1,500.00")
    rows, numbers, errors = read_csv(f"{SPANISH}\n{LINE}\n{bad}\n".encode())
    assert (len(rows), numbers) == (1, [1])
    assert [(error.row, error.code) for error in errors] == [(2, "too_many_cells")]


def test_too_many_cells_are_one_error_even_when_every_cell_can_be_read() -> None:
    rows, _, errors = read_csv(f"{SPANISH}\n{LINE},de más\n".encode())
    assert rows == [] and [error.code for error in errors] == ["too_many_cells"]


@pytest.mark.parametrize("flag", ["FALSO", "NO", "0", "n", ""])
def test_a_flag_that_says_no_is_read_and_the_order_is_told_that_it_is_not_signed(flag) -> None:
    rows, _, errors = read_csv(f"{SPANISH}\n{LINE}".replace("digital", flag).encode())
    assert (rows[0].signed_by_physician, errors) == (False, [])
    wrong = rules.check_order(rows[0], number=1, on=ON, insurer="SEGUROS")
    assert "not_signed" in {error.code for error in wrong}


def test_a_row_with_broken_letters_stays_out_with_every_error_of_its_and_the_others_are_read() -> None:
    broken = LINE.replace("Consulta", "RevisiÃ³n").replace("200.00", "dos")
    rows, numbers, errors = read_csv(f"{SPANISH}\n{broken}\n\n{LINE}\n".encode())
    assert (len(rows), numbers) == (1, [2])
    assert [(error.row, error.field, error.code) for error in errors] == [
        (1, "concept", "mojibake"),
        (1, "coaseguro", "bad_amount"),
    ]


def test_a_formula_in_a_csv_is_an_error_of_its_row_up_12() -> None:
    rows, _, errors = read_csv(f"{SPANISH}\n{LINE}".replace("1300.00", "=F2-G2").encode())
    assert rows == [] and [(error.row, error.field, error.code) for error in errors] == [(1, "payable", "formula")]


@pytest.mark.parametrize("again", ["cuenta", "CUENTA", "account"])
def test_a_heading_twice_is_refused(again) -> None:
    with pytest.raises(RuleBroken, match="más de una vez: cuenta") as refused:
        read_csv(f"{SPANISH},{again}\n{LINE},DV-2\n".encode())
    assert (refused.value.code, refused.value.field) == ("repeated_column", "file")


def test_a_file_has_a_limit_of_orders_too() -> None:
    with pytest.raises(RuleBroken) as refused:
        read_csv(f"{SPANISH}\n{LINE}\n{LINE}\n{LINE}\n".encode(), max_rows=2)
    assert (refused.value.code, refused.value.field) == ("too_many_rows", "file")


def test_a_file_that_is_no_table_is_refused_in_words() -> None:
    with pytest.raises(RuleBroken) as refused:
        read_csv(f"{SPANISH}\n".encode() + b'"' + b"x" * 200_000)
    assert refused.value.code == "not_a_table"
