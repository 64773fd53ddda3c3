"""One answer for every list of billing: the page, or with `?formato=csv` the same rows as CSV."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal import listing


def answer(
    request: HttpRequest, spec: listing.Listing, rows: QuerySet[Any], template: str, context: dict[str, Any]
) -> HttpResponseBase:
    """`rows` is what the person may see; the page and the file apply the same filter."""
    if request.GET.get("formato") == "csv":
        return listing.csv_response(spec, listing.filtered(request, spec, rows)[1], spec.name)
    return render(request, template, context | {"page": listing.page(request, spec, rows)})
