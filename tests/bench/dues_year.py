"""A year of dues: a hundred families live it by the services, and are copied until there are 100,000 of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from tests.bench.pairs import say

MODELS, COPIES = 100, 1000  # families that live, and how many there are of each in the end
MONTHS = 12
# How the families of a hundred pay, as (families, months at a time, by card, months until they stop).
_WAYS = (
    (30, 1, False, 99),
    (28, 3, False, 99),
    (20, 1, True, 99),
    (8, 12, False, 99),
    (5, 1, False, 10),  # owe
    (4, 1, False, 8),  # are suspended
    (3, 1, False, 3),  # left
    (2, 0, False, 0),  # joined and have not paid
)
SOME = 4_000  # families of which the first of a month is measured
_PAGES = {
    "elisa": ("/mesa/", "/mesa/afiliaciones/", "/mesa/afiliaciones/por-plan/", "/mesa/afiliaciones/altas-y-bajas/"),
    "ramiro": (
        *("/mesa/", "/mesa/cobranza/?estado=matched", "/mesa/cobranza/adeudos/", "/mesa/cobranza/suspendidas/"),
        *("/mesa/cobranza/cobrado/", "/mesa/cobranza/tarjetas/", "/mesa/cobranza/esquemas/"),
    ),
}
_FILES = ("affiliations", "dues_aged", "suspended", "joins_and_ends", "dues_payments")
_FAMILY = (("titular", "Ana", "female", 1980), ("partner", "Luis", "male", 1979), ("child", "Eva", "female", 2015))


def grown() -> None:
    """100,000 families with the dues of the last twelve months, their people, payments, slips, books and record."""
    from tests.bench.grown import Grown

    began = Grown(_tables())
    _live()
    began.copies(COPIES - 1)


def pages_and_days() -> None:
    """The desk's lists beside their own SQL, their files, and the families whose day the first of a month is."""
    from config.demo.people import BY_SLUG
    from tests.bench.listing import beside_its_sql
    from tests.bench.signed_in import signed_in, user_of

    for slug, paths in _PAGES.items():
        client = signed_in(user_of(BY_SLUG[slug].email))
        for path in paths:
            beside_its_sql(f"año: {path}: vista / su SQL", client, path)
    for name in _FILES:
        _file(name, user_of(BY_SLUG["ramiro"].email))
    _first_of_month()


def _file(name: str, user: Any) -> None:
    from django.http import QueryDict

    from portal import clock
    from portal.listing import registry
    from portal.listing.export import content
    from portal.listing.selection import Selection

    took = []
    for kind in ("xlsx", "csv"):
        began = perf_counter()
        sum(map(len, content(Selection(registry.listings()[name], user, QueryDict("")), kind, at=clock.now())))
        took.append(perf_counter() - began)
    say(f"año: {registry.listings()[name].title} en Excel / en CSV", took[0] / took[1], *took)


def _first_of_month() -> None:
    from memberships import services
    from memberships.models import Membership
    from memberships.tasks import AT_ONCE
    from portal import clock

    first = _month(clock.today(), 1)
    with on_day(first) as at:
        waiting = Membership.objects.to_look_at(on=first)
        chosen, whole = (
            list(waiting.order_by("looks_again_on", "pk").values_list("pk", flat=True)[:SOME]),
            waiting.count(),
        )
        began = perf_counter()
        for place in range(0, SOME, AT_ONCE):
            services.pass_many_days(memberships=chosen[place : place + AT_ONCE], on=first, at=at)
        rate = SOME / (perf_counter() - began)
    say("año: familias por segundo el día 1", rate)
    say(f"    minutos para las {whole:,} que le tocan", whole / rate / 60)


@contextmanager
def on_day(day: date) -> Iterator[datetime]:
    """The portal's clock at five in the morning of a day; gives that instant."""
    from portal import clock

    at = _at(day, 5)
    clock.register_offset(lambda: at - clock.real_now())
    try:
        yield at
    finally:
        clock.register_offset(timedelta)


