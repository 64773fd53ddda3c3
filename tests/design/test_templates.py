"""What holds of the templates as they are written: titles, and style rules that some page uses."""

from __future__ import annotations

import re

import pytest

from tests.sources import ROOT

TEMPLATES = ROOT / "templates"
# Their first heading greets or promises; the title says which page it is.
OWN_TITLE = {"billing/home.html", "home/front.html", "home/start.html", "pdf/memberships/card.html"}
NAMES = [str(path.relative_to(TEMPLATES)) for path in sorted(TEMPLATES.rglob("*.html"))]
# Written by the kind of a column, by htmx and by the viewer's zoom: no source names them whole.
MADE = re.compile(r"k-(money|number|date|instant|text|state)|c[1-6]|htmx-request|zoom-[23]|js")


def _block(name: str, text: str) -> str | None:
    found = re.search(rf"{{% block {name} %}}(.*?){{% endblock %}}", text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split()) if found else None


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OWN_TITLE and not name.startswith("layouts/")])
def test_a_page_is_titled_as_its_first_heading_says(name: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    title, heading = _block("title", text), _block("heading", text)
    assert heading is None or title == heading


def test_htmx_comes_with_the_pages_that_swap_a_part_and_with_no_other() -> None:
    """Fifty kilobytes that a page reads before it stands: whoever writes `hx-…` loads it, with its config (UX D3)."""
    texts = {name: (TEMPLATES / name).read_text(encoding="utf-8") for name in NAMES}
    swaps = {name for name, text in texts.items() if re.search(r"\shx-(get|post|put|patch|delete)=", text)}
    loads = {name for name, text in texts.items() if "js/htmx.js" in text and "htmx-config" in text}
    assert swaps == loads
    assert "htmx" not in texts["layouts/base.html"]


def test_every_class_with_a_style_is_used_by_a_page() -> None:
    styles = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "portal/design/css").glob("*.css")))
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", styles, flags=re.DOTALL))
    styled = {name for selector in selectors for name in re.findall(r"\.([a-zA-Z][\w-]*)", selector)}
    places = [*TEMPLATES.rglob("*.html"), *(ROOT / "portal/design/js").glob("*.js"), *ROOT.glob("portal/**/*.py")]
    words = set(re.findall(r"[\w-]+", " ".join(path.read_text(encoding="utf-8") for path in places)))
    assert {name for name in styled if name not in words and not MADE.fullmatch(name)} == set()
    assert len(styled) > 100
