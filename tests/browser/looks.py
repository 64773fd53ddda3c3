"""What is asked of every screen, in light and dark, on a phone and a desk.

Axe finds nothing, nothing sticks out, one first heading, a title that names page and product, a way on, a focus that
shows, errors that are told where they are. Axe reads the whole page on a light desk; on a dark phone what shows there
alone, and of the rest what sizes and colours decide. Its rule of contrast is off: it takes three times as long as all
others together, and the formula of WCAG, read here for every word and every field in all four cases, takes
milliseconds. `test_looks.py` shows that each of these is found.

A page of a kind and state that this run has looked at is not looked at again, whoever meets it: `look_when_new`.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from lxml import html
from playwright.sync_api import Page

PHONE, DESKTOP = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
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
    try:
        (_looked_at[0] / sha256(mark.encode()).hexdigest()).touch(exist_ok=False)
    except FileExistsError:
        return []  # what it found then, it told then
    return look(page)


def look(page: Page) -> list[str]:
    """Faults of the page as it stands; its size and colours are put back."""
    faults = _read(page, "light, desk", "shape", "axe", "wide", "pale")
    page.emulate_media(color_scheme="dark")
    faults += _read(page, "dark, desk", "pale")
    page.set_viewport_size(PHONE)
    faults += _read(page, "dark, phone", "settled", "axe_again", "wide", "pale")
    page.emulate_media(color_scheme="light")
    faults += _read(page, "light, phone", "pale")
    page.set_viewport_size(DESKTOP)
    page.keyboard.press("Tab")  # only after a key do browsers draw the focus
    return faults + _read(page, "light, desk", "focus")


def _read(page: Page, how: str, *names: str) -> list[str]:
    said = {"axe": f"axe ({how}) ", "axe_again": f"axe ({how}) ", "pale": f"too pale ({how}): "}
    return [f"{said.get(name, '')}{one}" for name, told in page.evaluate(READ, names).items() for one in told]
