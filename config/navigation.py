"""The frame of every page: the workspaces (ux D15) and their menus, as the apps declare them in their `menu`.

An entry is a row of plain data: (place, label, URL name, the permission that shows it, the filter it opens its list
with, its workspaces, the group in which it stands once it is not among the first). `HOMES` of a `menu` names the page
that a workspace begins with. A page stands where the entry stands whose address begins its own; common pages in none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portal import clock, modules
from portal.access import WORKSPACE_LABELS, Workspace, workspaces_of
from portal.access import Permission as P
from portal.design import undoing
from portal.design.theming import theme_of
from portal.notices import selectors as notices


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: label, URL name, the permission that shows it, its list's filter, its workspaces, its group."""

    label: str
    name: str
    permission: P
    query: str = ""
    workspaces: tuple[Workspace, ...] = ()
    group: str = ""


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Every app's entries (`ENTRIES` of its `menu`), by their place."""
    declared = [row for _, module in modules.named("menu") for row in module.ENTRIES]
    return tuple(Entry(*row[1:]) for row in sorted(declared, key=lambda row: row[0]))


@lru_cache(maxsize=1)
def homes() -> dict[Workspace, str]:
    """The URL name of the page that each workspace begins with (`HOMES` of an app's `menu`), where one says so."""
    found: dict[Workspace, str] = {}
    for _, module in modules.named("menu"):
        found |= getattr(module, "HOMES", {})
    return found


def menu_of(place: Workspace, held: frozenset[P]) -> list[Entry]:
    """What a workspace's menu shows to somebody with these permissions."""
    return [entry for entry in entries() if place in entry.workspaces and entry.permission in held]


def workspaces(user: Any) -> list[Workspace]:
    """Where a person works: the workspaces of their roles that show them something."""
    return [place for place in workspaces_of(user.roles) if menu_of(place, user.permissions)]


def standing(path: str) -> tuple[Workspace, ...]:
    """The workspaces in which the page at this address stands; () for a common page."""
    leading = [entry for entry in entries() if path.startswith(_address(entry.name))]
    longest = max((len(_address(entry.name)) for entry in leading), default=0)
    found = {place for entry in leading if len(_address(entry.name)) == longest for place in entry.workspaces}
    return tuple(place for place in Workspace if place in found)


def workspace_at(path: str, own: Sequence[Workspace], *, last: str) -> Workspace | None:
    """The workspace that the page at `path` shows to somebody with `own`: where it stands, else the last one chosen."""
    among = [place for place in own if place in standing(path)] or own
    return next((place for place in among if place == last), among[0] if among else None)


def here(request: HttpRequest) -> Workspace | None:
    """The workspace of the page that is asked for, as its frame shows it."""
    user: Any = request.user
    return workspace_at(request.path, workspaces(user), last=user.last_workspace)


def home_of(place: Workspace) -> str:
    """The URL name of the page that a workspace begins with; who has none of its own begins with everything."""
    return homes().get(place, "start")


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows: workspace, menu, unread notices, demo ribbon, theme. No query for anonymous."""
    user: Any = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return (_place(request, user) if signed_in else {"menu": []}) | {
        "unread": notices.unread_count(user) if signed_in else 0,
        "undoable": undoing.bar(user) if signed_in and P.SEE_DESK in user.permissions else [],
        "demo": settings.DEMO,
        "demo_now": clock.now() if settings.DEMO else None,
        "theme": theme_of(request),
    }


def _place(request: HttpRequest, user: Any) -> dict[str, Any]:
    own, place = workspaces(user), here(request)
    shown = menu_of(place, user.permissions) if place else []
    menu = [{"label": entry.label, "href": _address(entry.name) + entry.query, "group": entry.group} for entry in shown]
    return {
        "menu": _mark_current(menu, request.path),
        "workspace": WORKSPACE_LABELS[place] if place else "",
        "workspaces": [(one.value, WORKSPACE_LABELS[one], one == place) for one in own],
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
