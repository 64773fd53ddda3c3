"""Menu entries per permission, as the apps declare them. The `shell` context processor gives them to every page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portal import clock, modules
from portal.access import Permission as P
from portal.design import undoing
from portal.notices import selectors as notices


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: label, URL name, the permission that shows it, and the filter it opens its list with."""

    label: str
    name: str
    permission: P
    query: str = ""


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Every app's entries (`ENTRIES` of its `menu`), by their place."""
    declared = [row for _, module in modules.named("menu") for row in module.ENTRIES]
    return tuple(Entry(*row[1:]) for row in sorted(declared, key=lambda row: row[0]))


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows: menu, unread notices, demo ribbon, theme. No query for anonymous."""
    user: Any = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    held = user.permissions if signed_in else frozenset()
    shown = [entry for entry in entries() if entry.permission in held]
    menu = [{"label": entry.label, "href": _address(entry.name) + entry.query} for entry in shown]
    return {
        "menu": _mark_current(menu, request.path),
        "unread": notices.unread_count(user) if signed_in else 0,
        "undoable": undoing.bar(user) if P.SEE_DESK in held else [],
        "demo": settings.DEMO,
        "demo_now": clock.now() if settings.DEMO else None,
        "theme": request.COOKIES.get("cauce_theme", ""),
    }


@lru_cache(maxsize=256)
def _address(name: str) -> str:
    """Of a page without an object: asked for on every page, always the same."""
    return reverse(name)


def _mark_current(menu: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """The entry with the longest address that leads here is the current one: /mesa/pagos/ is Pagos, not Mesa."""
    leading = [entry["href"] for entry in menu if path.startswith(entry["href"].partition("?")[0])]
    here = max(leading, key=len, default="")
    return [entry | {"current": entry["href"] == here} for entry in menu]
