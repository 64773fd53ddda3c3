"""A count in a sentence has its thousands mark, as in every list."""

from __future__ import annotations

import re

from django.template import engines

from portal.design.tables import kpi_html
from portal.rulebook.replay import Replay
from portal.treasury.labels import batch_name
from tests.sources import named, none, templates


def test_a_figure_a_name_and_a_sentence_write_thousands() -> None:
    assert "<b>6,000</b>" in kpi_html(6000, "órdenes", "", "") and "<b>$1.00</b>" in kpi_html("$1.00", "", "", "")
    assert batch_name("30 nov 2026", 6000) == "Lote del 30 nov 2026, 6,000 transferencias"
    assert Replay(6000, ()).in_words == "De los últimos 6,000 trámites, 0 cambiarían."
    assert engines["django"].from_string("{{ rows|length|thousands }}").render({"rows": range(6000)}) == "6,000"


def test_no_template_counts_rows_without_the_mark() -> None:
    """What stands for few by its nature (files of a bundle, pages of a paper, cards of a column) is named here."""
    few = {"billing/bundle.html", "billing/bundle_review.html", "components/board.html", "components/viewer.html"}
    few |= {"emails/digest.txt"}
    bare = re.compile(r"\{\{ [\w.]+\|length \}\}|\{\{ [\w.]*(?:_count|\.count) \}\}")
    pages = [path for path in templates() if named(path).removeprefix("templates/") not in few]
    none([f"{named(path)}: {one}" for path in pages for one in bare.findall(path.read_text())])
