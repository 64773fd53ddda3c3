"""With the planted app installed, in a process and a database of its own: where in the house is it found?

Started by the test once Django is ready; answers one line of JSON, place → whether it is there. Another machine of the
house is another line of FINDS.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.test.utils import setup_test_environment

from config import matrix
from config.celery import SCHEDULE, app
from config.demo import days
from config.desk import generated
from portal import clock
from portal.access import Role
from portal.calendars import services as calendars
from portal.calendars.registry import entries_of
from portal.errors import Conflict
from portal.history.models import AuditEvent
from portal.imports import services as imports
from portal.listing.as_json import as_json
from portal.listing.registry import listings
from portal.listing.selection import Selection
from portal.papers.models import IssuedDocument
from portal.people import services as accounts
from portal.people.models import User
from portal.rulebook.forms import VersionForm
from portal.rulebook.selectors import rule_on
from portal.treasury.models import Payable
from portal.treasury.registry import called, payable_kind
from portal.work import services as work
from portal.work.registry import queue_of
from tests.factories import people
from tests.planted import services
from tests.planted.models import Trip, TripDue
from tests.planted.rules import LAYOUT

TABLE = "rfc,motivo,importe\n{rfc},Congreso en Mérida,1300.00\n{rfc},Visita a Toluca,250.00\nXAXX010101000,De nadie,1\n"


@dataclass
class World:
    """A reviewer and whoever travelled, each in a browser, and a trip that was authorised."""

    desk: User
    maker: User
    trip: Trip

    def page(self, user: User | None, address: str) -> str:
        """What this person reads there."""
        client = people.signed_in(user) if user else Client()
        return client.get(address, follow=True).content.decode()


def _begin() -> World:
    """The table is taken in; the first trip authorised by its page."""
    desk, maker, at = people.reviewer(), people.physician(), clock.now()
    imports.take_in(
        kind="planted.trips",
        sender=people.the_operator(),
        read=LAYOUT.read_file(TABLE.format(rfc=people.own_party(maker).rfc).encode()),
        declared={"rows": 3, "amount": Decimal("1551.00")},
        by=desk,
        at=at,
        on=clock.date_in(at),
    )
    trip = Trip.objects.get(why="Congreso en Mérida")
    address = f"/viaticos/{trip.folio}/autorizar/"
    assert people.signed_in(desk).post(address, headers={"Idempotency-Key": "planted-key-0001"}).status_code == 302
    trip.refresh_from_db()
    return World(desk, maker, trip)


def _paid(world: World) -> bool:
    """Treasury calls it by its own nouns, and tells the app of the payment."""
    payable = Payable.objects.get(kind="trip", reference=world.trip.folio)
    chosen = world.page(people.preparer(), "/mesa/pagos/nuevo/")
    with transaction.atomic():  # as in the posting's
        payable_kind("trip").paid(payable=payable, transfer=None, by=None, at=clock.now())
    world.trip.refresh_from_db()
    return world.trip.folio in chosen and called([payable]) == "viáticos" and world.trip.state == "paid"


def _machine(world: World) -> bool:
    """Only the drawn steps; the diagram and the words stand in the documents."""
    try:
        services.approve_trip(trip=world.trip, by=world.desk, at=clock.now())
    except Conflict:
        return "### planted: State" in generated.documents()["docs/apps/planted.md"]
    return False


def _list(world: World) -> bool:
    asked = Selection(listings()["trips"], world.desk, {}, {})
    page = world.page(world.desk, "/mesa/viaticos/")
    return len(as_json(asked)["rows"]) == 2 and "Congreso en Mérida" in page and "2 viáticos" in page


def _queue(world: World) -> bool:
    """The trip that nobody authorised yet waits at the desk, can be taken, and is told with its place."""
    waiting = Trip.objects.get(state="asked")
    desk = world.page(world.desk, "/mesa/")
    took = work.take(queue=queue_of("planted.trips"), thing=waiting, by=world.desk, at=clock.now())
    return "Viáticos por autorizar" in desk and waiting.folio in desk and took is not None


def _page(world: World) -> bool:
    """Its owner and the desk read it, a stranger gets 404."""
    address = f"/viaticos/{world.trip.folio}/"
    seen = [people.signed_in(one).get(address).status_code for one in (world.maker, world.desk, people.stranger())]
    return seen == [200, 200, 404]


def _api(world: World) -> bool:
    """The list by a session, the thing by its owner's own token alone; both in the schema."""
    until = clock.today() + timedelta(days=30)
    tokens = [
        accounts.give_own_token(
            name="mío", scopes=["trips:read"], until=until, factor="passkey", by=one, at=clock.now()
        )[1]
        for one in (world.maker, people.stranger())
    ]
    address = f"/api/v1/viaticos/{world.trip.folio}/"
    told = [Client().get(address, headers={"Authorization": f"Bearer {secret}"}) for secret in tokens]
    rows = people.signed_in(world.desk).get("/api/v1/mesa/viaticos/").json()["rows"]
    schema = Client().get("/api/schema/").content.decode()
    return (
        [one.status_code for one in told] == [200, 404]
        and told[0].json()["folio"] == world.trip.folio
        and len(rows) == 2
        and "/api/v1/mesa/viaticos/" in schema
    )


