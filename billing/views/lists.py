"""One answer for every list of billing: the page, or with `?formato=csv` the same rows as CSV."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from billing.selectors import listings
from portal import clock, listing

# What a physician bills is their own business; every other list shows other people's (AU-08).
OWN = (listings.ORDERS, listings.INVOICES, listings.PAYMENTS)


def answer(
    request: HttpRequest, spec: listing.Listing, rows: QuerySet[Any], template: str, context: dict[str, Any]
) -> HttpResponseBase:
    """`rows` is what the person may see; the page and the file apply the same filter."""
    if request.GET.get("formato") == "csv":
        chosen = listing.filtered(request, spec, rows)[1]
        return listing.export(request, spec, chosen, spec.name, at=clock.now(), own=spec in OWN)
    return render(request, template, context | {"page": listing.page(request, spec, rows)})
