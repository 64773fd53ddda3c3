"""Who may enter where: the declared entry of every URL, as lines that a person reviews (AC-01)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from portal.access import ROLES, Entry

# Views of libraries that carry no entry of ours: name -> why.
FOREIGN: dict[str, str] = {}


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


def scope_of(view: Any) -> str:
    """The scope that an API view asks of a token, if it is one."""
    for holder in (view, getattr(view, "cls", None)):
        scope = getattr(holder, "required_scope", "")
        if scope:
            return str(scope)
    return ""


def line(name: str, path: str, view: Any) -> str:
    """One reviewed line: name, path, who."""
    entry, scope = entry_of(view), scope_of(view)
    if scope:
        who = f"token {scope}"
    elif entry is None:
        who = "NOT DECLARED"
    elif entry.kind == "permission":
        who = " | ".join(sorted(entry.permissions)) + (" + fresh" if entry.fresh else "")
    else:
        who = entry.kind
    return f"{name}\t/{path}\t{who}"


def lines() -> list[str]:
    """The whole matrix, sorted."""
    return sorted(line(*route) for route in routes() if not route[0].startswith(("admin:", "djdt:")))


def as_markdown() -> str:
    """`docs/access.md`: the same matrix with the roles that hold each permission."""
    rows = ["# Who may enter where", "", "| URL name | Path | Entry | Roles |", "|---|---|---|---|"]
    for text in lines():
        name, path, who = text.split("\t")
        roles = sorted(
            role for role, held in ROLES.items() if any(p in who.replace(" + fresh", "").split(" | ") for p in held)
        )
        rows.append(f"| `{name}` | `{path}` | {who.replace('|', '/')} | {', '.join(roles)} |")
    return "\n".join(rows) + "\n"
