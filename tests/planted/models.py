"""One thing: a trip that somebody is paid for."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from portal import ids
from portal.access import Permission
from portal.calendars.models import Due, DueQuerySet
from portal.listing.search import beginnings
from tests.planted import rules


class TripQuerySet(models.QuerySet["Trip"]):
    """Trips by who may see them."""

    def visible_to(self, user: Any) -> TripQuerySet:
        """All for who authorises them; a person's own otherwise."""
        if Permission.REVIEW_ACCOUNTS in user.permissions:
            return self
        return self.filter(party__in=user.proved_party_ids(Permission.MANAGE_OWN_TEAM))


class Trip(models.Model):
    """A trip that is paid to a party once it was authorised. Amounts in MXN."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    folio = models.CharField(max_length=24, unique=True)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    state = models.CharField(max_length=16, choices=rules.TRIP.choices, default=rules.TRIP.initial.value)
    asked_at = models.DateTimeField()

    objects = TripQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=rules.TRIP.values), name="trip_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="trip_amount_positive"),
        ]
        indexes = [models.Index(beginnings("folio"), name="trip_folio_begins")]

    def __str__(self) -> str:
        return self.folio


class TripDue(Due):
    """The day by which an authorised trip is to be paid."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    trip = models.OneToOneField(Trip, on_delete=models.PROTECT, related_name="due")

    objects = DueQuerySet["TripDue"].as_manager()

    class Meta:
        constraints = list(Due.Meta.constraints)
        indexes = [models.Index(fields=["next_reminder_on"], condition=Q(met_at=None), name="trip_to_remind")]

    def __str__(self) -> str:
        return self.due_on.isoformat()
