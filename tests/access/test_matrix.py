"""Every URL has a declared entry, the reviewed list says the same, and the answers keep to it (AC-01)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config import matrix
from portal import access, clock
from portal.access import Role
from tests.factories import people

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


def guarded() -> list[tuple[str, Any]]:
    """(path, entry) of every URL that is not public."""
    return [
        (concrete(path), entry)
        for name, path, view in matrix.routes()
        if not name.startswith("admin:") and (entry := matrix.entry_of(view)) and entry.kind != "public"
    ]


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
    for path, _entry in pages:
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
    wrong, asked = [], 0
    for path, entry in guarded():
        if not entry.permissions or entry.permissions & user.permissions:
            continue
        asked += 1
        status, _target = status_of(client, path)
        if status != 403:
            wrong.append((path, status))
    assert (wrong, asked > 20) == ([], True)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in KINDS if access.ROLES[role]])
def test_a_role_with_the_permission_is_let_in_AC_02(role: Role) -> None:
    """To the page, or to the sentence that what it names exists nowhere; nothing is changed by asking."""
    user = people.user_with_role(role)
    client = people.signed_in(user, consents_at=clock.real_now().timestamp())
    found = {path: client.get(path).status_code for path, entry in guarded() if entry.permissions & user.permissions}
    assert found
    assert {path: status for path, status in found.items() if status not in {200, 404, 405}} == {}


@pytest.mark.django_db
def test_a_delicate_page_asks_for_a_fresh_confirmation_AU_08() -> None:
    wrong, delicate = [], set()
    for role in ROLES:
        user = people.user_with_role(role)
        stale = clock.real_now().timestamp() - 6 * 60
        client = people.signed_in(user, consents_at=clock.real_now().timestamp())
        store = client.session
        store["fresh_at"] = stale
        store.save()
        for path, entry in guarded():
            if not entry.fresh or (entry.permissions and not entry.permissions & user.permissions):
                continue
            delicate.add(path)
            status, target = status_of(client, path)
            confirms = status == 302 and target.startswith("/cuenta/seguridad/confirmar/")
            if not confirms and (status, path[:5]) != (403, "/api/"):
                wrong.append((role, path, status, target))
    assert wrong == []
    assert delicate == {path for path, entry in guarded() if entry.fresh}