def _tables() -> list[Any]:
    from memberships import models as m
    from portal.history.models import AuditEvent
    from portal.people.models import Party
    from portal.treasury import models as t

    people = [Party, m.CoveredPerson, m.Membership, m.Member, m.BirthdayDue, m.Cover, m.StandingChange]
    dues = [m.Charge, m.DuesPayment, m.DuesDue, m.Slip, m.SlipLine, m.SlipKey, m.CardAttempt]
    books = [t.LedgerAccount, t.LedgerTransaction, t.LedgerLine, m.DuesPosting]
    return [*people, *dues, *books, t.Movement, t.Allocation, t.AllocationShare, AuditEvent]


def _live() -> None:
    """A hundred families from their first day to today, each month paid or not."""
    from portal import clock
    from portal.access import Role
    from portal.people.models import Grant

    today = clock.today()
    clerk = Grant.objects.filter(role=Role.COLLECTIONS_DESK).order_by("pk")[0].user
    firsts = [_month(today, -back) for back in range(MONTHS - 1, -1, -1)]
    ways = [way for many, *way in _WAYS for _ in range(many * MODELS // 100)]
    families = [_join(number, way, firsts[0], today) for number, way in enumerate(ways)]
    for number, first in enumerate(firsts):
        _to_day(families, first)
        paying = [
            (family, months, by_card)
            for family, (months, by_card, stops) in zip(families, ways, strict=True)
            if months and number < stops and number % months == 0
        ]
        _pay(paying, first, clerk)
    _to_day(families, today)


def _join(number: int, way: list[Any], first: date, today: date) -> Any:
    from memberships import services
    from memberships.models import Plan
    from memberships.rules import Kinship
    from memberships.rules.joining import Contact, NewPerson
    from tests.factories.people import affiliator

    at = _at(first if way[0] else today - timedelta(days=20))
    folk = [
        NewPerson(
            kinship=Kinship(kinship),
            given_name=name,
            first_surname=f"Prueba{'ABCDEFGHIJ'[number // 10]}{'ABCDEFGHIJ'[number % 10]}",
            second_surname="Medida",
            born_on=date(born, 5, 5),
            sex=sex,
        )
        for kinship, name, sex, born in _FAMILY
    ]
    plan = Plan.objects.offered().order_by("pk")[0]
    contact = Contact(email=f"medida{number}@ejemplo.mx")
    return services.affiliate_family(plan=plan, people=folk, contact=contact, paid=None, by=affiliator(), at=at)


def _pay(paying: list[Any], first: date, clerk: Any) -> None:
    """What some pay on the second of a month: by a card, or by a slip whose payment the store's file brings."""
    from config.demo.uploads import upload_of
    from memberships import services
    from memberships.models import Membership, ReferenceScheme
    from memberships.rules.card import CardState, Word
    from portal import clock, queue
    from portal.treasury import services as treasury
    from portal.treasury.models import CollectionAccount, MatchRun, MovementFile
    from tests.factories.collections import store_file

    at, told = _at(first), []
    for family, months, by_card in paying:
        row = Membership.objects.get(pk=family.pk)
        if by_card:
            attempt = services.begin_attempt(membership=row, months=months, by=None, at=at)
            word = Word(attempt.folio, CardState.CAPTURED, attempt.folio, attempt.amount, clock.real_now())
            services.hear_gateway(word=word, at=at)
        else:
            scheme = ReferenceScheme.objects.get(code="paynet")
            slip = services.make_slip(membership=row, scheme=scheme, months=months, by=None, at=at)
            told.append((slip.reference, int(slip.amount * 100)))
    file = store_file(*told, on=f"{first:%Y%m%d}")
    account = CollectionAccount.objects.get(code="mx-stores")
    run = treasury.read_movements_file(account=account, upload=upload_of("tienda.txt", file), by=clerk, at=at)
    treasury.apply_movements(file=MovementFile.objects.get(run=run), by=clerk, at=at)
    queue.drain(MatchRun, lambda one: treasury.match_file(run=one, at=at))


def _to_day(families: list[Any], day: date) -> None:
    from memberships import services

    for one in families:
        services.pass_days(membership=one, on=day, at=_at(day, 1))


def _month(day: date, by: int) -> date:
    months = day.year * 12 + day.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def _at(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo("America/Mexico_City"))
