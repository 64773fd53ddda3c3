"""A list's rows are written by a plain function: every part that somebody typed is escaped, each kind has a shape."""

from __future__ import annotations

import pytest

from portal.design.tables import Box, rows_html
from portal.listing.cells import Cell

HOSTILE = "<script>alert('x')</script>\"&"


def _second(cell: Cell) -> str:
    """The HTML of a cell that is not its row's header."""
    return rows_html([[Cell("A", "text", "A"), cell]]).removeprefix('<tr><th scope="row" class="k-text">A</th>')


@pytest.mark.parametrize("kind", ["text", "state", "folios"])
@pytest.mark.parametrize("href", ["", HOSTILE])
def test_nothing_of_a_cell_reaches_the_page_unescaped(kind: str, href: str) -> None:
    row = [Cell(HOSTILE, kind, HOSTILE, href, HOSTILE, HOSTILE)] * 2
    assert "<script" not in rows_html([row]) and "alert('" not in rows_html([row])


def test_each_kind_of_cell_has_its_shape() -> None:
    assert rows_html([[Cell("F-1", "link", "Folio", "/f/1")]]) == (
        '<tr><th scope="row" class="k-link"><a href="/f/1">F-1</a></th></tr>'
    )
    assert _second(Cell("Pagada", "state", "Estado", tone="ok")) == (
        '<td class="k-state" data-t="Estado"><span class="state ok">Pagada</span></td></tr>'
    )
    assert _second(Cell("Ver", "link", "", "/x")) == (
        '<td class="k-link" data-t=""><a class="btn secondary small" href="/x">Ver</a></td></tr>'
    )
    assert '<time datetime="2026-11-22">22 nov</time>' in _second(Cell("22 nov", "date", "Día", exact="2026-11-22"))
    assert _second(Cell("FA-1, FA-2", "folios", "Facturas")) == (
        '<td class="k-folios" data-t="Facturas"><span class="folio">FA-1</span>, '
        '<span class="folio">FA-2</span></td></tr>'
    )
    whole = '<span class="folio">FA-2026-000117</span>'
    assert f"<span>Ver {whole}.</span>" in _second(Cell("Ver FA-2026-000117.", "text", "Nota"))
    assert f'<a href="/x">{whole}</a>' in rows_html([[Cell("FA-2026-000117", "link", "Folio", "/x")]])
    assert _second(Cell("", "money", "Monto")) == '<td class="k-money none" data-t="Monto"></td></tr>'
    assert _second(Cell("$1.00", "money", "Monto")) == '<td class="k-money" data-t="Monto"><span>$1.00</span></td></tr>'


def test_a_box_to_choose_a_row_is_escaped_named_by_the_row_and_ticked_by_its_value() -> None:
    boxes = [Box("f", HOSTILE, "1.50"), Box("f", "v", "2.00", ticked=True)]
    written = rows_html([[Cell(HOSTILE, "text", "A")], [Cell("C-1", "link", "A", "/x")]], boxes)
    assert "<script" not in written and "alert('" not in written
    assert written.endswith(
        '<tr><th scope="row" class="k-text"><label class="pick"><input type="checkbox" name="f" value="v" '
        'data-amount="2.00" checked><span class="visually-hidden">Elegir C-1</span></label>'
        '<a href="/x">C-1</a></th></tr>'
    )
