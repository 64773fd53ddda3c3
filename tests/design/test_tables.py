"""A list's rows are written by a plain function: every part that somebody typed is escaped, each kind has a shape."""

from __future__ import annotations

from datetime import date

import pytest

from portal.design.tables import Card, cards_html, rows_html
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
    assert _second(Cell("", "money", "Monto")) == '<td class="k-money none" data-t="Monto"></td></tr>'
    assert _second(Cell("$1.00", "money", "Monto")) == '<td class="k-money" data-t="Monto"><span>$1.00</span></td></tr>'


def test_a_card_to_choose_is_escaped_and_ticked_by_its_number() -> None:
    hostile = Card(HOSTILE, HOSTILE, HOSTILE, HOSTILE, date(2026, 11, 22), HOSTILE)
    written = cards_html(
        [hostile, Card("v", "C-1", "Ana", "El ", date(2026, 11, 22), ".", ticked=True)], field="f", box="b"
    )
    assert "<script" not in written and "alert('" not in written
    assert written.endswith(
        '<label class="choice-card" for="b_2"><input type="checkbox" id="b_2" name="f" value="v" checked> '
        '<span><strong><span class="folio">C-1</span> · Ana</strong> <span class="hint">El '
        '<time class="nowrap" datetime="2026-11-22">22 nov 2026</time>.</span></span></label>'
    )
