"""A page as somebody hears it: Chromium's accessibility tree, which screen readers read aloud, and the way by Tab.

Axe judges markup; here stands what comes out of it. Whatever takes the focus has a name and says what it is; banner,
main part and foot stand once; what a reader jumps to (navigation, regions, dialogs, tables, progress, pictures) is
named; what changes by itself is told, politely unless something failed; Tab goes forwards through the page.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from playwright.sync_api import Page

# The first story's main pages, where it is read: a page more costs a tenth of a second.
MAIN_PAGES = {
    "/",
    "/entrar/",
    "/medico/",
    "/medico/ordenes/",
    "/medico/facturas/nueva/",
    "/medico/facturas/borradores/…/",
    "/medico/facturas/…/",
    "/medico/facturas/…/listo/",
    "/medico/pagos/…/",
    "/medico/pagos/…/complemento/",
    "/cuenta/bancaria/",
    "/avisos/",
    "/mesa/",
    "/mesa/facturas/",
    "/mesa/facturas/…/",
    "/mesa/cuentas/…/",
    "/mesa/pagos/nuevo/",
    "/mesa/pagos/…/",
    "/mesa/auditoria/",
}
BY_TAB = {"/medico/", "/medico/facturas/nueva/", "/mesa/", "/mesa/facturas/…/", "/mesa/pagos/…/"}
ONCE = ("banner", "main", "contentinfo")
NAMED = {"navigation", "region", "dialog", "table", "progressbar", "img", "image", "listbox", "searchbox"}
GIVEN_THE_FOCUS = {"RootWebArea", "main", "alert"}  # by the portal, never by Tab; an alert reads its own words
NO_ROLE = {"generic", "none", "Section", "presentation"}
PLACES = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .indexOf(document.activeElement)"""
TABS = 40


def heard(page: Page) -> list[str]:
    """What a reader of this page would miss."""
    faults, places = list[str](), Counter[str]()
    for node in _tree(page):
        role, name = _of(node, "role"), _of(node, "name").strip()
        told = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
        places[role] += 1
        if role in NAMED and not name:
            faults.append(f"heard: a {role} without a name")
        if told.get("focusable") and role not in GIVEN_THE_FOCUS:
            if not name:
                faults.append(f"heard: a {role} that takes the focus without a name")
            if role in NO_ROLE:
                faults.append(f"heard: «{name}» takes the focus and says not what it is")
        if told.get("live") == "assertive" and role != "alert":
            faults.append(f"heard: «{name}» interrupts and is no alert")
    faults += [f"heard: {places[role]} {role}" for role in ONCE if places[role] != 1]
    return faults


def tabbed(page: Page) -> list[str]:
    """Where Tab turns back before the end: the focus goes through a page in the order in which it is read."""
    page.evaluate("() => document.activeElement?.blur()")
    at = -1
    for _step in range(TABS):
        page.keyboard.press("Tab")
        now = page.evaluate(PLACES)
        if now < 0:  # past the last one: the browser's own; at first, when the last one was where the focus had been
            if at >= 0:
                return []
            continue
        if now < at:  # a day takes the focus three times
            return [f"heard: Tab goes back from {at} to {now}"]
        at = now
    return [] if at >= 0 else ["heard: Tab reaches nothing"]


def _tree(page: Page) -> list[dict[str, Any]]:
    session = page.context.new_cdp_session(page)  # ends with its page: detached, it takes a virtual authenticator along
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    return [one for one in nodes if not one.get("ignored")]


def _of(node: dict[str, Any], what: str) -> str:
    return str(node.get(what, {}).get("value", ""))
