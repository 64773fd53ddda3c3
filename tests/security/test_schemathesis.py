"""What a machine finds that knows only the schema: no error of ours, no answer the schema does not tell (ux 27).

Each call is tried by somebody who may, on the demo world, with what fits its schema and with what does not; every
effect is taken back. Every call is tried in every run, whatever the machine, and always the same: twice with what fits
(the simplest there is, and one drawn from a seed), once with what does not. Many tries of each with
`CAUCE_TEST_API_TRIES=100 ./bin/test tests/security/test_schemathesis.py` (docs/operations.md).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from config import matrix
from portal.api import door
from portal.api.calls import Call
from portal.people import rules
from tests.api.callers import own_token, system_token
from tests.factories import people
from tests.security.conftest import World
from tests.security.things import everything

pytestmark = pytest.mark.django_db
ASKED = int(os.environ.get("CAUCE_TEST_API_TRIES", "0"))
TRIES = {GenerationMode.POSITIVE: ASKED or 2, GenerationMode.NEGATIVE: ASKED or 1}  # of each call
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
QUIET = settings(database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


class Cast:
    """A token for each call, of the first person of the world who may ask it."""

    def __init__(self, world: World) -> None:
        self.users = [user for user in world.users.values() if user is not None]
        self.secrets: dict[Any, str] = {}

    def secret(self, call: Call) -> str:
        """Of an organisation where the call is for systems alone."""
        if not call.people:
            return self.secrets.setdefault("system", system_token(people.an_insurer(), call.scope))
        may = (user for user in self.users if not call.permissions or call.permissions & user.permissions)
        user = next(may)
        acts = call.scope == rules.ACTING_SCOPE
        made = (user.pk, acts)
        if made not in self.secrets:
            self.secrets[made] = own_token(user, call.scope) if acts else own_token(user)
        return self.secrets[made]


def named() -> Iterator[tuple[str, str, Call, str]]:
    """(name, path in the schema, call, method) of every call."""
    for name, path, view in matrix.routes():
        for method, call in getattr(view, "calls", {}).items():
            yield name, "/" + _braces(path), call, method


def _braces(path: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def parameters(name: str, path: str, args: tuple[Any, ...]) -> dict[str, str]:
    """The address's parameters of a real object."""
    return dict(zip(re.findall(r"{(\w+)}", path), map(str, args), strict=True))


def test_schemathesis_finds_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LIMIT", 10**9)
    # Outside of Django's own test client the end of a request would look after the connection that the world lives in.
    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda _connection: None)
    schema = schemathesis.openapi.from_wsgi(reverse("api:schema"), get_wsgi_application())
    things, cast, found, statuses = everything(world), Cast(world), [], Counter()
    for name, path, call, method in named():
        operation, headers = schema[path][method], {"Authorization": f"Bearer {cast.secret(call)}"}
        real = parameters(name, path, things[name].args) if name in things else {}
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                statuses += tried(operation, mode, headers, real)
            except Unsatisfiable:  # a call without anything to get wrong
                continue
            except (Exception, FailureGroup) as error:
                first = getattr(error, "exceptions", [error])[0]
                found.append(f"{method} {path} ({mode.value}): {type(first).__name__} {str(first)[:500]}")
    assert statuses[2] > 30, statuses
    assert not found, f"{len(found)}:\n" + "\n\n".join(found)


def tried(operation: Any, mode: GenerationMode, headers: dict[str, str], real: dict[str, str]) -> Counter[int]:
    """A few cases of one call; on the real object, unless the address itself is what is wrong. Hundreds of statuses."""
    statuses: Counter[int] = Counter()

    @seed(20261129)
    @settings(QUIET, max_examples=TRIES[mode])
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and real:
            case.path_parameters = dict(real)
        with transaction.atomic():
            answer = case.call(headers=headers)
            transaction.set_rollback(True)
        statuses[answer.status_code // 100] += 1
        case.validate_response(answer, checks=CHECKS)

    run()
    return statuses
