"""Every URL has a declared entry, the reviewed list says the same, and the answers keep to it (AC-01)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.test import Client

from config import matrix
from config.demo.people import BY_SLUG
from portal import access, clock
from portal.access import Entry, Role
from tests.factories import people
from tests.pages import undrawn
from tests.security.conftest import ACTORS

REVIEWED = Path(__file__).with_name("matrix")  # a file an app
SAMPLES = {"uuid": "0198c0de-0000-7000-8000-000000000000", "int": "1", "slug": "x", "str": "x", "path": "x"}
ROLES = [role for role in Role if role != Role.INSURER_API]

# The door reads permissions, and whether a role is of the desk or needs a passkey: roles alike in all three get the
# same answers, and the first of each kind asks for all of them (most roles of other apps have no permission yet).
KINDS = list(
    {
        (access.ROLES[role], role in access.STAFF_ROLES, role in access.PASSKEY_ONLY_ROLES): role
        for role in ROLES[::-1]
    }.values()
)


def concrete(path: str) -> str:
    """The path with a value that surely exists nowhere."""
    filled = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1] or "str", "x"), path)
    return "/" + filled.replace("^", "").replace("\\Z", "").replace("$", "")


def test_every_url_declares_who_may_enter_AC_01() -> None:
    silent = [text for text in matrix.lines() if text.endswith("NOT DECLARED")]
    assert silent == []


def test_the_reviewed_matrix_is_the_real_one_AC_01() -> None:
    """Write it anew with `CAUCE_TEST_WRITE_MATRIX=1 pytest tests/access` and read the difference."""
    real = {f"{app}.txt": "\n".join(lines) + "\n" for app, lines in matrix.by_app().items()}
    if os.environ.get("CAUCE_TEST_WRITE_MATRIX"):
        for name, text in real.items():
            (REVIEWED / name).write_text(text)
    assert {path.name: path.read_text() for path in REVIEWED.iterdir()} == real


class Door(NamedTuple):
    """All that the answer to whoever comes to a page depends on, before the page itself."""

    entry: Entry
    of_api: bool
    of_systems: bool


@cache
def guarded() -> list[tuple[str, Door]]:
    """(path, door) of every URL that is not public."""
    return [
        (concrete(path), Door(entry, path.startswith("api/"), _of_systems(view)))
        for name, path, view in matrix.routes()
        if not name.startswith("admin:") and (entry := matrix.entry_of(view)) and entry.kind != "public"
    ]


def _of_systems(view: Any) -> bool:
    calls = getattr(view, "calls", {}).values()
    return bool(calls) and not any(call.people for call in calls)


def cells(asked: Callable[[Role, Entry], bool]) -> dict[Role, list[str]]:
    """Kind of role -> the paths it asks for: each page is asked for, and each kind asks at each door.

    What a door answers depends on what it asks for and on who comes, never on what stands behind it. So of pages behind
    equal doors each is tried by one kind (the door does stand before it), and each kind tries one of them (the door
    reads this kind rightly); the other cells say the same again.
    """
    doors: dict[Door, list[str]] = {}
    for path, door in guarded():
        doors.setdefault(door, []).append(path)
    told: dict[Role, list[str]] = {role: [] for role in KINDS}
    for door, paths in doors.items():
        who = [role for role in KINDS if asked(role, door.entry)]
        for number in range(max(len(paths), len(who)) if who else 0):
            told[who[number % len(who)]].append(paths[number % len(paths)])
    return told


def lacks(role: Role, entry: Entry) -> bool:
    return bool(entry.permissions) and not entry.permissions & access.ROLES[role]


def meets_a_proof(role: Role, entry: Entry) -> bool:
    return entry.fresh and not lacks(role, entry)


def status_of(client: Client, path: str) -> tuple[int, str]:
    """A GET, or a POST where only that is taken."""
    answer = client.get(path)
    if answer.status_code == 405:
        answer = client.post(path)
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.django_db
def test_anonymous_goes_to_sign_in_or_gets_401_AC_02() -> None:
    wrong, pages = [], guarded()
    assert len(pages) > 50
    for path, _door in pages:
        status, target = status_of(Client(), path)
        ok = status == 401 if path.startswith("/api/") else status == 302 and target.startswith("/entrar/")
        if not ok:
            wrong.append((path, status, target))
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", KINDS)
def test_a_role_without_the_permission_gets_403_AC_02(role: Role) -> None:
    user = people.user_with_role(role)
    client = people.signed_in(user, consents_at=clock.real_now().timestamp())
    paths = cells(lacks)[role]
    with undrawn():
        assert {path: status for path in paths if (status := status_of(client, path)[0]) != 403} == {}
    assert user.permissions == access.ROLES[role] and len(paths) > 20


def test_every_page_refuses_somebody_and_every_kind_of_role_is_refused_at_every_door_AC_02() -> None:
    told = cells(lacks)
    doors = {path: door for path, door in guarded() if door.entry.permissions}
    assert {path for paths in told.values() for path in paths} == set(doors)
    for role, paths in told.items():
        assert {doors[path] for path in paths} == {door for door in doors.values() if lacks(role, door.entry)}, role


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in KINDS if access.ROLES[role]])
def test_a_role_with_the_permission_is_let_in_AC_02(role: Role) -> None:
    """To every page that names no object: those are asked by `tests/security/test_objects.py`, of the same roles."""
    assert access.ROLES[role] in [access.ROLES[BY_SLUG[slug].role] for slug in ACTORS.values() if slug]
    user = people.user_with_role(role)
    client = people.signed_in(user, consents_at=clock.real_now().timestamp())
    paths = [f"/{path}" for _name, path, view in matrix.routes() if "<" not in path and lets_in(role, view)]
    found = {path: client.get(path).status_code for path in paths}
    assert found
    assert {path: status for path, status in found.items() if status not in {200, 404, 405}} == {}


def lets_in(role: Role, view: Any) -> bool:
    entry = matrix.entry_of(view)
    return entry is not None and bool(entry.permissions & access.ROLES[role])


@pytest.mark.django_db
def test_a_delicate_page_asks_for_a_fresh_confirmation_AU_08() -> None:
    wrong, told = [], cells(meets_a_proof)
    for role, paths in told.items():
        user = people.user_with_role(role)
        stale = clock.real_now().timestamp() - 6 * 60
        client = people.signed_in(user, consents_at=clock.real_now().timestamp())
        store = client.session
        store["fresh_at"] = stale
        store.save()
        for path in paths:
            status, target = status_of(client, path)
            confirms = status == 302 and target.startswith("/cuenta/seguridad/confirmar/")
            if not confirms and (status, path[:5]) != (403, "/api/"):
                wrong.append((role, path, status, target))
    assert wrong == []
    asked = {path for paths in told.values() for path in paths}
    assert asked == {path for path, door in guarded() if door.entry.fresh}
