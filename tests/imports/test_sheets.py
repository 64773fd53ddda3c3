"""An Excel sheet is read as it is written, and a hostile one not at all (UP-12); the reader of tables does the rest."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from portal.errors import RuleBroken
from portal.imports.rules import sheets
from portal.imports.rules.cells import unmarked
from portal.imports.rules.layouts import Field, Layout
from portal.imports.rules.readers import code, day, flag, instant, money, optional, text
from portal.papers.examiner.sheets import open_sheet

ROW = Layout(
    fields=(
        Field("key", "clave", exact=True, read=code),
        Field("amount", "importe", read=money("MXN")),
        Field("pesos", "pesos", required=False, read=optional(money("CLP"))),
        Field("on", "fecha", required=False, read=optional(day())),
        Field("at", "hora", required=False, read=optional(instant("America/Mexico_City"))),
        Field("signed", "firma", required=False, read=flag("Escribe sí o no.")),
        Field("note", "nota", required=False, read=text(40)),
    ),
    build=dict,
    max_rows=10,
)
HEAD = ["Clave", "Importe", "Pesos", "Fecha", "Hora", "Firma", "Nota"]


def book(*rows: list[Any], head: list[str] = HEAD, change: Callable[[Any], Any] | None = None) -> bytes:
    made = openpyxl.Workbook()
    for row in (head, *rows):
        made.active.append(row)
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def lines(content: bytes, rows: int = 100) -> list[list[str]]:
    open_sheet(content)
    judged = sheets.check(content, {"rows": rows})
    assert judged.findings == (), judged.findings
    return [[unmarked(cell) for cell in line] for line in judged.facts[sheets.LINES]]


def read(content: bytes):
    return ROW.read_file(lines(content))


def wrong(content: bytes) -> list[tuple[int, str, str]]:
    return [(error.sheet_row, error.field, error.code) for error in read(content).errors]


def test_what_a_sheet_says_is_read_exactly() -> None:
    on, at = datetime.fromisoformat("2026-11-20"), datetime.fromisoformat("2026-11-20T10:30")
    content = book(
        ["a-1", 1500.1, 1500, on, at, True, "Ñandú  y\nmás"],
        [],
        ["00123", "1500.00", "1.500", "20/11/2026", "2026-11-20 10:30", "no", 7],
        ["B", 0.1, 1500.0, on, at, None, 1.5],
    )
    got = read(content)
    assert got.errors == () and [item.sheet_row for item in got.items] == [2, 4, 5]
    one, two, three = (item.value for item in got.items)
    assert (one["key"], two["key"]) == ("A-1", "00123"), "a text keeps its zeros"
    assert [row["amount"] for row in (one, two, three)] == [Decimal("1500.10"), Decimal("1500.00"), Decimal("0.10")]
    assert {row["pesos"] for row in (one, two, three)} == {Decimal("1500")}
    assert {row["on"] for row in (one, two, three)} == {date(2026, 11, 20)}
    assert len({row["at"] for row in (one, two, three)}) == 1 and one["at"].isoformat() == "2026-11-20T10:30:00-06:00"
    assert [row["signed"] for row in (one, two, three)] == [True, False, False]
    assert [row["note"] for row in (one, two, three)] == ["Ñandú y más", "7", "1.5"]


def test_days_are_counted_from_1904_where_the_book_says_so() -> None:
    def mac(made: Any) -> None:
        made.epoch = CALENDAR_MAC_1904

    (item,) = read(book(["A", 1, None, date(2026, 11, 20)], change=mac)).items
    assert item.value["on"] == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ([123, 1], "key", "number_for_code"),
        (["=A1", 1], "key", "formula"),
        (["A", "=1+1"], "amount", "formula"),
        (["A", "#N/A"], "amount", "cell_error"),
        (["A", 1500.005], "amount", "bad_amount"),
        (["A", 1e12], "amount", "bad_amount"),
        (["A", 1, 123.456], "pesos", "bad_amount"),
        (["A", 1, None, 46346], "on", "bad_date"),
        (["A", 1, None, date(1999, 1, 1)], "on", "bad_date"),
        (["A", 1, None, None, None, None, "PÃ©rez"], "note", "mojibake"),
        (["A", 1, *[None] * 5, "de más"], "", "too_many_cells"),
    ],
)
def test_a_cell_that_cannot_be_believed_is_its_rows_error(row, field, code) -> None:
    assert wrong(book(["B", 2], row)) == [(3, field, code)]


def test_a_number_is_not_taken_for_a_text_that_was_read_before_it() -> None:
    content = book(["123", 1, "123.456"], ["B", 1, 123.456], [123, 1])
    assert wrong(content) == [(3, "pesos", "bad_amount"), (4, "key", "number_for_code")]
    assert [item.value["pesos"] for item in read(content).items] == [Decimal("123456")]


def test_a_formula_is_an_error_whatever_value_is_stored_beside_it() -> None:
    cell = '<c r="B2"><f>1+1</f><v>2</v></c>'
    shared = '<c r="B3"><f t="shared" ref="B3:B4" si="0">B2</f><v>2</v></c>'
    more = '<c r="B4"><f t="shared" si="0"/><v>2</v></c>'
    array = '<c r="B5"><f t="array" ref="B5">B2:B3</f><v>2</v></c>'
    content = written([[inline("A2"), cell], [inline("A3"), shared], [inline("A4"), more], [inline("A5"), array]])
    assert wrong(content) == [(number, "amount", "formula") for number in (2, 3, 4, 5)]


ARRAY, DATA_TABLE = '<f t="array" ref="{}">C2:C9*2</f>', '<f t="dataTable" ref="{}" dt2D="0" dtr="0" r1="C1"/>'


@pytest.mark.parametrize(
    ("formula", "at", "filled", "unbelieved"),
    [
        (ARRAY, 2, "B2:B4", (2, 3, 4)),
        (DATA_TABLE, 3, "B3:B4", (3, 4)),
        (ARRAY, 4, "B2:B4", (2, 3, 4)),  # its own cell comes last
        (ARRAY, 5, "B3:B1048576", (3, 4, 5)),
        (ARRAY, 5, "3:5", (3, 4, 5)),
        (ARRAY, 2, "B2:XFD2", (2,)),
        (ARRAY.replace(' ref="{}"', ""), 2, "", (2,)),
    ],
)
def test_what_a_formula_of_another_cell_fills_is_no_value_either_UP_12(formula, at, filled, unbelieved) -> None:
    own = {at: formula.format(filled)}
    rows = [[inline(f"A{row}"), f'<c r="B{row}">{own.get(row, "")}<v>{row}</v></c>'] for row in (2, 3, 4, 5)]
    content = written(rows)
    assert [row for row, field, code in wrong(content) if (field, code) == ("amount", "formula")] == [*unbelieved]
    assert [item.sheet_row for item in read(content).items] == [row for row in (2, 3, 4, 5) if row not in unbelieved]


# --- books of other writers ------------------------------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def inline(place: str, said: str = "A") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{said}</t></is></c>'


def written(
    rows: list[list[str]],
    *,
    head: str = "",
    shared: tuple[str, ...] = (),
    state: str = "visible",
    more: dict[str, str | bytes] | None = None,
) -> bytes:
    """A book as another program writes it: its parts in another order, no styles, no size, shared strings if any."""
    head = head or "".join(inline(f"{letter}1", said) for letter, said in zip("AB", HEAD, strict=False))
    body = "".join(f'<row r="{number}">{"".join(row)}</row>' for number, row in enumerate(rows, start=2))
    parts: dict[str, str | bytes] = {
        "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="'
        'application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET}.sheet.main+xml"/><Override PartName="/xl/s.xml" '
        f'ContentType="{SHEET}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" '
        f'ContentType="{SHEET}.sharedStrings+xml"/></Types>',
        "xl/workbook.xml": f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="Hoja" sheetId="1" state="{state}" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="s.xml"/><Relationship Id="rId2" Type="{OFFICE}/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>',
        "xl/s.xml": f'{XML}<worksheet xmlns="{MAIN}"><sheetData><row r="1">{head}</row>{body}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'{XML}<sst xmlns="{MAIN}">{"".join(f"<si>{one}</si>" for one in shared)}</sst>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | (more or {})).items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_number_is_the_decimal_that_is_written() -> None:
    content = written([[inline("A2"), '<c r="B2"><v>0.30000000000000004</v></c>']])
    assert wrong(content) == [(2, "amount", "bad_amount")], "what a formula left behind is not 0.30"


def test_what_is_neither_a_number_nor_a_day_is_told_in_words() -> None:
    content = book(
        ["A", 1, None, None, None, None, time(10, 30)], ["B", 1, None, None, None, None, timedelta(hours=30)]
    )
    assert [item.value["note"] for item in read(content).items] == ["10:30:00", "1 day, 6:00:00"]
    assert wrong(written([[inline("A2"), '<c r="B2"><v>1E999</v></c>']])) == [(2, "amount", "cell_error")]


def test_a_book_that_swells_ends_its_child_and_not_its_reader(monkeypatch) -> None:
    def swells(*args: Any, **more: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(sheets, "load_workbook", swells)
    with pytest.raises(MemoryError):  # the examiner says what became of its child
        sheets.check(book(["A", 1]), {"rows": 5})


def test_inline_and_shared_strings_in_pieces_are_read() -> None:
    shared = ("<t>clave</t>", "<r><t>impor</t></r><r><t>te</t></r>", '<t xml:space="preserve"> 007 </t>')
    head = '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
    rows = [['<c r="A2" t="s"><v>2</v></c>', '<c r="B2"><v>1E2</v></c>'], [inline("A3"), "<c><v>2.50</v></c>"]]
    got = read(written(rows, head=head, shared=shared))
    assert [(item.value["key"], item.value["amount"]) for item in got.items] == [
        ("007", Decimal("100.00")),
        ("A", Decimal("2.50")),
    ]


def test_cells_and_rows_that_only_bear_a_colour_are_nothing() -> None:
    content = written([[inline("A2"), '<c r="B2"/>'], ['<c r="A3"/>']])
    assert lines(content)[1:] == [["A"]]


def test_only_the_first_sheet_that_is_shown_is_read() -> None:
    def more(made: Any) -> None:
        made.active.sheet_state = "hidden"
        made.create_sheet("Datos").append(["clave", "importe"])
        made["Datos"].append(["B", 2])

    assert [item.value["key"] for item in read(book(["A", 1], change=more)).items] == ["B"]


def test_a_look_at_the_first_rows_reads_no_more() -> None:
    content = book(*(["A", number] for number in range(50)))
    assert len(sheets.check(content, {"rows": 5, "only": 3}).facts[sheets.LINES]) == 3
    assert sheets.check(b"clave,importe\n", {"rows": 5}).facts == {}


# --- what is not read ------------------------------------------------------------------------------------------------


BOMB = b"<a>" + b" " * 3_000_000 + b"</a>"
ROW_AT = '<row r="{}"><c t="inlineStr"><is><t>A</t></is></c></row>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (written([], more={"xl/vbaProject.bin": b"x"}), "sheet.macros"),
        (written([], more={"xl/macrosheets/sheet1.xml": "<a/>"}), "sheet.macros"),
        (written([], more={"[Content_Types].xml": f"{XML}<Types>macroEnabled.main+xml</Types>"}), "sheet.macros"),
        (written([], more={"xl/externalLinks/externalLink1.xml": "<a/>"}), "sheet.links"),
        (written([], more={"xl/connections.xml": "<a/>"}), "sheet.links"),
        (written([], more={"xl/embeddings/a.docx": b"x"}), "sheet.links"),
        (written([], more={"xl/s.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "sheet.doctype"),
        (written([], more={"docProps/app.xml": b"<a>" + b" " * 65_530 + b'<!ENTITY b "c"></a>'}), "sheet.doctype"),
        (written([], more={"xl/s.xml": "<!DOCTYPE a><a/>".encode("utf-16")}), "sheet.encoding"),
        (written([], more={"xl/s.xml": '<?xml version="1.0" encoding="UTF-7"?><a/>'}), "sheet.encoding"),
        (written([], more={"xl/worksheets/s.dat": "<!DOCTYPE a><a/>"}), "sheet.doctype"),
        (written([], more={"xl/worksheets/s": b"\xef\xbb\xbf \n<!DOCTYPE a><a/>"}), "sheet.doctype"),
        (written([], more={"xl/media/a.png": " " * 70_000 + "<!DOCTYPE a><a/>"}), "sheet.doctype"),
        (written([], more={"xl/worksheets/s.dat": "<!DOCTYPE a><a/>".encode("utf-16")}), "sheet.encoding"),
        (written([], more={"xl/worksheets/s.dat": " <!DOCTYPE a><a/>".encode("utf-16-le")}), "sheet.encoding"),
        (written([], more={"xl/printerSettings/s.bin": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "sheet.doctype"),
        (written([], more={"xl/media/a.xml": BOMB}), "sheet.bomb"),
        (written([], more={f"x/{number}": "" for number in range(1_000)}), "sheet.bomb"),
        (written([])[:-200], "sheet.broken"),
        (b"PK\x03\x04 no es un libro", "sheet.broken"),
        (written([]).replace(b"[Content_Types].xml", b"[content_typez].xml"), "sheet.broken"),
        (written([], state="hidden"), "sheet.hidden"),
        (written([["<c r='A2' t='s'><v>9</v></c>"]]), "sheet.broken"),
        (written([[inline("WWW2")]]), "sheet.too_wide"),
        (book(*(["A", number] for number in range(30))), "too_many_rows"),
    ],
)
def test_a_hostile_or_damaged_book_is_refused_with_a_cause_and_a_cure(content, code) -> None:
    try:
        open_sheet(content)
    except RuleBroken as refused:
        assert refused.code == code and refused.message.count(". ") >= 1, refused.message
        return
    (finding,) = sheets.check(content, {"rows": 20}).findings
    assert finding.code == code and finding.message and finding.cure


def test_pictures_and_printers_may_say_what_they_like() -> None:
    plist = '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "x"><plist/>'
    harmless: dict[str, str | bytes] = {
        "xl/media/a.png": b"\x89PNG\r\n\x1a\n<!DOCTYPE a>",
        "xl/media/b.emf": b"\x01\x00\x00\x00<!ENTITY",
        "xl/media/c.svg": "<!DOCTYPE svg><svg/>",
        "xl/printerSettings/printerSettings1.bin": "Láser".encode("utf-16-le"),
        "xl/printerSettings/printerSettings2.bin": plist,
    }
    assert lines(written([[inline("A2")]], more=harmless))[1] == ["A"]


def test_a_part_that_asks_for_a_password_is_refused() -> None:
    content = bytearray(written([[inline("A2")]]))
    place = content.rindex(b"PK\x01\x02")
    content[place + 8] |= 1
    with pytest.raises(RuleBroken, match="contraseña"):
        open_sheet(bytes(content))


def test_more_than_fifty_thousand_rows_are_never_read() -> None:
    assert sheets.MAX_ROWS == 50_000
    body = "".join(ROW_AT.format(number) for number in range(2, 60))
    content = written(
        [], more={"xl/s.xml": f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'}
    )
    most, sheets.MAX_ROWS = sheets.MAX_ROWS, 40
    try:
        (finding,) = sheets.check(content, {"rows": 60_000}).findings
    finally:
        sheets.MAX_ROWS = most
    assert finding.code == "too_many_rows" and "más de 40 renglones" in finding.message


def test_a_sheet_with_more_cells_than_the_child_can_read_in_its_time_comes_as_csv(monkeypatch) -> None:
    assert sheets.MAX_CELLS == 125_000
    content = book(["A", 1], ["B", None], ["C", 2])
    monkeypatch.setattr(sheets, "MAX_CELLS", len(HEAD) + 5)
    assert len(lines(content)) == 4, "empty cells do not count"
    monkeypatch.setattr(sheets, "MAX_CELLS", len(HEAD) + 4)
    (finding,) = sheets.check(content, {"rows": 20}).findings
    assert finding.code == "sheet.too_many_cells" and "guárdala como CSV" in finding.cure
