"""The demo world as a fixture: every role finds real rows, and what one test does the next one never sees."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from tests.copies import Run
from tests.fixtures_clock import *  # noqa: F403 - at_noon

if TYPE_CHECKING:
    from portal.people.models import User

# Models are imported inside: this file may be read before the settings are.

# Who tries: name -> the sample person behind it. The owner is Lucía; Marisol bills for her; Iván is a stranger to both.
ACTORS = {
    "owner": "lucia",
    "assistant": "marisol",
    "stranger": "ivan",
    "member": "fernanda",
    "reviewer": "rebeca",
    "preparer": "pablo",
    "approver": "aurora",
    "support": "sofia",
    "complaints": "carla",
    "analyst": "delia",
    "adviser": "noemi",
    "affiliation": "elisa",
    "collections": "ramiro",
    "auditor": "augusto",
    "administrator": "adriana",
    "anonymous": "",
}


@dataclass
class World:
    """The loaded demo, a browser for each actor, and what was logged while it was made."""

    logged: list[str]
    made_at: float
    users: dict[str, User | None] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    def party(self, actor: str = "owner") -> Any:
        """The actor's own party."""
        from tests.factories import people

        user = self.users[actor]
        assert user is not None
        return people.own_party(user)


@pytest.fixture(scope="module")
def world(run: Run, demo_world: None, django_db_blocker: Any) -> Iterator[World]:
    """One world a module, inside a transaction that never commits: it goes as it came.

    Modules that use it carry `pytest.mark.django_db`: that puts each test on a savepoint of its own.
    """
    from config.demo import people as samples
    from portal import clock
    from portal.once.services import whole_transaction
    from portal.people.models import User
    from tests.factories import people

    with django_db_blocker.unblock(), whole_transaction():
        made = World(run.world_log(), clock.real_now().timestamp())
        for actor, slug in ACTORS.items():
            user = User.objects.get(email=samples.BY_SLUG[slug].email) if slug else None
            made.users[actor] = user
            made.clients[actor] = people.signed_in(user, consents_at=made.made_at)
            made.clients[actor].raise_request_exception = False
        yield made
        transaction.set_rollback(True)


CONFIRMED_FOR = 120  # seconds; a proof holds for five minutes


@pytest.fixture(autouse=True)
def just_confirmed(request: pytest.FixtureRequest, django_db_blocker: Any) -> None:
    """Each test begins as the world did, however long the module takes: everybody has just proved to be there.

    What is written here goes with the test, so it is written when it is needed, and for all at once.
    """
    if "world" not in request.fixturenames:
        return
    from django.contrib.sessions.models import Session

    from portal import clock

    world, now = request.getfixturevalue("world"), clock.real_now().timestamp()
    if 0 <= now - world.made_at < CONFIRMED_FOR:
        return
    with django_db_blocker.unblock():
        cookies = (client.cookies.get(settings.SESSION_COOKIE_NAME) for client in world.clients.values())
        inside = [cookie.value for cookie in cookies if cookie is not None]
        rows = list(Session.objects.filter(pk__in=inside))
        for row in rows:
            told = row.get_decoded() | {"fresh_at": now, "seen_at": now}
            row.session_data = row.get_session_store_class()().encode(told)
        Session.objects.bulk_update(rows, ["session_data"])


def undone(client: Client, method: str, path: str, data: Any = None) -> Any:
    """The answer to one request whose every effect is taken back at once. A bug inside is a 500, not an exception."""
    from portal.once.rules import FIELD

    if method == "post":
        data = {FIELD: uuid.uuid4().hex, **(data or {})}  # the form's key, so that no act is refused for lack of it
    with transaction.atomic():
        answer = getattr(client, method)(path, data or {})
        answer.whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer


def changed_tables() -> dict[str, int]:
    """How many rows this transaction inserted, changed or deleted so far, per table (undone ones count too)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())