def _found(world: World) -> bool:
    leads = people.signed_in(world.maker).get(f"/f/{world.trip.folio}/")
    return leads["Location"] == f"/viaticos/{world.trip.folio}/" and world.trip.why in world.page(
        world.desk, f"/buscar/?buscar={world.trip.folio}"
    )


def _documents(world: World) -> bool:
    told = generated.documents()["docs/apps/planted.md"]
    return all(
        one in told
        for one in ("| `planted:trips` |", "**Trip**", "| planted.pay_days |", "| planted | trip_approved |")
    )


def _signs_up(world: World) -> bool:
    """Its way to get an account is one to choose, with its own words; whoever comes that way works in its role."""
    page = world.page(None, f"/registro/?tipo={Role.PROVIDER}")
    return "Quien viaja por nosotros" in world.page(None, "/registro/") and "Para cobrar tus viáticos" in page


def _replayed(world: World) -> bool:
    """Whoever writes another version of its rule sees what it would have changed, before it is published."""
    now = VersionForm.initial_of(rule_on("planted.cap", on=clock.today()), on=clock.today())
    told = {**now, "value": "1000", "valid_from": clock.today() + timedelta(days=1), "reason": "Se gasta de más."}
    client = people.signed_in(people.administrator())
    shown = client.post("/mesa/reglas/planted.cap/nueva/", told).content.decode()
    return world.trip.folio in shown and "$300.00" in shown and "$250.00" not in shown


def _reminded(world: World) -> bool:
    """On its day and three days later, once each, by the one task; its date is in the calendar of whoever is owed."""
    due = TripDue.objects.get(trip=world.trip)
    fed = [one.uid for one in entries_of(world.maker, on=clock.today())]
    at = clock.now() + timedelta(days=4)
    reminded = [calendars.remind(due=due, on=clock.date_in(at), at=at) for _ in range(2)]
    return reminded == [True, False] and fed == [f"trip-{due.pk}"] and _told(world.trip, "trip_reminded") == 1


def _told(trip: Trip, act: str) -> int:
    return AuditEvent.objects.filter(action=f"planted.{act}", subject_id=str(trip.pk)).count()


def _stands(world: World) -> bool:
    """The public check of its paper says what the app says of it: here suspended until it is paid."""
    code, page = IssuedDocument.objects.get(kind="trip_slip").code, "/verificar/{}/"
    before = world.page(None, page.format(code))
    with transaction.atomic():
        Trip.objects.filter(pk=world.trip.pk).update(state="paid")
        after = world.page(None, page.format(code))
        transaction.set_rollback(True)
    return "Orden de viático" in before and "Suspendido" in before and "Vigente" in after


FINDS: dict[str, Callable[[World], Any]] = {
    "menu": lambda world: 'href="/mesa/viaticos/?estado=asked"' in world.page(world.desk, "/mesa/"),
    "queue": _queue,
    "list": _list,
    "page": _page,
    "import": lambda world: Trip.objects.count() == 2,
    "machine": _machine,
    "standing": _stands,
    "payable": _paid,
    "sign-up": _signs_up,
    "replay": _replayed,
    "due": _reminded,
    "notice": lambda world: f">{world.trip.folio}<" in world.page(world.maker, "/avisos/"),  # never broken
    "preferences": lambda world: "Autorizamos un viático" in world.page(world.maker, "/cuenta/avisos/"),
    "matrix": lambda world: any(line.startswith("planted:approve\t") for line in matrix.lines()),
    "api": _api,
    "search": _found,
    "docs": _documents,
    "audit": lambda world: "Viático autorizado" in world.page(people.auditor(), "/mesa/auditoria/"),
    "rules": lambda world: "Plazo para pagar un viático" in world.page(people.administrator(), "/mesa/reglas/"),
    "guides": lambda world: "Cómo pido un viático" in world.page(None, "/ayuda/viatico/"),
    "contact": lambda world: '<option value="trip">Viaje</option>' in world.page(None, "/contacto/"),
    "scopes": lambda world: "Leer viáticos" in world.page(world.maker, "/cuenta/credenciales/nueva/"),
    "beat": lambda world: SCHEDULE["planted.count"] == 3600.0 and "planted.count" in app.tasks,
    "day of the demo": lambda world: days.dated()[-1] == "planted.count",
}


def main() -> None:
    """Migrate the app's own table, live a little, and look."""
    setup_test_environment()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    call_command("check")
    world = _begin()
    print(json.dumps({place: bool(look(world)) for place, look in FINDS.items()}))
