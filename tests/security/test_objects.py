"""Object by object: what is not yours answers exactly as what does not exist (AC-02, AC-08).

Generated from the resolver: every URL that names an object, every actor who comes past its door, GET and POST. Who has
not the permission is turned away by the decorator that stands before the view, and cannot be told anything of what the
address names: `tests/access/test_matrix.py` asks that of every address and role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from difflib import unified_diff
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest

from config import matrix
from config.demo.people import BY_SLUG
from portal.access import ROLES, Permission
from portal.resume import keeping
from portal.resume import rules as resume
from tests.pages import undrawn
from tests.security import typed
from tests.security.conftest import ACTORS, World, undone
from tests.security.things import OPEN, Thing, everything

pytestmark = pytest.mark.django_db
CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")
NOWHERE = {"uuid": "0198c0de-0000-7000-8000-000000000000", "int": "987654", "slug": "x9-nadie", "str": "x9-nadie"}
VOLATILE = [
    (re.compile(r'(name="(?:csrfmiddlewaretoken|once_key|idempotency_key)" value=")[^"]*'), r"\1"),
    (re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b"), "REFERENCE"),
    (re.compile(r"\b\d\d:\d\d\b"), "TIME"),
]


# (address, method) of which no other actor can hear anything else. One whose 405 came for what exists and for what
# does not looks for nothing before it says so; what exists nowhere is among nobody's rows, so that one actor asks for
# it, and after that only those who must not tell it from what is not theirs.
_not_taken: set[tuple[str, str]] = set()
_nothing_there: set[tuple[str, str]] = set()
# For somebody of these permissions who is let in: for the next one of them it is asked, and not drawn again.
_drawn: set[tuple[str, frozenset[Permission]]] = set()


@dataclass(frozen=True)
class Address:
    """A URL that names an object."""

    name: str
    path: str
    entry: Any

    def to(self, args: tuple[Any, ...]) -> str:
        """The path of these arguments."""
        values = iter(args)
        return "/" + CONVERTER.sub(lambda found: str(next(values)), self.path)

    def nowhere(self, args: tuple[Any, ...]) -> str:
        """The same path, whose last argument names nothing."""
        last = CONVERTER.findall(self.path)[-1][0] or "str"
        return self.to((*args[:-1], NOWHERE[last]))


@cache
def addresses() -> list[Address]:
    """Every URL with a parameter that is not Django's own admin."""
    return [
        Address(name, path, matrix.entry_of(view))
        for name, path, view in matrix.routes()
        if "<" in path and not name.startswith("admin:")
    ]


def said(answer: Any, *paths: str) -> tuple[int, str, frozenset[str]]:
    """Status, body without what is new in each answer, and which headers."""
    text = answer.whole.decode(errors="replace")
    for path in paths:
        text = text.replace(path, "PATH")
    for pattern, instead in VOLATILE:
        text = pattern.sub(instead, text)
    return answer.status_code, text, frozenset(answer.headers) - {"X-Request-Id", "Content-Length"}


def is_let_in(thing: Thing, actor: str, method: str) -> bool:
    allowed = thing.posted_by if method == "post" and thing.posted_by is not None else thing.seen_by
    return allowed is None or actor in allowed


def comes_past_the_door(actor: str, address: Address) -> bool:
    """Whether this actor's role has a permission that the address asks for."""
    asked = address.entry.permissions
    return not asked or bool(asked & ROLES[BY_SLUG[ACTORS[actor]].role])


@pytest.fixture(scope="module")
def things(world: World, django_db_blocker: Any) -> Iterator[dict[str, Thing]]:
    """The objects to try, made once for all actors: no request of this module leaves a trace."""
    with django_db_blocker.unblock():
        yield everything(world)


def verdict(world: World, address: Address, thing: Thing, actor: str, method: str) -> str:
    """What is wrong with this cell; empty when it is right.

    What is not theirs, and for its own people what does not exist, is a 404, so that the two are equal by a real 404.
    """
    if (address.name, method) in _not_taken:
        return ""
    client, real, none = world.clients[actor], address.to(thing.args), address.nowhere(thing.args)
    let_in = is_let_in(thing, actor, method)
    drawn = (address.name, ROLES[BY_SLUG[ACTORS[actor]].role])
    with undrawn() if let_in and method == "get" and drawn in _drawn else nullcontext():
        answer = undone(client, method, real)
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if let_in and method == "get":
        _drawn.add(drawn)
    if thing.seen_by is None:
        return "" if answer.status_code not in {403, 404} else f"let in, got {answer.status_code}"
    if let_in and answer.status_code != 405 and (address.name, method) in _nothing_there:
        return "" if answer.status_code not in {403, 404} else f"let in, got {answer.status_code}"
    nothing = undone(client, method, none)
    if nothing.status_code not in {404, 405}:
        return f"what does not exist got {nothing.status_code}"
    if answer.status_code == 405:  # said before anything is looked for, whoever asks
        if nothing.status_code != 405:
            return "405 only where it exists"
        _not_taken.add((address.name, method))
        return ""
    _nothing_there.add((address.name, method))
    if let_in:
        return "" if answer.status_code not in {403, 404} else f"let in, got {answer.status_code}"
    if answer.status_code != 404:
        return f"not theirs, got {answer.status_code}"
    if said(answer, real, none) != said(nothing, real, none):
        # Asked once more: what only the first of two equal questions says (a second that turned) tells nothing.
        answer, nothing = undone(client, method, real), undone(client, method, none)
    if said(answer, real, none) != said(nothing, real, none):
        return f"not theirs, and told apart from what does not exist: {apart(answer, nothing, real, none)}"
    return ""


