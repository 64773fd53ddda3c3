"""What is asked of every screen: as it stands on a desk or a phone, in the light or in the dark.

Axe finds nothing, nothing sticks out, one first heading, a title that names page and product, a way on, a focus that
shows, errors that are told where they are. Axe's rule of contrast is off: it takes three times as long as all others
together, and the formula of WCAG, read here for every word and every field, takes milliseconds. `test_looks.py` shows
that each of these is found.

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
CHANGES = re.compile(r"\d+")
# Half a megabyte: sent once for each person instead of once for each page, and run where it is asked for.
BRING_AXE = f"window.bringAxe = () => {{ {AXE_SCRIPT}\n}};"
READ = f"""async names => {{ const all = {(Path(__file__).parent / "looks.js").read_text()}, told = {{}};
  for (const name of names) {{ told[name] = await all[name](); }} return told; }}"""
_looked_at: list[Path] = []  # the folder where the processes of a run mark what they look at


def pattern(url: str) -> str:
    """A page's address without what changes from row to row."""
    return ID.sub("…", re.split(r"[?#]", url, maxsplit=1)[0])


def kind_of(path: str) -> str:
    """An address without the number or the word that names one row."""
    return NAMED.sub("…", ID.sub("…", path))


def fingerprint(path: str, tree: html.HtmlElement) -> str:
    """The kind of page and the state it is in: its parts and headings without what differs from row to row."""
    parts = {(one.get("class") or "-").split()[0] for one in tree.xpath("//main//*[@class]")}
    headings = {CHANGES.sub("…", " ".join(one.text_content().split())) for one in tree.xpath("//main//h2")}
    return f"{kind_of(pattern(path))} {sorted(parts)} {sorted(headings)}"


def remember_in(folder: Path) -> None:
    """Where the processes of this run tell each other which pages were looked at."""
    folder.mkdir(exist_ok=True)
    _looked_at[:] = [folder]


def look_when_new(page: Page) -> list[str]:
    """Faults of a page of a kind and state that nobody in this run has looked at yet."""
    mark = fingerprint(urlsplit(page.url).path, html.fromstring(page.content()))
    name = sha256(mark.encode()).hexdigest()
    try:
        (_looked_at[0] / name).touch(exist_ok=False)
    except FileExistsError:
        return []  # what it found then, it told then
    return look(page, dealt(name))


def dealt(name: str) -> tuple[Way, ...]:
    """The way in which a page of that name is looked at: one of the four, always the same; or all there are."""
    number = int(sha256(name.encode()).hexdigest()[:8], 16)
    return GRID if os.environ.get("CAUCE_TEST_LOOKS") == "all" else (WAYS[number % len(WAYS)],)


def look(page: Page, ways: Iterable[Way]) -> list[str]:
    """Faults of the page as it stands; its size and colours are put back."""
    faults = []
    for way in ways:
        page.set_viewport_size(way.size)
        page.emulate_media(**(AS_EVER | way.media))
        asked = ("wide",) if way.name in {"print", "forced colours"} else ("shape", "axe", "wide", "pale")
        faults += _read(page, way.name, "settled", *asked)
    page.set_viewport_size(DESKTOP)
    page.emulate_media(**AS_EVER)
    page.keyboard.press("Tab")  # only after a key do browsers draw the focus
    return faults + _read(page, "light, desk", "settled", "focus")


def _read(page: Page, how: str, *names: str) -> list[str]:
    said = {"axe": f"axe ({how}) ", "pale": f"too pale ({how}): "}
    return [f"{said.get(name, '')}{one}" for name, told in page.evaluate(READ, names).items() for one in told]
