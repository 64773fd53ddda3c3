"""Writing trips: take them in, authorise one, hear of its payment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from portal import clock
from portal.calendars.rules import next_reminder
from portal.folios.services import next_folio
from portal.history.services import record
from portal.imports.models import ImportRun
from portal.imports.rules.layouts import Item, Judged, Read, RowError
from portal.notices.services import notify
from portal.papers.services import issue_document
from portal.people import selectors as people
from portal.people.models import Party
from portal.rulebook.rules import refer
from portal.rulebook.selectors import rule_on
from portal.treasury import services as treasury
from portal.treasury.rules import Line
from portal.work import services as work
from tests.planted import rules
from tests.planted.dues import PLAN
from tests.planted.models import Trip, TripDue


def judge_trips(*, read: Read, **_said: Any) -> Judged:
    """Trips of people who are here are new, others wrong."""
    known = set(Party.objects.filter(rfc__in=[item.value.rfc for item in read.items]).values_list("rfc", flat=True))
    wrong = [
        RowError(item.number, "rfc", "nobody", "Nadie tiene ese RFC aquí. Corrígelo.", item.sheet_row)
        for item in read.items
        if item.value.rfc not in known
    ]
    return Judged(tuple(item for item in read.items if item.value.rfc in known), errors=tuple(wrong))


def apply_trips(*, run: ImportRun, judged: Judged, items: Sequence[Item], by: Any, at: datetime) -> None:
    """Keep the new trips."""
    parties = {party.rfc: party for party in Party.objects.filter(rfc__in=[one.value.rfc for one in judged.new])}
    for item in judged.new:
        trip = Trip.objects.create(
            folio=next_folio(prefix="VI", at=at),
            party=parties[item.value.rfc],
            why=item.value.why,
            amount=item.value.amount,
            asked_at=at,
        )
        record(action="planted.trip_asked", subject=trip, by=by, at=at, details={"folio": trip.folio})


@transaction.atomic
def approve_trip(*, trip: Trip, by: Any, at: datetime) -> Trip:
    """Owe a trip to whoever made it, once, and tell them. Raises Conflict when it no longer waits."""
    trip = Trip.objects.select_for_update().select_related("party").get(pk=trip.pk)
    rules.TRIP.check(trip.state, rules.State.APPROVED)
    work.settle(thing=trip, by=by)
    trip.state = rules.State.APPROVED.value
    trip.save(update_fields=["state"])
    on, rule = clock.date_in(at), rule_on("planted.pay_days", on=clock.date_in(at))
    lines = [Line("trip_expense", trip.amount, "MXN"), Line(rules.OWED, -trip.amount, "MXN", trip.party_id)]
    treasury.post_entry(kind=rules.APPROVED, lines=lines, subject=trip, at=at, on=on, by=by)
    _owe(trip, on, str(refer(rule)), by, at)
    notify(
        user_ids=people.users_of_party(trip.party_id, on=on),
        kind="planted/approved",
        key=f"approved:{trip.folio}",
        context={"folio": trip.folio},
        url=reverse("planted:trip", args=[trip.folio]),
        at=at,
    )
    record(action="planted.trip_approved", subject=trip, by=by, at=at, details={"folio": trip.folio})
    return trip


def _owe(trip: Trip, on: date, due_rule: str, by: Any, at: datetime) -> None:
    """What is to be paid, the day by which, and the slip that says so."""
    treasury.open_payable(
        party=trip.party,
        amount=trip.amount,
        currency="MXN",
        kind="trip",
        subject=trip,
        reference=trip.folio,
        due_on=on,
        due_rule=due_rule,
        by=by,
        at=at,
    )
    TripDue.objects.create(
        trip=trip,
        anchor=on,
        due_on=on,
        rolled_on=on,
        due_rule=due_rule,
        next_reminder_on=next_reminder(on, PLAN, after=on - timedelta(days=1)),
    )
    issue_document(
        kind="trip_slip",
        template="planted/slip.html",
        context={"why": trip.why},
        party=trip.party,
        by=by,
        at=at,
        folio=trip.folio,
    )


def note_paid(*, payable: Any, **_said: Any) -> None:
    """The bank paid it."""
    trip = Trip.objects.select_for_update().get(pk=payable.subject_id)
    rules.TRIP.check(trip.state, rules.State.PAID)
    trip.state = rules.State.PAID.value
    trip.save(update_fields=["state"])
