"""The list of trips, and one of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.listing import answer
from portal.once.decorators import once_only
from tests.planted import rules, services
from tests.planted.listings import TRIPS
from tests.planted.models import Trip


@requires(P.REVIEW_ACCOUNTS)
@require_GET
def trips(request: HttpRequest) -> HttpResponseBase:
    """Trips, newest first."""
    return answer(request, TRIPS, "planted/trips.html")


@requires(P.REVIEW_ACCOUNTS, P.MANAGE_OWN_TEAM)
@require_GET
def trip(request: HttpRequest, folio: str) -> HttpResponse:
    """One trip: whoever made it and who authorises it."""
    found = get_object_or_404(Trip.objects.visible_to(request.user), folio=folio)
    shown = {"trip": found, "state": (rules.TRIP.label(found.state), rules.TRIP.tone(found.state))}
    return render(
        request, "planted/trip.html", {**shown, "crumbs": [("Viáticos", reverse("planted:trips")), (folio, "")]}
    )


@requires(P.REVIEW_ACCOUNTS)
@require_POST
@once_only("planted.approve")
def approve(request: HttpRequest, folio: str) -> HttpResponse:
    """Authorise it."""
    found = get_object_or_404(Trip.objects.visible_to(request.user), folio=folio)
    services.approve_trip(trip=found, by=request.user, at=clock.now())
    return redirect("planted:trip", folio=folio)
