"""What is asked of every screen, in light and dark, on a phone and a desk.

Axe finds nothing, nothing sticks out, one first heading, a title that names page and product, a way on, a focus that
shows, errors that are told where they are. Axe reads the whole page at both sizes, once in each theme, without its rule
of contrast: that takes three times as long as all others together, and the formula of WCAG, read here for every word
and every field in all four cases, takes milliseconds. `test_looks.py` shows that each of these is found.

A page of a kind and state that this run has looked at is not looked at again, whoever meets it: `look_when_new`.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Any
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
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
STICKS_OUT = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .slice(0, 5).map(e => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right))"""
# Rules that axe leaves out unless asked; WCAG 2.2 wants the first, plain sense the others.
ASKED = (
    "target-size",
    "label-content-name-mismatch",
    "td-has-header",
    "css-orientation-lock",
    "table-fake-caption",
    "focus-order-semantics",
    "hidden-content",
)
READ = f"name => ({(Path(__file__).parent / 'looks.js').read_text()})[name]()"
_looked_at: list[Path] = []  # the folder where the processes of a run mark what they look at
RUN_AXE = """options => axe.run(document, options).then(found => found.violations.map(
  one => `${one.id} (${one.impact}): ` + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')))"""


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
    faults = list(page.evaluate(READ, "shape"))
    page.evaluate(AXE_SCRIPT)
    faults += _axe_finds(page, "light, desk") + _too_wide(page, "1280") + _pale(page, "light, desk")
    page.emulate_media(color_scheme="dark")
    faults += _pale(page, "dark, desk")
    page.set_viewport_size(PHONE)
    page.evaluate(SETTLED)
    faults += _axe_finds(page, "dark, phone") + _too_wide(page, "320") + _pale(page, "dark, phone")
    page.emulate_media(color_scheme="light")
    faults += _pale(page, "light, phone")
    page.set_viewport_size(DESKTOP)
    page.keyboard.press("Tab")  # only after a key do browsers draw the focus
    return faults + list(page.evaluate(READ, "focus"))


def _too_wide(page: Page, width: str) -> list[str]:
    over = page.evaluate(WIDER)
    return [f"{over} px wider than {width}: {page.evaluate(STICKS_OUT)}"] if over > 0 else []


def _pale(page: Page, how: str) -> list[str]:
    return [f"too pale ({how}): {one}" for one in page.evaluate(READ, "pale")]


def _axe_finds(page: Page, how: str) -> list[str]:
    rules = {rule: {"enabled": True} for rule in ASKED} | {"color-contrast": {"enabled": False}}
    options: dict[str, Any] = {"resultTypes": ["violations"], "elementRef": False, "preload": False, "rules": rules}
    return [f"axe ({how}) {one}" for one in page.evaluate(RUN_AXE, options)]
