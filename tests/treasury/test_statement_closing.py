"""The closing date by its place: letterheads as banks print them (domain 2.6), as PDFs made here letter by letter."""

from __future__ import annotations

import io
from datetime import date

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from portal.treasury import statement
from portal.treasury.statement_closing import closing_date
from portal.treasury.statement_dates import find_dates, find_spans
from portal.treasury.statement_rows import WIDE, rows_of_glyphs, rows_of_text
from tests.factories.treasury import clabe

OWN = clabe(1234567)
OCTOBER = "2026-10-31"
ON = "2026-11-22"
Placed = tuple[float, float, str]
HEAD: tuple[Placed, ...] = (
    (60, 740, "BBVA México"),
    (60, 724, "JUANA PEREZ NUÑEZ"),
    (60, 708, f"Cuenta CLABE: {OWN}"),
)


def placed(*texts: Placed, rotate: int = 0) -> bytes:
    """A letter page with each text at its place (points from the lower left), drawn in the order given."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=612, height=792)
    drawn = (f"BT /F1 10 Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET" for x, y, text in texts)
    stream = DecodedStreamObject()
    stream.set_data("\n".join(drawn).encode("cp1252"))
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    helvetica = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): helvetica})}
    )
    page[NameObject("/Contents")] = writer._add_object(stream)
    if rotate:
        page.rotate(rotate)
    with io.BytesIO() as out:
        writer.write(out)
        return out.getvalue()


def column(*lines: str, left: float = 60, top: float = 692) -> tuple[Placed, ...]:
    """Lines one below the other, as the letterhead's maker set them."""
    return tuple((left, top - 16 * number, line) for number, line in enumerate(lines))


def row(top: float, *cells: tuple[float, str]) -> tuple[Placed, ...]:
    return tuple((left, top, text) for left, text in cells)


def closes(*texts: Placed, on: str = ON, rotate: int = 0) -> str | None:
    judged = statement.check(placed(*HEAD, *texts, rotate=rotate), {"on": on, "max_age_months": 3})
    return judged.facts["closing_on"]


def says(*lines: str, on: str = ON) -> str | None:
    """The same from lines alone: what a label says does not hang on how its page is drawn."""
    found = closing_date([], "\n".join(("BBVA México", "JUANA PEREZ NUÑEZ", *lines)), on=date.fromisoformat(on))
    return found and found.isoformat()


# --- one line: words of the label, formats of the date ------------------------------------------------------------

LABELS = [
    "Fecha de corte: {}",
    "Fecha corte {}",
    "FECHA DE CORTE   {}",
    "Fecha del corte: {}",
    "Corte al {}",
    "Corte: {}",
    "Al corte del {}",
    "Día de corte {}",
    "Fecha de corte del periodo: {}",
    "Fecha de corte (dd/mm/aaaa): {}",
    "Fecha de cierre {}",
    "Cierre al {}",
    "Estado de cuenta al {}",
    "Fecha del estado de cuenta: {}",
    "Fecha final: {}",
    "Fin del periodo: {}",
    "Saldo al {}",
    "Saldo final al {}",
    "Fecha de corte . . . . . . . . {}",
]
FORMATS = [
    "31/10/2026",
    "31-10-2026",
    "31.10.2026",
    "31/10/26",
    "2026-10-31",
    "2026/10/31",
    "31/OCT/2026",
    "31-oct-26",
    "31 OCT 2026",
    "31OCT2026",
    "31 de octubre de 2026",
    "31 de Octubre del 2026",
    "31 DE OCTUBRE, 2026",
    "sábado 31 de octubre de 2026",
    "octubre 31, 2026",
    "Oct-31-2026",
]
RANGES = [
    "del 01/10/2026 al 31/10/2026",
    "01/10/2026 - 31/10/2026",
    "01/10/2026 – 31/10/2026",
    "01/10/2026 a 31/10/2026",
    "01-oct-26 AL 31-oct-26",
    "01 OCT 2026 / 31 OCT 2026",
    "01OCT2026 AL 31OCT2026",
    "Del 1 al 31 de octubre de 2026",
    "del 1° al 31 de octubre de 2026",
    "01 AL 31 OCT 2026",
    "del 1 de octubre al 31 de octubre de 2026",
    "del 01/10 al 31/10/2026",
    "01/OCT AL 31/OCT/2026",
    "16 de septiembre al 31 de octubre de 2026",
    "desde el 1 de octubre de 2026 hasta el 31 de octubre de 2026",
    "del día 1 de octubre de 2026 al día 31 de octubre de 2026",
    "octubre 1, 2026 - octubre 31, 2026",
    "2026-10-01 al 2026-10-31",
    "Inicio 01/10/2026 Fin 31/10/2026",
]


