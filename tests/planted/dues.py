"""The days of trips, how their slips stand, and what another cap would have paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from portal.calendars.ics import Entry
from portal.calendars.rules import Reminders
from portal.history.services import record
from portal.notices.services import notify
from portal.papers.rules import Standing
from portal.people import selectors as people
from portal.rulebook.replay import ReplayLine
from portal.rulebook.rules import Draft
from tests.planted import rules
from tests.planted.models import Trip, TripDue

PLAN = Reminders(days=(0, 3), every=7)


def reminders_of(due: TripDue) -> Reminders:
    """On its day, three days later, then each week."""
    return PLAN


def remind_trip(*, due: TripDue, reached: Sequence[date], on: date, at: datetime) -> None:
    """Tell whoever is owed a trip that it is late."""
    trip = due.trip
    notify(
        user_ids=people.users_of_party(trip.party_id, on=on),
        kind="planted/late",
        key=f"late:{trip.folio}:{reached[0]}",
        context={"folio": trip.folio},
        url=reverse("planted:trip", args=[trip.folio]),
        at=at,
    )
    record(action="planted.trip_reminded", subject=trip, by=None, at=at, details={"days": len(reached)})


def entries(user: Any, on: date) -> Iterator[Entry]:
    """When each trip of a person is to be paid."""
    for due in TripDue.objects.filter(met_at=None, trip__in=Trip.objects.visible_to(user)).select_related("trip"):
        yield Entry(
            f"trip-{due.pk}", due.rolled_on, "Se paga un viático", reverse("planted:trip", args=[due.trip.folio])
        )


def slip_standing(document: Any) -> Standing:
    """A slip is suspended until its trip is paid."""
    paid = Trip.objects.filter(folio=document.folio, state=rules.State.PAID).exists()
    return Standing.IN_FORCE if paid else Standing.SUSPENDED


def replay_cap(draft: Draft, last: int) -> Sequence[ReplayLine]:
    """What the last trips would have been paid under another cap."""
    return [
        ReplayLine(trip.folio, "", trip.amount, min(trip.amount, Decimal(draft.value)), trip.party.name)
        for trip in Trip.objects.select_related("party").order_by("-asked_at", "-pk")[:last]
    ]
