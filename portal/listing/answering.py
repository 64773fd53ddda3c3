"""The one way in which a list answers: its page and its files come from the same rows, narrowed by the same filters."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from portal import clock
from portal.listing.columns import Listing
from portal.listing.export import export
from portal.listing.paging import FILES, FORMAT, Kept, Page, page
from portal.listing.selection import Selection

SEARCHES, SEARCHES_WINDOW = 120, 60  # narrowed pages of one person in a minute


def answer(
    request: HttpRequest,
    listing: Listing,
    template: str,
    context: Mapping[str, Any] | Callable[[Page], Mapping[str, Any]] | None = None,
    *,
    address: str = "",
    status: int = 200,
    chosen: Container[str] = (),
    known: int | None = None,
    draw: Callable[[Selection], Any] | None = None,
    **parts: Any,
) -> HttpResponseBase:
    """The list's page as `page` in `template`, or with `?formato=csv`, `xlsx` or `pdf` its file.

    `context` is for pages only, and may be asked once the page is known. `parts` go to the listing's `rows`. Where the
    list stands on the page of another act, `address` is its own: filters, pages and files lead there. `chosen` are the
    keys of rows whose boxes are ticked.
    `known` is how many rows there are before any filter, where the page counted them already.
    `draw` makes the page's `chart` of what was asked, from the rows that the page and its files have.
    Asked for without a word, it opens with the view that the person chose for it.
    Raises TooMany above 120 narrowed pages a minute of one person: a search may read far more than it shows (OP-08).
    """
    asked = Selection(listing.shown_to(request.user), request.user, request.GET, parts)
    wanted = request.GET.get(FORMAT, "")
    if wanted in {code for _, code in FILES}:
        return export(request, asked, wanted, at=clock.now())
    if asked.is_narrowed:
        count_search(request.user)
    kept = _kept(request, listing, address or request.path)
    if kept and request.method == "GET" and not (request.GET or address):
        opens = next((view for view in kept.views if view.is_default and view.path == request.path), None)
        if opens is not None:
            return redirect(opens.href)
    shown = page(asked, address=address, chosen=chosen, kept=kept, known=known)
    around = context(shown) if callable(context) else context or {}
    drawn = {"chart": draw(asked)} if draw else {}
    return render(request, template, {**around, **drawn, "page": shown}, status=status)


def _kept(request: HttpRequest, listing: Listing, path: str) -> Kept | None:
    """What this person saved of a list that can be narrowed."""
    if listing.filters is None:
        return None
    from portal.listing.selectors import views_of  # needs models, and this room is imported before them

    href = f"{reverse('listing:views', args=[listing.name])}?{urlencode({'en': path})}"
    return Kept(views_of(request.user, listing.name), path, href)


def chosen_rows(request: HttpRequest, listing: Listing, **parts: Any) -> list[Any]:
    """The keys of all rows that the address's filters leave («todas»), as many as may be chosen at once, in order."""
    if listing.pick is None:
        raise ValueError(f"no row of the list {listing.name} is chosen")
    asked = Selection(listing, request.user, request.GET, parts)
    return list(asked.ordered.values_list(listing.key, flat=True)[: listing.pick.most])


def count_search(user: Any) -> None:
    """Count a narrowed page of one person's, on a screen or by the API. Raises TooMany."""
    from portal.once.services import throttle  # needs models, and this room is imported before them

    throttle(scope="search", key=str(user.pk), limit=SEARCHES, window=SEARCHES_WINDOW)
