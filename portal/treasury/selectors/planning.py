"""What falls due in four weeks, a day a line, and who could authorise it today: what a preparer plans by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Min, Sum
from django.urls import reverse

from portal import clock
from portal.access import Permission
from portal.design import dates
from portal.design.agenda import WEEK, Agenda, Entry, agenda_of
from portal.money import format_money
from portal.people.selectors import acting, people_with
from portal.rulebook.selectors import rule_on
from portal.text import listed
from portal.treasury import registry, rules
from portal.treasury.models import Payable

if TYPE_CHECKING:
    from portal.people.models import User

WEEKS = 4
NOBODY = (
    "Hoy nadie lo puede autorizar: no hay otra persona con ese permiso. "
    "Pide a quien administra que alguien más lo tenga."
)


@dataclass(frozen=True, slots=True)
class Day:
    """What is due on a day in one currency and stands in no batch; `begins` is another day for what is late."""

    on: date
    begins: date
    currency: str
    count: int
    total: Decimal
    is_late: bool = False

    @property
    def query(self) -> str:
        """What asks the page that prepares a batch for these, chosen."""
        return urlencode({"desde": self.begins, "hasta": self.on, "moneda": self.currency})


def agenda(*, at: datetime) -> list[Day]:
    """Days of the next four weeks on which something falls due, after one line for all that is late."""
    today = clock.date_in(at)
    waiting = Payable.objects.waiting().filter(due_on__lt=today + timedelta(weeks=WEEKS))
    count, total = Count("pk"), Sum("amount")
    late = waiting.filter(due_on__lt=today).values("currency").annotate(since=Min("due_on"), count=count, total=total)
    rows = waiting.filter(due_on__gte=today).values("due_on", "currency").annotate(count=count, total=total)
    yesterday = today - timedelta(days=1)
    return [
        Day(yesterday, row["since"], row["currency"], row["count"], row["total"], is_late=True)
        for row in late.order_by("currency")
    ] + [
        Day(row["due_on"], row["due_on"], row["currency"], row["count"], row["total"])
        for row in rows.order_by("due_on", "currency")
    ]


def _entry(day: Day) -> Entry:
    held = "1 pago" if day.count == 1 else f"{day.count:,} pagos"
    page = f"{reverse('treasury:new_batch')}?{day.query}"
    return Entry(format_money(day.total, day.currency, code=True), held, page)


def agenda_told(days: Sequence[Day], *, on: date) -> Agenda:
    """The four weeks as they are drawn: each day's sum leads to its payments, chosen."""
    entries = dict[date, list[Entry]]()
    for one in days:
        if not one.is_late:
            entries.setdefault(one.on, []).append(_entry(one))
    return agenda_of(entries, today=on, days=WEEKS * WEEK)


def late_told(days: Sequence[Day]) -> list[Entry]:
    """What is late already, a line a currency: its sum, since when, and the way to its payments, chosen."""
    told = [(_entry(one), one.begins) for one in days if one.is_late]
    return [replace(one, text=f"{one.text} desde el {dates.short(since)}.") for one, since in told]


@dataclass(frozen=True, slots=True)
class Authoriser:
    """Somebody who may authorise payments today; `kept_from` says what of these they may not, or nothing."""

    name: str
    kept_from: str = ""
    from_all: bool = False


@dataclass(frozen=True, slots=True)
class Authorising:
    """Who could authorise a batch of these today, and what stands against it: nobody, or one where two are needed."""

    people: list[Authoriser]
    against: str = ""


def who_authorises(payables: Sequence[Payable], *, by: User, at: datetime) -> Authorising:
    """Of a batch that this person would prepare of these; whoever reviewed one or is paid by it is kept from it."""
    on = clock.date_in(at)
    others = list(people_with(Permission.APPROVE_PAYMENTS, on=on).exclude(pk=by.pk))
    reviewed = registry.barred_by_person(payables)
    parties = {one.party_id for one in payables}
    own: dict[UUID, set[UUID]] = {}
    for person, party in acting(*parties, on=on).filter(user__in=others).values_list("user_id", "party_id"):
        own.setdefault(person, set()).update(one.pk for one in payables if one.party_id == party)
    people = [
        _authoriser(str(one), payables, reviewed=reviewed.get(one.pk, set()), own=own.get(one.pk, set()))
        for one in others
    ]
    return Authorising(people, _against(people, payables, on=on))


def _authoriser(name: str, payables: Sequence[Payable], *, reviewed: set[UUID], own: set[UUID]) -> Authoriser:
    kept = [f"{act} {_said(payables, keys)}" for act, keys in (("revisó", reviewed), ("cobra", own - reviewed)) if keys]
    return Authoriser(name, " y ".join(kept), from_all=bool(payables) and len(reviewed | own) == len(payables))


def _said(payables: Sequence[Payable], keys: set[UUID]) -> str:
    """A few by their references, more by their number."""
    told = [one.reference for one in payables if one.pk in keys]
    return listed(told) if len(told) <= 3 else f"{len(told):,} {registry.called(payables)}"


def _against(people: Sequence[Authoriser], payables: Sequence[Payable], *, on: date) -> str:
    free = [one for one in people if not one.from_all]
    if not people:
        return NOBODY
    if not free:
        return f"Hoy nadie lo puede autorizar: {listed(f'{one.name} {one.kept_from}' for one in people)}."
    if len(free) > 1 or not payables:
        return ""
    currency = payables[0].currency
    limit = Decimal(str(rule_on(rules.FOUR_EYES_LIMITS[currency], on=on).value))
    if sum((one.amount for one in payables if one.currency == currency), Decimal(0)) <= limit:
        return ""
    most = format_money(limit, currency, code=True)
    return f"Un lote de más de {most} lo autorizan dos personas, y hoy solo hay una: prepara lotes menores."
