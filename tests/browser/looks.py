"""What is asked of every screen: no error, no CSP report, axe finds nothing, nothing sticks out, light and dark."""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE, DESKTOP = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]{2}-\d{4}-\d+|(?<=/)\d+(?=/)|(?<=confirmar/)[^/]+|(?<=verificar/)[^/]+"
)
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
STICKS_OUT = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .slice(0, 5).map(e => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right))"""
_axe = Axe()


def pattern(url: str) -> str:
    """A page's address without what changes from row to row."""
    return ID.sub("…", re.split(r"[?#]", url, maxsplit=1)[0])


def look(page: Page) -> list[str]:
    """Faults of the page as it stands; its size and colours are put back. Axe twice: all in light, colours in dark."""
    faults = _found_by_axe(page, {"resultTypes": ["violations"]}, "light")
    faults += _too_wide(page, "1280")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLED)
    faults += _too_wide(page, "320")
    colours = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "target-size"]}
    faults += _found_by_axe(page, colours, "dark, phone")
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    return faults


def _too_wide(page: Page, width: str) -> list[str]:
    over = page.evaluate(WIDER)
    return [f"{over} px wider than {width}: {page.evaluate(STICKS_OUT)}"] if over > 0 else []


def _found_by_axe(page: Page, options: dict[str, Any], how: str) -> list[str]:
    found = _axe.run(page, options=options).response["violations"]
    return [
        f"axe ({how}) {one['id']}, {one['impact']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in {"moderate", "serious", "critical"}
    ]
