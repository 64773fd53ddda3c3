"""What holds of the templates as they are written: titles, and style rules that some page uses."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from portal.design import samples_long
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


# Parts of the frame, and what other parts, tags and forms draw: seen on every page of the catalogue, or on its layouts.
FRAME = frozenset(
    "breadcrumbs comes-back compare decision-bar error-summary export-menu field figure form hard-words home kept mark "
    "messages no-enter own-menu pagination panel queue-filter site-footer site-header standing theme upload-row "
    "work-around work-filter workspaces".split()
)
# Parts that no page uses yet, and whose story names them (UX 3 and 4.3): taken out of here by the page that uses them.
WAITS = {
    "board": "/portabilidad/, states by urgency",
    "deadline": "/portabilidad/, day n of 120",
    "matrix": "/portabilidad/compensacion, 32 × 32",
    "loading": "skeleton of what a page swaps: none does yet",
}


def test_every_part_is_in_the_catalogue_and_used_by_a_page_or_named_by_a_story_I10() -> None:
    parts = {path.stem for path in (TEMPLATES / "components").glob("*.html")} - {"catalogue"}
    texts = {name: (TEMPLATES / name).read_text(encoding="utf-8") for name in NAMES}
    catalogue = texts["components/catalogue.html"]
    assert {one for one in parts if f"components/{one}.html" not in catalogue} - {"confirm"} <= FRAME
    pages = [
        text for name, text in texts.items() if not name.startswith(("components/catalogue", "components/samples"))
    ]
    sources = [path.read_text(encoding="utf-8") for path in ROOT.glob("portal/**/*.py")]
    drawn = "".join([*pages, *sources])
    assert {one for one in parts if f"components/{one}.html" not in drawn} == set(WAITS)
    assert set(WAITS) <= parts and FRAME <= parts


@pytest.mark.django_db
def test_the_catalogue_shows_what_is_long_sixty_letters_two_hundred_rows_twelve_states_I10(client: Client) -> None:
    text = client.get(reverse("design:layout", args=["long"])).content.decode()
    assert text.count("<tr><th") == 200 and "1–200 de 1,276" in text
    assert len(samples_long.LONG_NAME) >= 60 and text.count(samples_long.LONG_NAME) >= 20
    assert len(set(re.findall(r'class="state [^"]*">([^<]+)<', text))) == 12
