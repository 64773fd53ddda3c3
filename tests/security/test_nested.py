"""What an answer of the API holds many of is read at once, however many they are: no row of it asks the database.

The answers are found by walking the calls; what is a `Listing` is asked with one row and with twenty in `test_lists`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from rest_framework.serializers import ListSerializer

from billing.models import Bundle, Complement, Invoice, ReviewDecision
from claims.models import Claim, Decision
from claims.services import record_bill
from claims.services.scheduled import Billed
from config import matrix
from portal import clock
from portal.api.answers import Answer
from portal.api.calls import Call
from portal.treasury import selectors as treasury
from portal.treasury.models import Allocation, Movement, PaymentBatch
from tests.factories import people
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


def shared_out(world: World) -> Movement:
    """A deposit that was shared out, as rows."""
    movement = Movement.objects.waiting().order_by("-pk")[0]
    act = Allocation.objects.create(movement=movement, act="matched", fee=0, at=clock.now())
    act.shares.create(kind="x", key="1", party=world.party(), liability="x", amount=movement.amount)
    Movement.objects.filter(pk=movement.pk).update(state="matched")
    return movement


def dropped(world: World) -> None:
    """A bundle with an invoice and a file that found no place."""
    owner, at = world.users["owner"], clock.now()
    assert owner is not None
    bundle = Bundle.objects.create(party=world.party(), opened_by=owner, opened_at=at)
    draft = Invoice.objects.filter(party=world.party()).order_by("pk")[0]
    bundle.files.create(name="factura.xml", kind="xml", invoice=draft, added_at=at)
    bundle.files.create(name="otra.pdf", kind="pdf", why="Falta el XML de este PDF.", added_at=at)


def looked_at_first() -> PaymentBatch:
    """A batch that waits for its approver, and something in it to look at first."""
    waiting = PaymentBatch.objects.filter(state="prepared").order_by("pk")
    told = (one for one in waiting if treasury.look_first(one, treasury.transfers_of(one), on=clock.today()))
    return next(told)


def settled(world: World) -> Claim:
    """A decided claim that the analyst reads: its lines, the illness of its person, what the bucket holds."""
    reckoned = Decision.objects.filter(claim__condition__isnull=False, lines__accumulator__covered__gt=0)
    return opened(reckoned.order_by("pk")[0].claim, world)


def billed(world: World) -> Claim:
    """A surgery with its letter, which explains what the family pays there, and the hospital's bill."""
    letter = Decision.objects.filter(outcome="authorised", ended_at=None).exclude(final_at=None).order_by("pk")[0]
    line = Billed("Quirófano", clock.today(), Decimal("100.00"), Decimal("100.00"))
    record_bill(claim=letter.claim, lines=[line], by=people.analyst(), at=clock.now())
    return opened(letter.claim, world)


def opened(claim: Claim, world: World) -> Claim:
    """The same claim, which the analyst gave a reason to read."""
    analyst = world.users["analyst"]
    assert analyst is not None
    claim.openings.create(by=analyst, reason="Para la prueba", at=clock.now())
    return claim


def addresses(world: World) -> dict[str, tuple[str, ...]]:
    """The addresses of real objects by the call's name; where one object does not hold everything, of several."""
    things = everything(world)
    decided, handed_in = ReviewDecision.objects.order_by("pk")[0], Complement.objects.order_by("pk")[0]
    more: dict[str, list[tuple[Any, ...]]] = {
        "billing:api_review": [(decided.invoice.folio,)],
        "billing:api_payment": [(handed_in.transfer_id,)],
        "claims:api_review": [(settled(world).folio,), (billed(world).folio,)],
        "treasury:api_deposit": [(shared_out(world).pk,)],
        "treasury:api_batch": [(looked_at_first().pk,)],
    }
    dropped(world)
    found = {}
    for name, path, _call in reads():
        args = [things[name].args if name in things else (), *more.get(name, [])]
        found[name] = tuple(filled(path, one) for one in args)
    found["api:search"] += ("/api/v1/buscar/?buscar=FA-2026",)
    before = clock.today().replace(day=1) - timedelta(days=1)  # on a month's first day its books are empty
    found["billing:api_statement"] += (f"{found['billing:api_statement'][0]}?mes={before:%Y-%m}",)
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
    # An adult of a titular's family says what the titular sees of them; nobody of this world is one.
    nobodys = {"SharedTold"}
    assert {one for _name, _path, call in reads() for one in held(call.answers())} == told | nobodys  # type: ignore[operator]
