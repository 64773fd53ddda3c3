"""The one way in which a list answers: its page and its file come from the same rows, narrowed by the same filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal import clock
from portal.listing.columns import Listing
from portal.listing.export import export
from portal.listing.paging import filtered, page


def answer(
    request: HttpRequest,
    listing: Listing,
    rows: QuerySet[Any],
    template: str,
    context: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    *,
    address: str = "",
    status: int = 200,
) -> HttpResponseBase:
    """The list's page as `page` in `template`, or with `?formato=csv` its file; a callable `context` is for pages only.

    `rows` is what the person may see, already narrowed by what the address says beside the listing's filters. Where
    the list stands on the page of another act, `address` is its own: filters, pages and file lead there.
    """
    if request.GET.get("formato") == "csv":
        return export(request, listing, filtered(request, listing, rows)[1], at=clock.now())
    shown = page(request, listing, rows, address=address)
    around = context() if callable(context) else context or {}
    return render(request, template, {**around, "page": shown}, status=status)
