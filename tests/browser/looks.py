"""What is asked of every screen: as it stands on a desk or a phone, in the light or in the dark.

Axe finds nothing, nothing sticks out, no folio is broken, one first heading, a title that names page and product, a way
on, a focus that shows, errors that are told where they are. Axe's rule of contrast is off: it takes three times as long
as all others together, and the formula of WCAG, read here for every word and every field, takes milliseconds. Its rule
of sizes takes as long as all others that are left: it is asked where a target is small and not by itself, or two lie
over each other. Of rows whose markup is the same but for words and numbers axe reads two. The first story's main
pages are also read as somebody hears them (`heard.py`). `test_looks.py` shows that each of these is found.

A page of a kind and state is looked at once a run, whoever meets it (`look_when_new`), in one of four ways, dealt by
its name. The whole grid is another command (docs/operations.md): `CAUCE_TEST_LOOKS=all`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from lxml import html
from playwright.sync_api import Page

from tests.browser.heard import BY_TAB, MAIN_PAGES, heard, tabbed

PHONE, DESKTOP = {"width": 320, "height": 640}, {"width": 1280, "height": 900}


class Way(NamedTuple):
    """How a page is looked at: what it is called, the size of the window, what the browser says of its user."""

    name: str
    size: Any
    media: dict[str, Any]


WAYS = tuple(
    Way(f"{theme}, {place}", size, {"color_scheme": theme})
    for place, size in (("desk", DESKTOP), ("phone", PHONE))
    for theme in ("light", "dark")
)
# A desk at 200 % is half as wide. Colours that the system forces, and paper, are looked at for what sticks out.
GRID = (
    *WAYS,
    Way("light, 390", {"width": 390, "height": 844}, {"color_scheme": "light"}),
    Way("dark, 390", {"width": 390, "height": 844}, {"color_scheme": "dark"}),
    Way("light, 200 %", {"width": 640, "height": 450}, {"color_scheme": "light"}),
    Way("forced colours", DESKTOP, {"color_scheme": "light", "forced_colors": "active"}),
    Way("print", {"width": 794, "height": 1123}, {"color_scheme": "light", "media": "print"}),
)
AS_EVER = {"color_scheme": "light", "forced_colors": "none", "media": "screen"}
ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]{2}-\d{4}-\d+|(?<=/)\d+(?=/)|(?<=confirmar/)[^/]+|(?<=verificar/)[^/]+"
)
# Rows that are named by a word instead of a number.
NAMED = re.compile(r"(?<=/reglas/)[^/]+|(?<=/calendarios/)[^/]+|(?<=/inhabiles/)[^/]+")
# Of a heading: what a notice is about, sums and days.
CHANGES = re.compile(
    r":.*|[\d$.,]+|\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b"
)
# Half a megabyte: sent once for each person instead of once for each page, and run where it is asked for.
BRING_AXE = f"window.bringAxe = () => {{ {AXE_SCRIPT}\n}};"
# A page that waits for work of ours comes back by itself: never while it is read, and not at all for who only looks.
STAY = """{ const every = window.setInterval;
window.setInterval = (act, ...when) => every(() => window.beingRead || act(), ...when); }"""
STAND_STILL = "window.setInterval = () => 0;"
READ = f"""async names => {{ const all = {(Path(__file__).parent / "looks.js").read_text()}, told = {{}};
  window.beingRead = true;
  try {{ for (const name of names) {{ told[name] = await all[name](); }} }} finally {{ window.beingRead = false; }}
  return told; }}"""
PARTS = """() => { const main = document.querySelector('main'), all = (q, f) => [...main.querySelectorAll(q)].map(f);
  return main && [all('[class]', e => e.getAttribute('class')), all('h2', e => e.textContent)]; }"""
_looked_at: list[Path] = []  # the folder where the processes of a run mark what they look at


def pattern(url: str) -> str:
    """A page's address without what changes from row to row."""
    return ID.sub("…", re.split(r"[?#]", url, maxsplit=1)[0])


def kind_of(path: str) -> str:
    """An address without the number or the word that names one row."""
    return NAMED.sub("…", ID.sub("…", path))


def fingerprint(path: str, tree: html.HtmlElement) -> str:
    """The kind of page and the state it is in: its parts and headings without what differs from row to row."""
    classes = [one.get("class") for one in tree.xpath("//main//*[@class]")]
    return _mark(path, classes, [one.text_content() for one in tree.xpath("//main//h2")])


def _mark(path: str, classes: Iterable[str], headings: Iterable[str]) -> str:
    parts = {(one or "-").split()[0] for one in classes}
    said = {CHANGES.sub("…", " ".join(one.split())) for one in headings}
    return f"{kind_of(pattern(path))} {sorted(parts)} {sorted(said)}"


def remember_in(folder: Path) -> None:
    """Where the processes of this run tell each other which pages were looked at."""
    folder.mkdir(exist_ok=True)
    _looked_at[:] = [folder]


def look_when_new(page: Page) -> list[str]:
    """Faults of a page of a kind and state that nobody in this run has looked at yet; an answer without `main` is none.

    A page is marked as the walk marks it (`fingerprint`), without its text being fetched and read again.
    """
    told = page.evaluate(PARTS)
    mark = _mark(urlsplit(page.url).path, *told) if told else ""
    return look(page, dealt(mark)) if mark and is_mine(mark) else []


def is_mine(mark: str) -> bool:
    """Whether a kind and state is now looked at by who asks: what another found, it told then."""
    try:
        _marked(mark).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def was_looked_at(mark: str) -> bool:
    """Whether somebody in this run took it."""
    return _marked(mark).exists()


def _marked(mark: str) -> Path:
    return _looked_at[0] / sha256(mark.encode()).hexdigest()


def dealt(name: str) -> tuple[Way, ...]:
    """The way in which a page of that name is looked at: one of the four, always the same; or all there are."""
    number = int(sha256(name.encode()).hexdigest()[:8], 16)
    return GRID if os.environ.get("CAUCE_TEST_LOOKS") == "all" else (WAYS[number % len(WAYS)],)


def look(page: Page, ways: Iterable[Way]) -> list[str]:
    """Faults of the page as it stands; its size and colours are put back."""
    faults, size = [], page.viewport_size
    for way in ways:
        stand(page, way)
        faults += read(page, way, "settled")
    stand(page, WAYS[0]._replace(size=size))
    return faults


def stand(page: Page, way: Way) -> None:
    """Give the window that size and those colours. Before a page is opened it costs nothing: it is drawn once."""
    if page.viewport_size != way.size:
        page.set_viewport_size(way.size)
    page.emulate_media(**(AS_EVER | way.media))


def read(page: Page, way: Way, *first: str) -> list[str]:
    """Faults of the page as it stands in the way that it was given, asked at once."""
    whole = ("shape", "axe", "wide", "folios", "pale", "focus")
    asked = ("wide",) if way.name in {"print", "forced colours"} else whole
    said = {"axe": f"axe ({way.name}) ", "pale": f"too pale ({way.name}): "}
    told = page.evaluate(READ, [*first, *asked])
    found = [f"{said.get(name, '')}{one}" for name, faults in told.items() for one in faults]
    kind = kind_of(pattern(urlsplit(page.url).path)) if "shape" in asked else ""
    if kind in MAIN_PAGES:
        found += heard(page)
    if kind in BY_TAB:
        found += tabbed(page)
    return found