@pytest.mark.parametrize("label", LABELS)
def test_s0_6_every_word_for_a_cut_is_one(label) -> None:
    assert says(label.format("31/10/2026"), "Saldo final 18,204.11") == OCTOBER


@pytest.mark.parametrize("written", FORMATS)
def test_s0_6_every_format_of_a_day_is_read(written) -> None:
    assert says(f"Fecha de corte: {written}", "Saldo final 18,204.11") == OCTOBER


@pytest.mark.parametrize("written", RANGES)
@pytest.mark.parametrize("label", ["Periodo {}", "PERÍODO: {}", "Periodo de consulta {}", "{}", "Movimientos {}"])
def test_s0_6_every_format_of_a_period_is_read(label, written) -> None:
    assert says(label.format(written), "Saldo final 18,204.11") == OCTOBER


@pytest.mark.parametrize(
    "line",
    [
        "Periodo: octubre 2026",
        "Periodo: OCTUBRE DE 2026",
        "PERIODO OCT-2026",
        "Estado de cuenta de octubre de 2026",
        "Estado de cuenta del mes de octubre 2026",
        "Correspondiente al mes de octubre de 2026",
        "Periodo 01/10/2026   31/10/2026",
    ],
)
def test_a_period_by_its_month_closes_on_the_months_last_day(line) -> None:
    assert says(line, "Saldo final 18,204.11") == OCTOBER


def test_a_range_over_new_year_begins_the_year_before() -> None:
    (span,) = find_spans("del 28 de diciembre al 27 de enero de 2027")
    assert (span.first, span.last, span.days) == (date(2026, 12, 28), date(2027, 1, 27), 31)


@pytest.mark.parametrize("text", ["", "del 40 al 31 de octubre de 2026", "del 31/02 al 30/10/2026", "saldo 1,00"])
def test_a_range_that_cannot_be_is_none(text) -> None:
    assert [span for span in find_spans(text) if span.first] == []


def test_a_count_is_no_date() -> None:
    assert find_dates("05 ABR      1200.00   31/10/1026  31/10/20267") == []


# --- what never closes a statement ---------------------------------------------------------------------------------

NEVER = [
    "Próxima fecha de corte: 30/11/2026",
    "Próximo corte 30/11/2026",
    "Fecha de próximo corte: 30/11/2026",
    "Siguiente fecha de corte 30/11/2026",
    "Fecha de corte siguiente: 30/11/2026",
    "Fecha de corte del siguiente periodo: 30/11/2026",
    "Fecha de tu próximo corte: 30 de noviembre de 2026",
    "Tu próxima fecha de corte será el 30 de noviembre de 2026",
    "Tu siguiente estado de cuenta: 30/11/2026",
    "Próximo periodo: del 01/11/2026 al 30/11/2026",
    "Fecha de corte: 30/11/2026 (siguiente)",
    "Corte anterior: 30/09/2026",
    "Periodo anterior: del 01/09/2026 al 30/09/2026",
    "Fecha límite de pago: 20/11/2026",
    "Fecha de impresión: 21/11/2026",
    "Fecha de emisión 21/11/2026",
    "Fecha de consulta: 22/11/2026",
    "Vigencia al 30/11/2026",
    "Comisiones acumuladas del 01/01/2026 al 31/12/2026",
    "Acumulado del año: del 01/01/2026 al 15/11/2026",
    "Acumulado anual de comisiones cobradas del 01/01/2026 al 31/12/2026",
    "Periodo acumulado: del 01/01/2026 al 15/11/2026",
    "Resumen del ejercicio 2026: del 01/01/2026 al 31/12/2026",
    "Periodo promocional del 01/11/2026 al 15/11/2026",
    "Rendimientos del 01/01/2026 al 31/12/2026",
    "Promoción válida del 1 al 30 de noviembre de 2026",
]
CLOSING = ["Fecha de corte: 31/10/2026", "Periodo del 01/10/2026 al 31/10/2026", "Del 1 al 31 de octubre de 2026"]


