"""The API of trips: the desk's list, and one of them."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers

from portal.api.answers import Answer, Money
from portal.api.calls import Asked, at, lists, shows
from tests.planted import rules
from tests.planted.listings import TRIPS
from tests.planted.models import Trip


class TripTold(Answer):
    """A trip and how far its money is."""

    folio = serializers.CharField()
    why = serializers.CharField()
    amount = Money()
    state = serializers.ChoiceField(rules.TRIP.choices)


def _trip(asked: Asked, folio: str) -> Any:
    return get_object_or_404(Trip.objects.visible_to(asked.by), folio=folio)


RESOURCES = (
    at("mesa/viaticos/", "api_trips", lists(TRIPS, "Viáticos en la mesa", scope="trips:read")),
    at("viaticos/<str:folio>/", "api_trip", shows(_trip, "Un viático", scope="trips:read", answers=TripTold)),
)
