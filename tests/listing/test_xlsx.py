"""The same rows in XLSX: typed, never a formula, with how they were obtained; read back by openpyxl."""

from __future__ import annotations

import hashlib
import io
import re
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db.models import DateTimeField, DecimalField, Value
from django.db.models.expressions import RawSQL
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from psycopg2.errors import DivisionByZero

from portal.calendars.models import Holiday
from portal.listing import Column, Kind, xlsx
from portal.listing.copying import Snapshot
from portal.listing.how import Told
from tests.listing.test_listing import FIRST, a_listing, holidays_of

pytestmark = pytest.mark.django_db
TOLD = Told(filters=[("Nombre", "Día & <1>")], at=datetime(2026, 11, 22, 16, 30, tzinfo=UTC), by="Rebeca Ríos")
DAY = Column("date", "Fecha", kind=Kind.DATE)
NAME = Column("name", "Nombre")


def written(queryset, *columns, told=TOLD, **changes):
    listing = a_listing(columns=columns, **changes) if columns else a_listing(**changes)
    return b"".join(xlsx.workbook(listing, queryset, told=told))


def opened(content):
    return load_workbook(io.BytesIO(content))


def rows_of(book, sheet=0):
    return [[plain(one.value) for one in row] for row in book.worksheets[sheet].iter_rows()]


def plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


def made(expression, kind, **more):
    return Column("made", "Hecho", expression=expression, kind=kind, **more)


def test_every_row_in_the_lists_order_below_a_frozen_heading(calendar):
    book = opened(written(holidays_of(calendar, 3)))
    assert book.sheetnames == ["Inhábiles", "Cómo se obtuvo"]
    assert rows_of(book) == [
        ["Fecha", "Nombre", "Calendario", "Estado"],
        ["2000-01-03T00:00:00", "Día 2", "Prueba", "importado"],
        ["2000-01-02T00:00:00", "Día 1", "Prueba", "importado"],
        ["2000-01-01T00:00:00", "Día 0", "Prueba", "importado"],
    ]
    sheet = book.worksheets[0]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet["A1"].font.bold) == ("A2", "A1:D4", True)


@pytest.mark.parametrize("currency", ["MXN", "CLP"])
def test_money_is_a_number_with_its_currencys_decimals(calendar, currency):
    amount = made(Value(Decimal("1234567.50"), DecimalField()), Kind.MONEY, currency=currency)
    cell = opened(written(holidays_of(calendar, 1), amount)).worksheets[0]["A2"]
    assert (cell.value, cell.number_format) == (1234567.5, "#,##0.00" if currency == "MXN" else "#,##0")


def test_the_currency_of_the_row_decides(calendar):
    Holiday.objects.create(calendar=calendar, date=FIRST, name="CLP")
    amount = made(Value(Decimal("100"), DecimalField()), Kind.MONEY, currency_path="name", total=True)
    book = opened(written(Holiday.objects.filter(calendar=calendar), amount))
    assert book.worksheets[0]["A2"].number_format == "#,##0"
    assert ["Suma de Hecho", "$100"] in rows_of(book, 1)


@pytest.mark.parametrize("day", [date(1900, 3, 1), date(2026, 11, 22), date(9999, 12, 31)])
def test_a_day_is_a_day(calendar, day):
    Holiday.objects.create(calendar=calendar, date=day, name="x")
    cell = opened(written(Holiday.objects.filter(calendar=calendar), DAY)).worksheets[0]["A2"]
    assert (cell.value.date(), cell.is_date) == (day, True)


def test_a_day_that_spreadsheets_count_wrong_is_text(calendar):
    Holiday.objects.create(calendar=calendar, date=date(1900, 2, 28), name="x")
    assert rows_of(opened(written(Holiday.objects.filter(calendar=calendar), DAY)))[1] == ["1900-02-28"]


def test_an_instant_is_that_of_central_mexico(calendar):
    instant = made(Value(datetime(2026, 11, 23, 5, 59, 30, tzinfo=UTC), DateTimeField()), Kind.INSTANT)
    cell = opened(written(holidays_of(calendar, 1), instant)).worksheets[0]["A2"]
    assert plain(cell.value) == "2026-11-22T23:59:30"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "<b>&amp;</b>",
        "Muñoz «Ñ» 😀",
        "two\nlines",
        " blanks ",
        "_x0041_",
        "_x0041_x0042_",
        'comma, "quote"; tab\there',
        "\\n is no line end",
        "%s {0}",
        "x" * 120,
    ],
)
def test_a_text_is_that_text_and_never_a_formula(calendar, text):
    Holiday.objects.create(calendar=calendar, date=FIRST, name=text)
    cell = opened(written(Holiday.objects.filter(calendar=calendar), NAME)).worksheets[0]["A2"]
    assert (unescape(cell.value), cell.data_type) == (text, "s")  # openpyxl leaves the escapes of inline texts