def apart(answer: Any, nothing: Any, *paths: str) -> list[str]:
    """What one says and the other does not: headers and lines."""
    (_one, here, ours), (_other, there, theirs) = said(answer, *paths), said(nothing, *paths)
    lines = [line for line in unified_diff(here.splitlines(), there.splitlines(), lineterm="", n=0) if line[0] in "-+"]
    return [*sorted(ours ^ theirs), *(line[:300] for line in lines)]


def test_every_url_that_names_an_object_says_whose_it_is_AC_02(things: dict[str, Thing]) -> None:
    names = {address.name for address in addresses()}
    known = set(things) | set(OPEN)
    assert names - known == set()
    assert known - names == set()
    assert {name for name in OPEN if name in names} == {
        address.name for address in addresses() if address.entry.kind == "public"
    }


def cells() -> dict[tuple[str, str], list[Address]]:
    """(room, actor) -> the addresses of that room that name an object and that this actor comes near."""
    found: dict[tuple[str, str], list[Address]] = {}
    for address in addresses():
        for actor in ACTORS:
            if address.name not in OPEN and ACTORS[actor] and comes_past_the_door(actor, address):
                found.setdefault((address.name.partition(":")[0], actor), []).append(address)
    return found


def test_every_address_is_tried_by_somebody_AC_02() -> None:
    tried = {address.name for there in cells().values() for address in there}
    assert tried == {address.name for address in addresses()} - set(OPEN)
    assert sum(len(there) for there in cells().values()) > 150


@pytest.mark.parametrize(("room", "actor"), cells(), ids=lambda one: one)
def test_nothing_that_is_not_yours_can_be_told_from_nothing_AC_02(
    world: World, things: dict[str, Thing], room: str, actor: str
) -> None:
    user = world.users[actor]
    assert user is not None and user.permissions == ROLES[BY_SLUG[ACTORS[actor]].role], (
        "the doors are those of the role"
    )
    wrong = [
        f"{method.upper()} {address.name}: {trouble}"
        for address in cells()[room, actor]
        for method in ("get", "post")
        if (trouble := verdict(world, address, things[address.name], actor, method))
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_typed_is_lost_in_any_form_when_the_session_ends(world: World, things: dict[str, Thing]) -> None:
    """Each form of each page: what of it is kept fills it as it was. That each address keeps is tests/resume's."""
    seen, wrong = set(), []
    for name, page, path in pages_with_forms(world, things):
        for at, form in enumerate(typed.forms(page)):
            action = urlsplit(form.get("action") or path).path
            names = {one.get("name") for one in typed.controls(form)}
            shape = (name, re.sub(r"[0-9a-f-]{20,}", "", action), *sorted(names))
            if len(shape) == 2 or shape in seen:
                continue
            seen.add(shape)
            sent = typed.typed_into(form)
            kept = resume.worth_keeping(sent.items(), secret=keeping.secret_names())
            filled = resume.fill(page.decode(), address=path, action=action, kept=kept)
            held = typed.held_by(typed.forms((filled or "").encode())[at]) if filled else {}
            wrong += [(name, action, field) for field in shape[2:] if field in kept and held.get(field) != sent[field]]
            wrong += [(name, action, field) for field in shape[2:] if field not in kept and field not in NOT_KEPT]
    assert wrong == []
    assert len(seen) > 40, len(seen)


NOT_KEPT = {"code"}  # what proves who somebody is


def pages_with_forms(world: World, things: dict[str, Thing]) -> Iterator[tuple[str, bytes, str]]:
    """(name, page, address) of every page of the house that some actor may open, as one who may sees it."""
    for name, pattern, view in matrix.routes():
        entry = matrix.entry_of(view)
        if entry is None or entry.kind == "public" or pattern.startswith(("api/", "admin/")) or name in OPEN:
            continue
        thing = things.get(name)
        if "<" in pattern and thing is None:
            continue
        address = Address(name, pattern, entry)
        path = address.to(thing.args) if thing else f"/{pattern}"
        for actor in ACTORS:
            allowed = thing is None or is_let_in(thing, actor, "get")
            if actor == "anonymous" or not allowed or not comes_past_the_door(actor, address):
                continue
            answer = undone(world.clients[actor], "get", path)
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                yield name, answer.whole, path
                break
            if answer.status_code == 405:
                break
