"""Charts say what their tables say: heights in proportion, gaps where there is no number, nothing by colour alone."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from portal.design.charts import COLOURS, HEIGHT, WIDTH, Chart, Series, Shape, chart

PLACES = ["enero", "febrero", "marzo"]
ONE, OTHER = Series("Pagado", [10, 40, 20]), Series("Por pagar", [Decimal("5.50"), None, 30])


def drawn(made: Chart, tag: str, of: str = "") -> list[dict[str, str]]:
    """The attributes of each element of a kind, of one series if said."""
    picture = ElementTree.fromstring(made.svg)
    return [one.attrib for one in picture.iter(tag) if not of or one.get("class") == of]


@pytest.mark.parametrize("shape", list(Shape))
def test_every_shape_is_well_formed_names_itself_and_has_its_numbers_as_a_table(shape: Shape) -> None:
    places = PLACES if shape != Shape.COMPOSITION else ["Todo"]
    series = [Series(one.name, one.values[: len(places)]) for one in (ONE, OTHER)]
    made = chart(
        shape, title="Pagos <de> «Ana» & Co", places=places, series=series, place="Mes", text=lambda n: f"${n}"
    )
    picture = ElementTree.fromstring(made.svg)
    assert picture.get("role") == "img" and "están en la tabla" in picture.get("aria-label", "")
    assert made.headings == ["Mes", "Pagado", "Por pagar"] and made.legend == [("c1", "Pagado"), ("c2", "Por pagar")]
    assert made.rows[0] == [places[0], "$10", "$5.50"]
    assert "style=" not in made.svg and "<script" not in made.svg
    for box in drawn(made, "rect"):
        assert 0 <= float(box["x"]) <= WIDTH and 0 <= float(box["y"]) <= HEIGHT


def test_bars_are_as_high_as_their_numbers_and_stacks_as_their_sums() -> None:
    bars = [float(box["height"]) for box in drawn(chart(Shape.BARS, title="a", places=PLACES, series=[ONE]), "rect")]
    assert [round(bar / bars[0], 2) for bar in bars] == [1, 4, 2]
    stacked = chart(Shape.STACKED, title="a", places=PLACES, series=[ONE, OTHER])
    below, above = drawn(stacked, "rect", "c1"), drawn(stacked, "rect", "c2")
    assert len(above) == 2, "where there is nothing, nothing is drawn"
    assert float(above[0]["y"]) + float(above[0]["height"]) == pytest.approx(float(below[0]["y"]), abs=0.11)
    whole = chart(Shape.COMPOSITION, title="a", places=["todo"], series=[Series("x", [1]), Series("y", [3])])
    assert [float(box["width"]) for box in drawn(whole, "rect")] == [WIDTH / 4, WIDTH * 3 / 4]


def test_a_line_has_a_gap_where_there_is_no_number_and_goes_below_nothing() -> None:
    made = chart(Shape.LINE, title="a", places=list("abcde"), series=[Series("x", [1, 2, None, 4, -3])])
    assert [len(line["points"].split()) for line in drawn(made, "polyline")] == [2, 2]
    assert len(drawn(made, "circle")) == 4 and made.rows[2] == ["c", "—"] and made.legend == []
    assert any(mark.startswith("-") for mark in re.findall(r'end">([^<]+)<', made.svg))


@pytest.mark.parametrize(
    "series",
    [[Series("x", [1])], [Series("x", [1, 2, -1])], [Series(str(n), [1, 1, 1]) for n in range(COLOURS + 1)]],
    ids=["another length", "a negative part", "more than people tell apart"],
)
def test_what_would_mislead_is_not_drawn(series: list[Series]) -> None:
    with pytest.raises(ValueError, match="pagos"):
        chart(Shape.STACKED, title="pagos", places=PLACES, series=series)


def test_nothing_at_all_is_a_frame_and_many_places_are_named_where_there_is_room() -> None:
    empty = chart(Shape.COMPOSITION, title="a", places=[], series=[Series("x", [])])
    assert drawn(empty, "rect") == [] and empty.rows == []
    flat = chart(Shape.LINE, title="a", places=["uno"], series=[Series("x", [0])])
    assert len(drawn(flat, "line")) >= 2
    many = chart(
        Shape.BARS, title="a", places=[f"un nombre largo {n}" for n in range(60)], series=[Series("x", [7] * 60)]
    )
    names = re.findall(r'middle">([^<]+)<', many.svg)
    assert 5 < len(names) < 10 and all(name.endswith("…") for name in names) and len(many.rows) == 60
