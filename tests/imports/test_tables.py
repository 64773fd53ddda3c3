"""One reader for every table: bytes in, rows and faults out (UP-12, S0.10)."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import RuleBroken
from portal.imports.rules.tables import Column, heading_key, read_table, unknown_headings, without_column

COLUMNS = (
    Column("account", "cuenta", ("orden",)),
    Column("patient", "paciente"),
    Column("seen_on", "fecha_atencion"),
    Column("note", "nota", required=False),
)
HEAD = "cuenta,paciente,fecha_atencion,nota"
LINE = "A-1,Juana Pérez,2026-11-20,Revisión"
CELLS = {"account": "A-1", "patient": "Juana Pérez", "seen_on": "2026-11-20", "note": "Revisión"}


def read(content: str | bytes, **changes):
    return read_table(content.encode() if isinstance(content, str) else content, COLUMNS, **{"max_rows": 10, **changes})


def refused(content: str | bytes, **changes) -> RuleBroken:
    with pytest.raises(RuleBroken) as found:
        read(content, **changes)
    assert found.value.field == "file" and found.value.message.count(". ") >= 1, "a cause and a cure"
    return found.value


TABLE = f"{HEAD}\r\n{LINE}\r\n"


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"],
)
def test_a_table_is_read_in_every_encoding_and_with_every_separator(encoding, separator, ends) -> None:
    text = TABLE.replace("\r\n", ends).replace(",", separator)
    table = read(text.encode(encoding))
    assert [row.cells for row in table.rows] == [CELLS] and table.faults == ()


def test_utf_16_with_the_mark_of_the_other_end_is_read() -> None:
    assert read(b"\xfe\xff" + TABLE.encode("utf-16-be")).rows[0].cells == CELLS


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("sep=;\r\n", ";"),
        ("SEP=,\n", ","),
        ("sep=\t\r", "\t"),
        ('"sep=;"\r\n', ";"),
        ("sep=;;;;\n", ";"),
        ('"sep=,",,,\n', ","),
        ("sep=:\n", ":"),
        ("sep=\n", "|"),
        ("sep=,\n", ";"),
    ],
    ids=["excel", "capitals", "tab", "quoted", "filled up", "quoted and filled up", "another sign", "none", "untrue"],
)
def test_the_line_that_excel_hides_is_not_the_heading(line, separator) -> None:
    table = read("\ufeff" + line + TABLE.replace(",", separator))
    assert [(row.number, row.sheet_row, row.cells) for row in table.rows] == [(1, 2, CELLS)], "Excel counts it not"


@pytest.mark.parametrize(
    "head",
    [
        "CUENTA,PACIENTE,FECHA_ATENCION,NOTA",
        "Cuenta,Paciente,Fecha de Atención,Nota",
        " cuenta ,«Paciente»,Fecha atencio\u0301n,nota:",
        "account,patient,seen_on,note",
        "Orden,paciente,FECHA DE LA ATENCIÓN,Nota",
        '"cuenta","paciente","fecha\natención","nota"',
    ],
)
def test_headings_are_known_without_case_accents_and_small_words(head) -> None:
    assert read(f"{head}\n{LINE}\n").rows[0].cells == CELLS


def test_title_lines_stand_above_the_heading_and_count_in_a_spreadsheet() -> None:
    title = "Reporte de órdenes; noviembre, 2026\r\n\r\nCuenta:,SEGUROS\r\n"
    table = read(title + TABLE)
    assert [(row.number, row.sheet_row) for row in table.rows] == [(1, 5)]
    assert table.rows[0].cells == CELLS


def test_blank_rows_are_no_rows_but_a_spreadsheet_counts_them() -> None:
    table = read(f"\n{HEAD}\n\n{LINE}\n,,,\n ; \n\n{LINE}\n".replace(" ; ", "  "))
    assert [(row.number, row.sheet_row) for row in table.rows] == [(1, 4), (2, 8)]


def test_a_line_break_in_quotes_is_a_blank_and_moves_no_row() -> None:
    table = read(f'{HEAD}\r\n"A-1","Juana\r\nPérez",2026-11-20,"Revi\nsión"\r\n{LINE}\r\n')
    assert [row.cells["patient"] for row in table.rows] == ["Juana Pérez", "Juana Pérez"]
    assert [row.sheet_row for row in table.rows] == [2, 3]


def test_a_column_nobody_asked_for_is_left_alone_even_twice() -> None:
    table = read(f"x,{HEAD},x,\n=1+1,{LINE},PÃ©rez,\n")
    assert (table.rows[0].cells, table.faults) == (CELLS, ())


def test_a_short_row_lacks_its_last_cells_and_a_long_one_is_a_fault() -> None:
    table = read(f"{HEAD}\nA-1,Ana\n{LINE},\n{LINE}, ,\n{LINE},de más\n")
    assert [row.cells for row in table.rows] == [{"account": "A-1", "patient": "Ana"}, CELLS, CELLS, {}]
    assert [(fault.number, fault.sheet_row, fault.column, fault.code) for fault in table.faults] == [
        (4, 5, "", "too_many_cells")
    ]


@pytest.mark.parametrize("head", ["cuenta,paciente,fecha_atencion,Cuenta", "cuenta,paciente,fecha_atencion,orden"])
def test_a_heading_twice_is_refused_by_name(head) -> None:
    error = refused(f"{head}\n{LINE}\n")
    assert error.code == "repeated_column" and "cuenta" in error.message


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "empty_table", "cuenta, paciente, fecha_atencion."),
        (b"\xef\xbb\xbf", "empty_table", "vacío"),
        ("sep=;\r\n", "empty_table", "vacío"),
        (b" \r\n\t\n", "empty_table", "vacío"),
        ("paciente,nota\nAna,x\n", "missing_columns", "falta: cuenta, fecha_atencion."),
        ("Ana,x\n", "missing_columns", "falta: cuenta, paciente, fecha_atencion."),
        (f"{HEAD}\nA\x00B,Ana,2026-11-20,\n", "not_a_table", "no es un CSV de texto"),
        (b"\x00\x01", "not_a_table", "no es un CSV de texto"),
        (b"\xff\xfec\x00u", "not_a_table", "no es un CSV de texto"),
        (bytes(range(256)) * 4, "not_a_table", "no es un CSV de texto"),
        (f'{HEAD}\n{LINE}\nA-2,"Ana"x,2026-11-20,\n', "not_a_table", "hacia el renglón 3"),
        (f'{HEAD}\n"A-2,Ana,2026-11-20,\n{LINE}\n', "not_a_table", "comillas"),
        (f'{HEAD}\n"{"x" * 200_000}', "not_a_table", "comillas"),
        (f"{HEAD}\n" + f"{LINE}\n" * 11, "too_many_rows", "trae más de 10 renglones. Divídelo"),
        (f"{HEAD}\n" + f"{LINE}\n" * 90 + '"dos\nlíneas"\n', "too_many_rows", "trae más de 10 renglones. Divídelo"),
        (f"{HEAD}\n" + f"{LINE}\n\n" * 1_000, "too_many_rows", "trae más de 10 renglones"),
        ("cuenta,paciente,fecha_atenciÃ³n\n1,2,3\n", "mojibake", "En el encabezado, «fecha_atenciÃ³n»"),
    ],
)
def test_what_is_no_table_is_refused_whole_with_its_cure(content, code, said) -> None:
    error = refused(content)
    assert (error.code, said in error.message) == (code, True), error.message


def test_broken_letters_and_formulas_are_faults_of_their_cell_and_of_no_other_row() -> None:
    table = read(f'{HEAD}\nA-1,Juana PÃ©rez,=1+1,"=""x"""\n{LINE}\n')
    assert [(fault.number, fault.column, fault.code) for fault in table.faults] == [
        (1, "patient", "mojibake"),
        (1, "seen_on", "formula"),
        (1, "note", "formula"),
    ]
    assert [row.cells for row in table.rows] == [{"account": "A-1"}, CELLS]