def test_control_characters_are_left_out_and_nothing_stays_empty(calendar):
    odd = made(RawSQL("'a' || chr(1) || chr(31) || chr(65535 - 1) || 'b'", []), Kind.TEXT)
    none = Column("none", "Nada", expression=RawSQL("NULL::text", []))
    no_day = Column("no_day", "Sin día", expression=RawSQL("NULL::date", []), kind=Kind.DATE)
    no_money = Column("no_money", "Sin importe", expression=RawSQL("NULL::numeric", []), kind=Kind.MONEY, total=True)
    book = opened(written(holidays_of(calendar, 1), odd, none, no_day, no_money))
    assert rows_of(book)[1] == ["ab", None, None, None]
    assert not [name for name, _ in rows_of(book, 1) if name.startswith("Suma")]


def test_how_it_was_obtained_stands_beside_the_rows(calendar):
    number = made(RawSQL("extract(day FROM calendars_holiday.date)::int", []), Kind.NUMBER, total=True)
    content = written(holidays_of(calendar, 4), NAME, number)
    lines = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    rows = "".join(re.findall(r"<row>.*?</row>\n", lines)[1:])
    assert rows_of(opened(content), 1) == [
        ["Lista", "Inhábiles"],
        ["Nombre", "Día & <1>"],
        ["Generado", "22 nov 2026, 10:30 (hora del centro de México)"],
        ["Por", "Rebeca Ríos"],
        ["Zona horaria", "centro de México"],
        ["Renglones", "4"],
        ["Suma de Hecho", "10"],
        ["SHA-256 de los renglones", hashlib.sha256(rows.encode()).hexdigest()],
    ]


def test_the_rows_are_asked_once_for_all_sums_of_a_currency_and_each_stands_in_its_columns_place(calendar, monkeypatch):
    day = RawSQL("extract(day FROM calendars_holiday.date)::int", [])
    columns = [
        Column("one", "Uno", expression=day, kind=Kind.NUMBER, total=True),
        Column("two", "Dos", expression=Value(Decimal(7), DecimalField()), kind=Kind.MONEY, currency="CLP", total=True),
        Column("three", "Tres", expression=Value(5), kind=Kind.NUMBER, total=True),
    ]
    asked = []
    rows = Snapshot.rows
    monkeypatch.setattr(Snapshot, "rows", lambda view, statement: asked.append(statement) or rows(view, statement))
    told = rows_of(opened(written(holidays_of(calendar, 4), *columns)), 1)
    assert told[6:9] == [["Suma de Uno", "10"], ["Suma de Dos", "$28"], ["Suma de Tres", "20"]]
    assert len(asked) == 2, "one for the numbers, one for the pesos of Chile"


def test_a_list_without_filters_says_so_and_one_without_rows_is_its_heading(calendar):
    told = Told(filters=[], at=TOLD.at, by="Ana")
    for nothing in (Holiday.objects.none(), Holiday.objects.filter(calendar=calendar)):
        book = opened(written(nothing, told=told))
        assert rows_of(book) == [["Fecha", "Nombre", "Calendario", "Estado"]]
        assert ["Filtros", "ninguno: la lista entera"] in rows_of(book, 1)
        assert ["Renglones", "0"] in rows_of(book, 1)


@pytest.mark.parametrize(("rows", "sheets"), [(3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_a_sheet_that_is_full_goes_on_in_the_next(calendar, monkeypatch, rows, sheets):
    monkeypatch.setattr(xlsx, "LONGEST_SHEET", 4)
    book = opened(written(holidays_of(calendar, rows), NAME))
    assert [len(rows_of(book, at)) - 1 for at in range(len(sheets))] == sheets
    assert book.sheetnames == [*["Inhábiles", "Inhábiles 2", "Inhábiles 3"][: len(sheets)], "Cómo se obtuvo"]
    told = [row[0] for at in range(len(sheets)) for row in rows_of(book, at)[1:]]
    assert told == [f"Día {number}" for number in reversed(range(rows))]


@pytest.mark.parametrize("title", ["A/B: [x]*?", "  ", "L" * 60])
def test_any_title_makes_a_sheet_that_opens(calendar, title):
    assert len(opened(written(holidays_of(calendar, 1), title=title)).sheetnames) == 2


def test_more_columns_than_letters(calendar):
    columns = [Column(f"c{at}", f"C{at}", path="name") for at in range(28)]
    assert opened(written(holidays_of(calendar, 1), *columns)).worksheets[0].auto_filter.ref == "A1:AB2"


def test_twenty_thousand_rows_stay_small_in_memory(calendar):
    rows = holidays_of(calendar, 20_000, name="x" * 90)
    tracemalloc.start()
    size = sum(len(chunk) for chunk in xlsx.workbook(a_listing(), rows, told=TOLD))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 100_000
    assert peak < 3_000_000


def test_a_failure_in_the_middle_breaks_the_download(calendar):
    bad = made(RawSQL("1 / (date - date '2000-01-02')", []), Kind.NUMBER)
    with pytest.raises(DivisionByZero):
        written(holidays_of(calendar, 3), bad)


def test_the_response_is_an_attachment_that_streams(calendar):
    response = xlsx.xlsx_response(a_listing(), holidays_of(calendar, 1), "dias", told=TOLD)
    assert response["Content-Disposition"] == 'attachment; filename="dias.xlsx"'
    assert response["Content-Type"] == xlsx.CONTENT_TYPE
    assert opened(b"".join(response)).sheetnames[0] == "Inhábiles"
