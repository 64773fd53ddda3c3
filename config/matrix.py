"""Who may enter where: the declared entry of every URL, as lines that a person reviews (AC-01)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from portal.access import ROLES, Entry


def routes(patterns: Any = None, path: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    """(name, path, view) of every URL, in the order of the resolver."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (space, pattern.namespace) if part)
            yield from routes(pattern.url_patterns, path + str(pattern.pattern), inner)
        elif isinstance(pattern, URLPattern):
            yield (
                ":".join(part for part in (space, pattern.name or "?") if part),
                path + str(pattern.pattern),
                pattern.callback,
            )


def entry_of(view: Any) -> Entry | None:
    """What a view declares; decorators and `@api_view` may have wrapped it."""
    while view is not None:
        entry = getattr(view, "entry", None) or getattr(getattr(view, "cls", None), "entry", None)
        if isinstance(entry, Entry):
            return entry
        view = getattr(view, "__wrapped__", None)
    return None


def who_may(entry: Entry | None) -> str:
    """The words of one entry."""
    if entry is None:
        return "NOT DECLARED"
    who = " | ".join(sorted(entry.permissions)) if entry.kind == "permission" else entry.kind
    return who + (" + fresh" if entry.fresh else "")


def line(name: str, path: str, view: Any) -> str:
    """One reviewed line: name, path, who; of an address of the API who may by each method, and with which scope."""
    calls = getattr(view, "calls", {})
    told = [f"{method} {_caller(call)} [{call.scope}]" for method, call in calls.items()]
    return f"{name}\t/{path}\t{'; '.join(told) or who_may(entry_of(view))}"


def _caller(call: Any) -> str:
    return f"{who_may(call.entry)}{'' if call.people else ' of a system'}"


def lines() -> list[str]:
    """The whole matrix, sorted."""
    return sorted(line(*route) for route in routes() if not route[0].startswith(("admin:", "djdt:")))


def by_app() -> dict[str, list[str]]:
    """The same lines, those of each app together; an address without a namespace is the roof's."""
    told: dict[str, list[str]] = {}
    for text in lines():
        space, named, _ = text.partition("\t")[0].partition(":")
        told.setdefault(space.removesuffix("_api") if named else "config", []).append(text)
    return told


def as_markdown(entries: Iterable[str]) -> list[str]:
    """Who may enter where, of these lines of the matrix, with the roles that hold each permission."""
    rows = ["| URL name | Path | Entry | Roles |", "|---|---|---|---|"]
    for text in entries:
        name, path, who = text.split("\t")
        named = set(re.findall(r"\b[a-z_]+\.[a-z_]+\b", who))
        roles = sorted(role for role, held in ROLES.items() if named & set(held))
        rows.append(f"| `{name}` | `{path}` | {who.replace('|', '/')} | {', '.join(roles)} |")
    return ["## Who may enter", "", *rows] if len(rows) > 2 else []