def test_the_apostrophe_of_our_own_files_comes_off() -> None:
    row = f"{HEAD}\n'0012,'=1+1,2026-11-20,'t Hooft\n"
    assert read(row).rows[0].cells == {**CELLS, "account": "0012", "patient": "=1+1", "note": "'t Hooft"}


SECRET = "Z9-Q1"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}\n{LINE.replace('Revisión', SECRET)}\n",
        f"sep=;\n{HEAD}\n{LINE.replace('Revisión', SECRET)}\n".replace(",", ";"),
        f"Reporte de órdenes\n\n{HEAD}\n\n{LINE}\n{LINE.replace('Revisión', SECRET)}\n",
        f"nota,{HEAD.removesuffix(',nota')}\n{SECRET},{LINE.removesuffix(',Revisión')}\nZ9-Q1,mal\n",
        f"{HEAD}\nA-1,Juana,Pérez,2026-11-20,{SECRET}\n",
        f'{HEAD}\n"A-1","Juana\nPérez","2026-11-20","{SECRET}"\n',
    ],
    ids=["last", "sep line", "title and blanks", "first", "moved by a comma", "quotes and a line break"],
)
def test_a_column_of_secrets_is_left_out_of_a_copy_and_nothing_else_is(content, encoding) -> None:
    arrived = content.encode(encoding)
    copy = without_column(arrived, COLUMNS, "note", max_rows=10)
    assert copy is not None and SECRET not in copy.decode("utf-8-sig")
    was, now = read(arrived), read(copy)
    assert [row.number for row in was.rows] == [row.number for row in now.rows] and was.faults == now.faults
    assert [{**row.cells, "note": ""} for row in was.rows if row.cells] == [
        {"note": "", **row.cells} for row in now.rows if row.cells
    ]
    assert without_column(copy, COLUMNS, "note", max_rows=10) is None


