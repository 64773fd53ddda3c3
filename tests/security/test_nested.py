"""What an answer of the API holds many of is read at once, however many they are: no row of it asks the database.

The answers are found by walking the calls; what is a `Listing` is asked with one row and with twenty in `test_lists`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from rest_framework.serializers import ListSerializer

from billing.models import Complement, ReviewDecision
from config import matrix
from portal.api.answers import Answer
from portal.api.calls import Call
from tests.security.conftest import World, undone
from tests.security.things import everything

pytestmark = pytest.mark.django_db


def reads() -> Iterator[tuple[str, str, Call]]:
    """(name, path, call) of every call that tells a thing."""
    for name, path, view in matrix.routes():
        call = getattr(view, "calls", {}).get("GET")
        if call is not None and isinstance(call.answers, type) and issubclass(call.answers, Answer):
            yield name, f"/{path}", call


def held(answer: Any) -> Iterator[str]:
    """What an answer holds many of, at any depth, by name."""
    for field in answer.fields.values():
        child = getattr(field, "child", field)
        if isinstance(child, Answer):
            yield from held(child)
            if child is not field:
                yield type(child).__name__


def addresses(world: World) -> dict[str, tuple[str, ...]]:
    """The addresses of real objects by the call's name; where one object does not hold everything, of several."""
    things = everything(world)
    decided, handed_in = ReviewDecision.objects.order_by("pk")[0], Complement.objects.order_by("pk")[0]
    more = {"billing:api_review": (decided.invoice.folio,), "billing:api_payment": (handed_in.transfer_id,)}
    found = {}
    for name, path, _call in reads():
        args = [things[name].args if name in things else (), *([more[name]] if name in more else [])]
        found[name] = tuple(filled(path, one) for one in args)
    found["api:search"] += ("/api/v1/buscar/?buscar=FA-2026",)
    return found


def filled(path: str, args: tuple[Any, ...]) -> str:
    """An address with its parameters."""
    before, *parts = path.split("<")
    return before + "".join(f"{arg}{part.partition('>')[2]}" for arg, part in zip(args, parts, strict=True))


def test_no_row_of_an_answer_asks_the_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told, asked, tell = set[str](), Counter[str](), Answer.to_representation

    def counted(answer: Answer, instance: Any) -> Any:
        def count(execute: Any, *args: Any) -> Any:
            asked[type(answer).__name__] += 1
            return execute(*args)

        if not isinstance(answer.parent, ListSerializer):
            return tell(answer, instance)
        told.add(type(answer).__name__)
        with connection.execute_wrapper(count):
            return tell(answer, instance)

    monkeypatch.setattr(Answer, "to_representation", counted)
    found = addresses(world)
    for name, _path, call in reads():
        for actor, user in world.users.items():
            if user and (not call.permissions or call.permissions & user.permissions):
                for address in found[name]:
                    undone(world.clients[actor], "get", address)
    assert asked == {}
    assert {one for _name, _path, call in reads() for one in held(call.answers())} == told  # type: ignore[operator]
