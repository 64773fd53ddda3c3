"""The desk's list of trips."""

from __future__ import annotations

import django_filters

from portal.access import Permission
from portal.listing import Column, Filters, Kind, Link, Listing
from tests.planted import rules
from tests.planted.models import Trip


class TripFilter(Filters):
    """By state."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=rules.TRIP.choices, empty_label="Todos"
    )


TRIPS = Listing(
    permission=Permission.REVIEW_ACCOUNTS,
    name="trips",
    rows=Trip.objects.visible_to,
    title="Viáticos",
    order=("-asked_at", "-id"),
    nouns=("viático", "viáticos"),
    filters=TripFilter,
    file_name="viaticos",
    columns=(
        Column("folio", "Folio", href=Link("planted:trip", "folio")),
        Column("party__name", "De"),
        Column("why", "Motivo"),
        Column("amount", "Importe", kind=Kind.MONEY, sort=True),
        Column("asked_at", "Pedido", kind=Kind.INSTANT),
        Column("state", "Estado", kind=Kind.STATE, labels=rules.TRIP.labels, tones=rules.TRIP.tones),
    ),
)
