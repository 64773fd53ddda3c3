"""Object by object: what is not yours answers exactly as what does not exist (AC-02, AC-08).

Generated from the resolver: every URL that names an object, every actor, GET and POST.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from config import matrix
from tests.security.conftest import World, undone
from tests.security.things import OPEN, Thing, everything

pytestmark = pytest.mark.django_db
CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")
NOWHERE = {"uuid": "0198c0de-0000-7000-8000-000000000000", "int": "987654", "slug": "x9-nadie", "str": "x9-nadie"}
VOLATILE = [
    (re.compile(r'(name="(?:csrfmiddlewaretoken|once_key|idempotency_key)" value=")[^"]*'), r"\1"),
    (re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b"), "REFERENCE"),
    (re.compile(r"\b\d\d:\d\d\b"), "TIME"),
]


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


def addresses() -> list[Address]:
    """Every URL with a parameter that is not for tokens and not Django's own admin."""
    return [
        Address(name, path, matrix.entry_of(view))
        for name, path, view in matrix.routes()
        if "<" in path and not name.startswith("admin:") and not matrix.scope_of(view)
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


def verdict(world: World, address: Address, thing: Thing, actor: str, method: str) -> str:
    """What is wrong with this cell; empty when it is right."""
    user, client = world.users[actor], world.clients[actor]
    real, none = address.to(thing.args), address.nowhere(thing.args)
    answer = undone(client, method, real)
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if answer.status_code == 405:  # said before anything is looked for, whoever asks
        return "" if undone(client, method, none).status_code == 405 else "405 only where it exists"
    if user is None:
        to_door = answer.status_code == 302 and answer.headers["Location"].startswith("/entrar/")
        return "" if to_door else f"anonymous got {answer.status_code}"
    if address.entry.permissions and not address.entry.permissions & user.permissions:
        return "" if answer.status_code == 403 else f"no permission, got {answer.status_code}"
    if is_let_in(thing, actor, method):
        return "" if answer.status_code not in {403, 404} else f"let in, got {answer.status_code}"
    if answer.status_code not in {404, 405}:
        return f"not theirs, got {answer.status_code}"
    if said(answer, real, none) != said(undone(client, method, none), real, none):
        return "not theirs, and told apart from what does not exist"
    return ""


def test_every_url_that_names_an_object_says_whose_it_is_AC_02(world: World) -> None:
    names = {address.name for address in addresses()}
    known = set(everything(world)) | set(OPEN)
    assert names - known == set()
    assert known - names == set()
    assert {name for name in OPEN if name in names} == {
        address.name for address in addresses() if address.entry.kind == "public"
    }


def test_nothing_that_is_not_yours_can_be_told_from_nothing_AC_02(
    world: World, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    things, wrong, cells = everything(world), [], 0
    for address in addresses():
        if address.name in OPEN:
            continue
        for actor in world.clients:
            for method in ("get", "post"):
                cells += 1
                if trouble := verdict(world, address, things[address.name], actor, method):
                    wrong.append(f"{method.upper()} {address.name} as {actor}: {trouble}")
    record_property("object_cells", cells)
    with capsys.disabled():
        print(f"\nAC-02: {cells} cells, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong)
    assert cells > 1000


def test_what_does_not_exist_is_a_404_for_who_may_come_in_AC_02(world: World) -> None:
    """So that the equality above compares with a real 404, not with some other refusal."""
    things, wrong = everything(world), []
    for address in addresses():
        if address.name in OPEN or things[address.name].seen_by is None:
            continue
        for actor in ("owner", "reviewer", "preparer", "approver", "administrator"):
            user = world.users[actor]
            assert user is not None
            if address.entry.permissions and not address.entry.permissions & user.permissions:
                continue
            for method in ("get", "post"):
                path = address.nowhere(things[address.name].args)
                status = undone(world.clients[actor], method, path).status_code
                if status not in {404, 405}:
                    wrong.append(f"{method.upper()} {address.name} as {actor}: {status}")
    assert not wrong, "\n".join(wrong)
