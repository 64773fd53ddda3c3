"""The one way in which a list answers: its page and its files come from the same rows, narrowed by the same filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal import clock
from portal.listing.columns import Listing
from portal.listing.export import export
from portal.listing.paging import FILES, FORMAT, page
from portal.listing.selection import Selection

SEARCHES, SEARCHES_WINDOW = 120, 60  # narrowed pages of one person in a minute


def answer(
    request: HttpRequest,
    listing: Listing,
    template: str,
    context: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    *,
    address: str = "",
    status: int = 200,
    **parts: Any,
) -> HttpResponseBase:
    """The list's page as `page` in `template`, or with `?formato=csv`, `xlsx` or `pdf` its file.

    `context` is for pages only. `parts` go to the listing's `rows`. Where the list stands on the page of another act,
    `address` is its own: filters, pages and files lead there. Raises TooMany above 120 narrowed pages a minute of one
    person: a search may read far more than it shows (OP-08).
    """
    asked = Selection(listing, request.user, request.GET, parts)
    wanted = request.GET.get(FORMAT, "")
    if wanted in {code for _, code in FILES}:
        return export(request, asked, wanted, at=clock.now())
    if asked.is_narrowed:
        count_search(request.user)
    shown = page(asked, address=address)
    around = context() if callable(context) else context or {}
    return render(request, template, {**around, "page": shown}, status=status)


def count_search(user: Any) -> None:
    """Count a narrowed page of one person's, on a screen or by the API. Raises TooMany."""
    from portal.once.services import throttle  # needs models, and this room is imported before them

    throttle(scope="search", key=str(user.pk), limit=SEARCHES, window=SEARCHES_WINDOW)