@pytest.mark.parametrize("closing", CLOSING)
@pytest.mark.parametrize("never", NEVER)
def test_a_next_cut_and_a_years_sums_do_not_count_before_or_after(closing, never) -> None:
    assert says(closing, never, "Saldo final 18,204.11") == OCTOBER
    assert says(never, closing, "Saldo final 18,204.11") == OCTOBER


@pytest.mark.parametrize("never", [one for one in NEVER if "válida" not in one and "(sig" not in one])
def test_alone_it_is_no_closing_date_and_a_person_looks(never) -> None:
    assert says(never, "Saldo final 18,204.11") is None


def test_two_cuts_of_which_one_lies_ahead_the_one_behind_counts() -> None:
    both = ("Corte: 31/10/2026", "Corte: 30/11/2026")
    assert says(*both) == OCTOBER
    assert says(*both, on="2026-12-05") == "2026-11-30"


def test_a_cut_alone_in_the_future_is_told() -> None:
    assert says("Fecha de corte: 30/11/2026") == "2026-11-30"
    assert says("Corte: 30/12/2026", "Corte: 30/11/2026") == "2026-11-30"


def test_a_cut_that_the_period_contradicts_gives_way_to_the_period() -> None:
    assert says("Periodo del 01/10/2026 al 31/10/2026", "Corte: 30/09/2026") == OCTOBER
    assert says("Periodo del 01/10/2026 al 30/10/2026", "Fecha de corte 31/10/2026") == OCTOBER


def test_a_period_of_half_a_year_is_one_a_year_is_not() -> None:
    assert says("Periodo del 01/05/2026 al 31/10/2026") == OCTOBER
    assert says("Periodo del 01/11/2025 al 31/10/2026") is None


# --- values apart from their labels --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ("Periodo", "Fecha de Corte", "No. de Cuenta", "DEL 01/10/2026 AL 31/10/2026", "31/10/2026", "0123456789"),
        ("Fecha de corte", "Periodo", "31/10/2026", "01/10/2026 - 31/10/2026"),
        ("Fecha de corte", "Fecha límite de pago", "31/10/2026", "20/11/2026"),
        ("Fecha límite de pago", "Fecha de corte", "20/11/2026", "31/10/2026"),
        ("Periodo", "Fecha límite de pago", "Fecha de corte", "1 al 31 de octubre de 2026", "20/11/2026", "31/10/2026"),
        ("Próximo corte", "Fecha corte", "30/11/2026", "31/10/2026"),
        ("Fecha de impresión", "Moneda", "Periodo", "21/11/2026", "01/10/2026 al 31/10/2026"),
        ("No. de cliente", "Fecha de corte", "4455667788", "31/10/2026"),
        ("Fecha de corte:", "31 de octubre de 2026"),
        ("Periodo", "01/10/2026 al", "31/10/2026"),
        ("Periodo", "01/10/2026", "31/10/2026"),
        ("Fecha de", "corte", "31/10/2026"),
    ],
)
def test_f05_labels_first_and_values_after_are_paired_in_order(lines) -> None:
    assert closes(*column(*lines), on="2026-11-22") == OCTOBER


def test_values_below_their_labels_in_a_row_whatever_the_order_they_are_drawn_in() -> None:
    labels = row(692, (60, "Periodo"), (250, "Fecha de corte"), (380, "Próximo corte"))
    values = row(676, (60, "01/10/2026 al 31/10/2026"), (250, "31/10/2026"), (380, "30/11/2026"))
    assert closes(*labels, *values) == OCTOBER
    assert closes(*values, *labels) == OCTOBER
    assert closes(*labels[1:], *values[1:]) == OCTOBER
    assert closes(labels[2], values[1], labels[1], values[2]) == OCTOBER


