"""What of a form may be kept, and how a page's form is filled with it again. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from portal.once.rules import FIELD

LIFE = timedelta(hours=1)
MAX_BYTES = 64 * 1024
MAX_PER_PERSON = 5
# FIELD is kept: what was sent already under its key is not done twice.
# Names of what nobody may find again: passwords, codes, secrets, keys, the form's own protection.
_SECRET = re.compile(
    r"passw|contrase|clave|secret|token|credential|otp|^(code|codigo|current|pin|nip)$"
    r"|(verif|secur|recover|rescue|rescat|acces|auth)\w*_(code|codigo)",
    re.IGNORECASE,
)
_TYPED = frozenset({"", "text", "email", "search", "number", "date", "time", "datetime-local", "month", "tel", "url"})

Fields = dict[str, list[str]]


def worth_keeping(sent: Iterable[tuple[str, list[str]]], *, secret: Iterable[str]) -> Fields:
    """What of a form is kept: no secret, no protection; nothing at all when that is too much or nobody typed a word."""
    hidden = set(secret) | {"csrfmiddlewaretoken"}
    kept = {name: list(values) for name, values in sent if name not in hidden and not _SECRET.search(name)}
    typed = any(value.strip() for name, values in kept.items() for value in values if name not in {FIELD, "next"})
    return kept if typed and len(json.dumps(kept).encode()) <= MAX_BYTES else {}


@dataclass(slots=True)
class _Control:
    """One control of a form: where its start tag and, for a text area, its words stand in the page."""

    tag: str
    attributes: dict[str, str | None]
    start: int
    end: int
    select: str = ""
    inside: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class _Form:
    action: str
    controls: list[_Control] = field(default_factory=list)


class _Page(HTMLParser):
    """The forms of a page that are sent by POST, with the places of their controls."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[_Form] = []
        self._open: _Form | None = None
        self._select, self._area = "", None  # type: str, _Control | None
        self._lines = [0, *(match.end() for match in re.finditer("\n", page))]
        self.feed(page)
        self.close()

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms and what they hold."""
        given = dict(attrs)
        if tag == "form":
            self._open = _Form(given.get("action") or "") if (given.get("method") or "").lower() == "post" else None
            self.forms += [self._open] if self._open else []
        elif self._open is not None and tag in {"input", "textarea", "option"}:
            start = self._at()
            made = _Control(tag, given, start, start + len(self.get_starttag_text() or ""), self._select)
            self._open.controls.append(made)
            self._area = made if tag == "textarea" else self._area
        elif tag == "select":
            self._select = given.get("name") or ""

    def handle_endtag(self, tag: str) -> None:
        """Where a form, a list or a text area ends."""
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area is not None:
            self._area.inside, self._area = (self._area.end, self._at()), None


def fill(page: str, *, address: str, action: str, kept: Mapping[str, list[str]]) -> str | None:
    """The page with the form that goes to `action` filled; None when it has no such form. `address`: the page's own."""
    mine = [form for form in _Page(page).forms if (urlsplit(form.action).path or address) == action]
    if not mine:
        return None
    form = max(mine, key=lambda one: _likeness(one, kept))
    left = {name: list(values) for name, values in kept.items()}
    for control in sorted(form.controls, key=lambda one: one.start, reverse=True):
        left_of = left.get(control.attributes.get("name") or control.select)
        if left_of is not None or control.tag == "input":
            page = _filled(page, control, left)
    return page


def _likeness(form: _Form, kept: Mapping[str, list[str]]) -> int:
    """How well a form fits: its own hidden values count most, then the names it shares."""
    hidden = [one.attributes for one in form.controls if one.attributes.get("type") == "hidden"]
    same = sum(
        (one.get("value") or "") in kept.get(one.get("name") or "", []) for one in hidden if one.get("name") != FIELD
    )
    names = {one.attributes.get("name") or one.select for one in form.controls}
    return 100 * same + len(names & set(kept))


def _filled(page: str, control: _Control, left: Fields) -> str:
    """The page with one control as it was; several of one name take their values from the last to the first."""
    name, given = control.attributes.get("name") or control.select, dict(control.attributes)
    values, kind = left.get(name, []), (given.get("type") or "").lower()
    if control.tag == "textarea":
        value = values.pop() if values else ""
        start, end = control.inside
        return f"{page[:start]}\n{escape(value)}{page[end:]}"
    if control.tag == "option":
        _mark(given, "selected", on=given.get("value") in values)
    elif kind in {"checkbox", "radio"}:
        _mark(given, "checked", on=(given.get("value") or "on") in values)
    elif values and (kind in _TYPED or name == FIELD):
        given["value"] = values.pop()
    else:
        return page
    return page[: control.start] + _tag(control.tag, given) + page[control.end :]


def _mark(given: dict[str, str | None], mark: str, *, on: bool) -> None:
    given.pop(mark, None)
    if on:
        given[mark] = None


def _tag(name: str, given: Mapping[str, str | None]) -> str:
    said = "".join(f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in given.items())
    return f"<{name}{said}>"