def test_a_table_without_such_a_column_or_with_nothing_in_it_needs_no_copy() -> None:
    bare = f"{HEAD.removesuffix(',nota')}\n{LINE.removesuffix(',Revisión')}\n"
    for content in (bare, f"{HEAD}\n{LINE.replace('Revisión', ' ')}\n"):
        assert without_column(content.encode(), COLUMNS, "note", max_rows=10) is None


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("RFC del médico", "rfc_medico"),
        ("Importe a pagar ($)", "importe_pagar"),
        ("De la", "de_la"),
        ("—", ""),
        ("Año", "ano"),
        ("importe_a_pagar", "importe_pagar"),
    ],
)
def test_headings_are_compared_by_their_words(heading, key) -> None:
    assert heading_key(heading) == key


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)


@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=8),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_program_wrote_is_read_back_or_told_cell_by_cell(rows, separator, encoding) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([HEAD.split(","), *rows])
    table = read(out.getvalue().encode(encoding))
    wanted = [row for row in rows if any(cell.strip() for cell in row)]
    assert [row.number for row in table.rows] == list(range(1, len(wanted) + 1))
    told = {(fault.number, fault.column) for fault in table.faults}
    for row, cells in zip(table.rows, wanted, strict=True):
        for column, cell in zip(COLUMNS, cells, strict=True):
            assert ((row.number, column.name) in told) != (column.name in row.cells)
            if column.name in row.cells and not cell.strip().startswith("'"):
                assert row.cells[column.name] == cell.strip()


@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_the_reader(content) -> None:
    for start in (b"", f"{HEAD}\n".encode()):
        try:
            table = read(start + content, max_rows=1_000)
        except RuleBroken:
            continue
        assert all(row.number == place for place, row in enumerate(table.rows, start=1))


def test_of_a_table_that_is_too_long_no_heading_is_asked() -> None:
    with pytest.raises(RuleBroken) as found:
        unknown_headings((f"{HEAD}\n" + f"{LINE}\n" * 90).encode(), COLUMNS, max_rows=10)
    assert found.value.code == "too_many_rows"