def test_values_far_right_of_their_labels() -> None:
    labels = column("Fecha límite de pago", "Fecha de corte", "Siguiente fecha de corte")
    values = column("20/11/2026", "31/10/2026", "30/11/2026", left=420)
    assert closes(*labels, *values) == OCTOBER
    assert closes(*values, *labels) == OCTOBER


def test_two_columns_of_which_the_other_one_lists_movements() -> None:
    left = column("Fecha de corte", "31/10/2026")
    right = column("05/10/2026", "12/10/2026", left=300)
    assert closes(*left, *right) == OCTOBER
    assert closes(*right, *left) == OCTOBER


def test_a_table_of_movements_below_a_heading_is_not_its_value() -> None:
    movements = (
        *row(676, (60, "Fecha"), (160, "Concepto"), (400, "Saldo al corte")),
        *row(660, (60, "05/11/2026"), (160, "SPEI RECIBIDO"), (400, "18,204.11")),
        *row(644, (60, "12/11/2026"), (160, "PAGO"), (400, "17,204.11")),
    )
    assert closes((60, 692, "Movimientos del periodo"), *movements) is None
    assert closes((60, 692, "Periodo: del 1 al 31 de octubre de 2026"), *movements) == OCTOBER


def test_a_table_of_the_year_with_its_own_periods_gives_way() -> None:
    table = (
        *row(640, (60, "Acumulado del año")),
        *row(624, (60, "Concepto"), (200, "Periodo"), (400, "Monto")),
        *row(608, (60, "Comisiones"), (200, "01/01/2026 al 31/12/2026"), (400, "120.00")),
    )
    assert closes(*table, *column("Periodo", "01/10/2026 al 31/10/2026")) == OCTOBER
    assert closes(*table) is None


def test_letters_drawn_twice_and_one_by_one_are_read_as_one_line() -> None:
    bold = [(60 + shift, 692, "Fecha de corte: 31/10/2026") for shift in (0, 0.3)]
    assert closes(*bold) == OCTOBER


def test_a_page_whose_letters_stand_on_their_side_is_read_from_its_text() -> None:
    rows = rows_of_glyphs([(letter, 60, 700 - 12 * n, 66, 710 - 12 * n) for n, letter in enumerate("Corte 31/10/2026")])
    assert closing_date([rows], "Corte 31/10/2026") == date(2026, 10, 31)
    assert closes(*column("Fecha de corte: 31/10/2026"), rotate=90) == OCTOBER


def test_rows_know_cells_and_words_by_their_gaps() -> None:
    glyphs = [("a", 0, 0, 5, 10), ("b", 5, 0, 10, 10), ("C", 13, 0, 18, 10), ("Ñ", 60, 1, 65, 11), (" ", 20, 0, 23, 10)]
    (line,) = rows_of_glyphs(reversed(glyphs))
    assert line.text == f"ab c{WIDE}n"
    assert [line.text[start:end] for start, end in line.cells()] == ["ab c", "n"]
    assert (line.lefts[-1], line.rights[-1], line.height) == (60, 65, 11)


def test_a_text_without_places_has_its_lines_and_columns() -> None:
    first, second = rows_of_text("Fecha de corte\tPeriodo\n\n31/10/2026")
    assert [first.text[start:end] for start, end in first.cells()] == ["fecha de corte", "periodo"]
    assert first.bottom > second.top


def test_a_letterhead_of_a_long_paper_is_read_by_place_and_the_rest_as_text() -> None:
    from config.demo.samples.statements import text_pdf

    content = text_pdf(
        ["BBVA México", "Periodo", "Fecha de corte", "01/10/2026 al 31/10/2026", "31/10/2026"] + ["x " * 60] * 900
    )
    assert statement.check(content, {"on": ON, "max_age_months": 3}).facts["closing_on"] == OCTOBER
