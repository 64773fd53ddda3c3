"""Files of movements (domain 2.12): CSV, MT940, lines of fixed places; what is told twice; what is refused whole."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from portal.errors import RuleBroken
from portal.imports.rules.cells import Unreadable
from portal.imports.rules.formats import ForeignHeadings
from portal.treasury.rules import movements_csv
from portal.treasury.rules.movements import Moved, WrongCell, read_amount, read_day
from portal.treasury.rules.movements_layout import MOVEMENTS, read_file
from portal.treasury.rules.movements_reading import MovementsJudged, judge_movements, read_movements

ALL = ("csv", "mt940", "store-fixed")


def judged(
    text: str | bytes, *, known: tuple = (), formats: tuple[str, ...] = ALL, currency: str = "MXN", **mapping: str
) -> MovementsJudged:
    content = text.encode() if isinstance(text, str) else text
    return judge_movements(read_movements(content, currency=currency, formats=formats, mapping=mapping), known=known)


def counts(one: MovementsJudged) -> tuple[int, int, int, int, int, str, str]:
    """rows, new, duplicates, errors, skipped, credits, debits."""
    sums = (str(one.credits), str(one.debits))
    assert one.rows == len(one.new) + one.duplicates + len(one.wrong) + one.read.skipped
    return (one.rows, len(one.new), one.duplicates, len(one.wrong), one.read.skipped, *sums)


@pytest.mark.parametrize("cell", ["31/10/2026", "31-10-2026", "31/OCT/2026", "31-oct-2026", " 2026-10-31 "])
def test_a_day_is_read_as_banks_write_it(cell: str) -> None:
    assert read_day(cell) == date(2026, 10, 31)


@pytest.mark.parametrize(
    "cell",
    ["", "31/10/26", "30/02/2026", "2026/10/31", "31/10-2026", "31/XXX/2026", "10/31/2026", "31102026", "31/10/1989"],
)
def test_what_is_no_day_is_an_error_of_its_row(cell: str) -> None:
    with pytest.raises(WrongCell) as fault:
        read_day(cell)
    assert (fault.value.field, fault.value.code) == ("on", "date_unreadable")


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        *((cell, "1234.50") for cell in ("1234.5", "1,234.50", "$1,234.50", "$ 1234.50", " 1234.50 ")),
        *(
            (cell, "-1234.50")
            for cell in ("-1234.5", "1,234.50-", "(1,234.50)", "($1234.5)", "-$1,234.50", "$-1234.50")
        ),
        *((cell, "-5.00") for cell in ("- 5", "5 -", "\u22125", "$ - 5")),
        ("0", "0.00"),
        ("1,234,567", "1234567.00"),
        *((cell, "500.00") for cell in ("0500", "000500.00", "00500.0")),  # zeros without a comma leave nothing open
        ("999999999.99", "999999999.99"),
    ],
)
def test_an_amount_is_read_as_banks_write_it(cell: str, amount: str) -> None:
    assert str(read_amount(cell)) == amount


@pytest.mark.parametrize(
    "cell",
    [
        "1.234,00",
        "12,34.50",
        "1e3",
        "1.005",
        "diez",
        "1,23",
        "--5",
        "5--",
        "-5-",
        "(-5)",
        "()",
        "$",
        "+5",
        "1 000",
        "５",
    ]
    + ["1000000000", "9" * 40, "5.", ".5", "5 MXN"]
    # zeros in front of a comma, that may be a decimal one; other marks of thousands, two of them, signs and words
    + ["0,500", "000,500", "01,234", "01,234.50", "-0,500", "(0,500)", "$0,500", "0,500-", "1,234,56", "1234,567"]
    + ["1'234", "1 234.50", "1\u00a0234", "1.234.567", "1,234.567", "1,234.5.0", "$$5", "-$-5", "(5)-", "-(5)", "(5-)"]
    + ["5CR", "CR 5", "5.00 DR", "D5", "\u20135", "5%"],
)
def test_what_could_be_read_in_two_ways_is_never_money(cell: str) -> None:
    with pytest.raises(WrongCell) as fault:
        read_amount(cell)
    assert (fault.value.field, fault.value.code) == ("amount", "amount_unreadable")


HEAD = "Fecha,Concepto,Cargo,Abono\n"


ONCE, TWICE = (1, 1, 0, 0, 0, "5.00", "0.00"), (2, 2, 0, 0, 0, "10.00", "0.00")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        # separators, a mark, Windows-1252, title lines, headings without case and accents, value date before another
        (HEAD + "06/12/2026,X,,10.00\n", (1, 1, 0, 0, 0, "10.00", "0.00")),
        ("\ufeffFECHA;DEPOSITOS;RETIROS\n06/12/2026;;1,234.50\n", (1, 1, 0, 0, 0, "0.00", "1234.50")),
        ("Fecha|Monto\n06/12/2026|(5.00)\n06/12/2026|7-\n06/12/2026|8\n", (3, 3, 0, 0, 0, "8.00", "12.00")),
        ("Operación\tDía\tCrédito\n\n1\t2026-12-06\t3.00\t\n".encode("cp1252"), (1, 1, 0, 0, 0, "3.00", "0.00")),
        ("Banco,,\n" * 19 + "Fecha,Abono,Saldo\n06/12/2026,1,1\n", (1, 1, 0, 0, 0, "1.00", "0.00")),
        # a minus in a column out is form, in a column in an error; a side of zero is empty beside another
        (HEAD + "06/12/2026,X,-5.00,\n06/12/2026,X,5.00,0.00\n06/12/2026,X,,-5\n", (3, 2, 0, 1, 0, "0.00", "10.00")),
        (HEAD + "06/12/2026,X,0,0.00\n06/12/2026,X,0,\n,,,\n", (2, 0, 0, 0, 2, "0.00", "0.00")),
        # one key once, another amount of that key is another; one balance once; without both each its own
        ("Fecha,Abono,Autorización\n" + "06/12/2026,5,A\n" * 2 + "06/12/2026,6,A\n", (3, 2, 1, 0, 0, "11.00", "0.00")),
        ("Fecha,Abono,Saldo\n" + "06/12/2026,5,9\n" * 2 + "06/12/2026,5,14\n", (3, 2, 1, 0, 0, "10.00", "0.00")),
        (HEAD + "06/12/2026,X,,5\n" * 3, (3, 3, 0, 0, 0, "15.00", "0.00")),
        # what only fills the cell is no key: two equal deposits in cash stay two, and one where the balance tells so
        *(
            ("Fecha,Abono,Autorización\n" + f"06/12/2026,5,{filler}\n" * 2, TWICE)
            for filler in ("0", "000000", "-", "--", "NONREF", "S/N", "s/n.", "N/A", "Sin clave", "NULL", "0-0")
        ),
        ("Fecha,Abono,Autorización,Saldo\n" + "06/12/2026,5,0,9\n" * 2, (2, 1, 1, 0, 0, "5.00", "0.00")),
        (":20:X\n:60F:C261201MXN0,\n" + ":61:261202C5,NMSCNONREF//0\n" * 2 + ":62F:C261202MXN10,\n", TWICE),
        (
            "H20261207MUESTRA\n" + f"D20261206183000{'':40}000000000500{'':0<12}\n" * 2 + "T0000000200000000001000\n",
            TWICE,
        ),
        # several texts and references are no fault of the file, nor are days of different names
        ("Fecha,Concepto,Descripción,Referencia,Referencia numérica,Abono\n06/12/2026,,,,,5\n", ONCE),
        ("Fecha,Fecha valor,Fecha,Abono\nx,06/12/2026,y,5\n", ONCE),
        # SWIFT's own marks on one line, whether more statements follow or not; blanks for the entry date, a funds code
        (
            "{1:F01}{2:O940}{3:}{4:\n:20:X\n:60F:C261201MXN0,\n:61:261202C5,NTRFX\n:62F:C261202MXN5,\n"
            "-}{5:{CHK:0123456789AB}}\n{1:F01}{4:\n:60F:C261202MXN5,\n:62F:C261202MXN5,\n-}{5:}{1:F01}{4:\n"
            ":60F:C261202MXN5,\n:62F:C261202MXN5,\n -}{5:}",
            ONCE,
        ),
        (":60F:C261201MXN0,\n:61:261202    CD5,00NMSCNONREF//\n/ABC/\n:62F:C261202MXN5,\n", ONCE),
        # MT940: RC counts as out, RD as in; an envelope, text on two lines, two statements, a row of zero
        (
            "{1:F01}{4:\n:60F:C261201MXN10,\n:61:261202C5,NTRFREF1//K1\nmore\n:86:A\nB\n:61:261202RC1,NTRFNONREF\n"
            ":61:261202RD2,50NTRFNONREF//K2\n:61:261202D0,NTRFX//K3\n:62M:C261202MXN16,5\n-}\n"
            ":60M:D261202MXN1,\n:61:261203D1,NTRFX//K4\n:62F:D261203MXN2,\n",
            (5, 4, 0, 0, 1, "7.50", "2.00"),
        ),
        (
            "H20261207MUESTRA\nD202612061830000000000417"
            + "8100305619982049".ljust(30)
            + "000000021950"
            + "1\n"
            + "D202612061830000000000417"
            + " " * 30
            + "000000000000"
            + "2\nT0000000200000000021950\n",
            (2, 1, 0, 0, 1, "219.50", "0.00"),
        ),
    ],
)
def test_a_file_is_read_with_its_sums(text: str | bytes, right: tuple) -> None:
    assert counts(judged(text)) == right


def test_the_same_file_again_brings_nothing_and_what_is_new_beside_it_comes() -> None:
    text = HEAD + "06/12/2026,X,,5\n" * 2
    known = tuple(judged(text).by_key)
    assert counts(judged(text, known=known))[:3] == (2, 0, 2)
    assert counts(judged(text + "06/12/2026,X,,5\n", known=known))[:3] == (3, 1, 2)


def test_what_a_movement_carries() -> None:
    heading = "Fecha de operación,Fecha valor,Leyenda,Referencia,Clave de rastreo,Importe,Saldo\n"
    (row,) = judged(heading + "05/12/2026,06/12/2026, DOS  palabras ,0012,K1,-5,10.00\n").new
    assert row == Moved(1, date(2026, 12, 6), Decimal("-5.00"), "DOS palabras", "0012", "K1", "10.00")
    (first,) = judged("Fecha valor,Fecha,Abono\n05/12/2026,06/12/2026,5\n").new
    assert first.on == date(2026, 12, 5)
    mt940 = ":20:X\n:60F:C261201MXN0,\n:61:2612021203C5,00NTRFREF 1//K1\n:86:A\nB C\n:62F:C261202MXN5,\n-\n"
    assert judged(mt940).new == (Moved(1, date(2026, 12, 2), Decimal("5.00"), "A B C", "REF 1", "K1"),)
    about_all = ":20:X\n:60F:C261201MXN0,\n:61:261202C5,NTRFX\n{}:62F:C261202MXN5,\n:86:31055248164201\n"
    for text in ("", "SUYO"):  # what follows the closing balance is about the whole statement, never about a movement
        (one,) = judged(about_all.format(f":86:{text}\n" if text else "")).new
        assert one.text == text
    doubled = "Descripción,Referencia,Abono,Concepto,Referencia numérica,Fecha,Autorización,Clave de rastreo\n"
    for cells, told in (
        ("PAGO,0012,5,DE ANA,345,06/12/2026,A1,K1", ("PAGO DE ANA", "0012", "A1")),
        (",0,5,DE ANA,345,06/12/2026,000000,K1", ("DE ANA", "345", "K1")),
        ("PAGO,S/N,5,,,06/12/2026,,", ("PAGO", "", "")),
    ):
        (one,) = judged(f"{doubled}{cells}\n").new
        assert (one.text, one.reference, one.tracking) == told
    store = (
        "H20261207MUESTRA\nD202612061830000000000417" + "81003".ljust(30) + "000000000500A1\nT0000000100000000000500\n"
    )
    assert judged(store).new == (Moved(1, date(2026, 12, 6), Decimal("5.00"), "TIENDA 0000000417", "81003", "A1"),)


def test_headings_of_a_senders_own_are_mapped() -> None:
    assert counts(judged("Uno,Dos\n06/12/2026,5\n", Uno="on", Dos="in"))[:2] == (1, 1)


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("30/02/2026,X,,10.00", "on", "date_unreadable"),
        ("30/02/2026,X,5,1e3", "on", "date_unreadable"),  # the day before the amount
        ("30/02/2026,X,1e3", "row", "cells"),  # the cells before the day
        ("06/12/2026,X,,1,234.50", "row", "cells"),
        ("06/12/2026,X,5.00,6.00", "amount", "amount_both_sides"),
        ("06/12/2026,X,5.00,x", "amount", "amount_unreadable"),
        ("06/12/2026,X,,", "amount", "amount_missing"),
    ],
)
def test_a_wrong_row_has_one_error_and_the_others_go_on(row: str, field: str, code: str) -> None:
    one = judged(f"{HEAD}06/12/2026,BIEN,,1.00\n\n,,,\n{row}\n06/12/2026,BIEN,,1.00\n")
    assert [(wrong.row, wrong.field, wrong.code) for wrong in one.wrong] == [(2, field, code)]
    assert (one.wrong[0].message[-1], len(one.new)) == (".", 2)


OPENED = ":60F:C261201MXN0,\n"
PAID = "D202612061830000000000417" + "8100305619982049".ljust(30) + "000000021950" + "000000000001\n"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("headings_unknown", "Uno,Dos\n06/12/2026,5\n"),
        ("headings_unknown", "x,\n" * 20 + HEAD + "06/12/2026,X,,1\n"),
        *(
            ("headings_twice", f"{heading}\n06/12/2026,06/12/2026,1,1,1\n")
            for heading in (
                "Fecha,X,Abono,Depósito,Y",
                "Fecha,X,Cargo,Y,Retiros",
                "Fecha,X,Importe,Monto,Y",
                "Fecha,X,Abono,Saldo,SALDO",
                "Fecha,FECHA,Abono,X,Y",
                "Fecha valor,Fecha valor,Abono,X,Y",
            )
        ),
        ("headings_twice", "Fecha,Abono,Depósito\n06/12/2026,1,1\n"),
        ("not_a_table", "a\x00b"),
        ("not_a_table", HEAD + '06/12/2026,"X"x,,1\n'),
        ("not_a_table", 'Fecha,"Abo\n'),
        ("not_a_table", "x" * 140_000 + "\n"),
        ("no_movements", HEAD),
        ("no_movements", ""),
        ("no_movements", ":20:X\n" + OPENED + ":62F:C261201MXN0,\n"),
        ("no_movements", "H20261207MUESTRA\nT0000000000000000000000\n"),
        ("currency_differs", ":20:X\n:60F:C261201USD0,\n"),
        ("closing_differs", ":20:X\n" + OPENED + ":61:261202C5,NTRFX\n:62F:C261202MXN5,01\n"),
        ("closing_differs", ":20:X\n:62F:C261202MXN5,01\n"),
        ("mt940_broken", ":20:X\n:61:261202C5,NTRFX\n"),
        ("mt940_broken", ":20:X\n" + OPENED + ":61:261332C5,NTRFX\n"),
        ("mt940_broken", ":20:X\n" + OPENED + ":61:nada\n"),
        ("mt940_broken", ":20:X\n" + OPENED + ":61:261202C5,NTRFX\n"),
        ("mt940_broken", ":20:X\n:60F:nada\n"),
        # the first statement was cut, and what was lost of it nobody would miss
        ("mt940_broken", OPENED + ":61:261202C5,NTRFX\n" + OPENED + ":61:261202C5,NTRFX\n:62F:C261202MXN5,\n"),
        ("mt940_broken", OPENED + "-}{5:}\n{1:F01}{4:\n" + OPENED.replace("F", "M") + ":62F:C261202MXN0,\n-}{5:}"),
        ("control_totals", "H20261207MUESTRA\n" + PAID),
        ("control_totals", "H20261207MUESTRA\n" + PAID + "T0000000100000000021951\n"),
        ("control_totals", "H20261207MUESTRA\n" + PAID + "T0000000200000000021950\n"),
        ("detail_unreadable", "H20261307MUESTRA\n" + PAID),
        ("detail_unreadable", "H20261207MUESTRA Y ALGO MAS\n" + PAID),
        ("detail_unreadable", "H20261207MUESTRA\n" + PAID.replace("D20261206", "D20261306")),
        ("detail_unreadable", "H20261207MUESTRA\nX" + PAID[1:]),
        ("detail_unreadable", "H20261207MUESTRA\nT0000000000000000000000\n" + PAID),
    ],
)
def test_what_is_not_whole_is_refused_whole_with_its_cure(code: str, text: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        judged(text)
    assert refused.value.code == code and refused.value.finding.cure


def test_too_many_rows_and_a_format_that_the_account_does_not_take(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuleBroken, match="no recibe archivos csv"):
        judged(HEAD + "06/12/2026,X,,1\n", formats=("mt940",))
    monkeypatch.setattr(movements_csv, "MAX_ROWS", 1)
    with pytest.raises(RuleBroken, match="más de 1 renglones"):
        judged(HEAD + "06/12/2026,X,,1\n" * 2)


def test_mo_01_an_account_in_pesos_of_chile_has_no_cents_in_what_is_read_nor_in_what_is_said() -> None:
    """What such an account cannot hold is refused, never rounded away."""
    text = ":20:X\n:60F:C261201CLP1000,\n:61:261202C1623000,00NTRFX\n:62F:C261202CLP1624000,\n"
    (one,) = judged(text, currency="CLP").new
    assert str(one.amount) == "1623000"
    with pytest.raises(RuleBroken) as refused:
        judged(text.replace("1623000,00", "1623000,50"), currency="CLP")
    assert refused.value.code == "mt940_broken" and "1623000,50" in refused.value.message
    for currency, said in (("MXN", "$219.50"), ("CLP", "$220")):
        with pytest.raises(RuleBroken, match=re.escape(f"por {said} y la última")):
            judged("H20261207MUESTRA\n" + PAID, currency=currency)


SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "bank"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of public samples is absent")
@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("mt940_ASNB_mt940.txt", (8, 8, 0, 0, 0, "2828.90", "2771.96")),
        ("mt940_betterplace_sepa_mt9401.sta", (97, 97, 0, 0, 0, "5188474.94", "14457610.84")),
        ("mt940_betterplace_with_binary_character.sta", (4, 4, 0, 0, 0, "14215.30", "193282.05")),
        ("mt940_citi_mt940.txt", (5, 3, 0, 0, 2, "0.00", "1142.75")),
        ("mt940_cmxl_mt940.sta", (16, 16, 0, 0, 0, "72436.74", "60109.44")),
        ("mt940_betterplace_amount_formats.sta", "mt940_broken"),  # six opening balances, not one that closes
        ("mt940_betterplace_sepa_snippet_broken.sta", "closing_differs"),  # one movement of many is left of it
    ],
)
def test_each_public_statement_is_read_or_refused_for_what_is_wrong_with_it(name: str, right: tuple | str) -> None:
    """Each as if it were of an account in its own currency; as it is, its currency is what is wrong."""
    content = (SAMPLES / name).read_bytes()
    ours = re.sub(rb"(:6[02][FM]:[CD][0-9]{6})[A-Z]{3}", rb"\1MXN", content)
    for told, answer in ((content, "currency_differs"), (ours, right)):
        try:
            found: tuple | str = counts(judged(told))
        except RuleBroken as broken:
            found = broken.code
        assert found == answer


def read_as_a_table(content: str | bytes, **headings: str) -> list[tuple[int, dict[str, str]]]:
    """What the reader of imports makes of a file: each row by its number and column."""
    return read_file(content.encode() if isinstance(content, str) else content, headings=headings)


def test_a_file_is_handed_to_imports_row_by_row_also_those_of_zero_and_those_that_are_wrong() -> None:
    rows = read_as_a_table(
        "Fecha;Concepto;Abono;Cargo\n01/10/2026;UNO;10.00;\n02/10/2026;CERO;0.00;\n99/99/2026;MAL;5.00;\n"
    )
    assert [number for number, _row in rows] == [1, 2, 3]
    one, zero, wrong = (row for _number, row in rows)
    assert (one["on"], one["amount"], one["text"], one["format"]) == ("2026-10-01", "10.00", "UNO", "csv")
    assert (zero["amount"], zero["on"]) == ("0.00", "2000-01-01"), "skipped: a row all the same"
    assert wrong["on"].startswith("\x1fdate_unreadable\x1f")
    for field in MOVEMENTS.fields:
        if field.name == "on":
            with pytest.raises(Unreadable, match="fecha"):
                field.read(wrong["on"])
            assert field.read(one["on"]) == date(2026, 10, 1)


def test_what_a_sender_calls_the_columns_is_asked_and_then_known() -> None:
    foreign = "Cuándo\tGlosa\tMonto neto\n01/10/2026\tUNO\t10.00\n"
    with pytest.raises(ForeignHeadings) as asks:
        read_as_a_table(foreign)
    assert set(asks.value.foreign) == {"Cuándo", "Glosa", "Monto neto"}
    (row,) = [
        row for _number, row in read_as_a_table(foreign, **{"Cuándo": "on", "Glosa": "text", "Monto neto": "amount"})
    ]
    assert (row["on"], row["amount"], row["text"]) == ("2026-10-01", "10.00", "UNO")


def test_a_statement_says_its_currency_and_a_cell_without_end_is_no_heading() -> None:
    statement = ":20:A\n:25:B\n:28C:1\n:60F:C261001MXN0,\n:61:2610010101C10,NTRF//K1\n:62F:C261001MXN10,\n"
    ((_number, row),) = read_as_a_table(statement)
    assert (row["format"], row["currency"], row["tracking"], row["amount"]) == ("mt940", "MXN", "K1", "10.00")
    assert movements_csv.ask_headings(b'a,"' + b"x" * 200_000 + b'"\n1,2\n', {}) is None
    with pytest.raises(RuleBroken):
        read_as_a_table('a;"' + "x" * 200_000)
    ((number, wrong),) = read_as_a_table("Fecha;Concepto;Abono;Cargo\n99/99/2026;MAL;5.00;\n")
    assert number == 1 and "date_unreadable" in wrong["on"], "every row is wrong, and no heading is foreign"
