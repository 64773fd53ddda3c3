"""The search page, the one address of a folio, the value that a mask stands for, and a person's saved views."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock
from portal.access import signed_in
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.history.services import record_access
from portal.listing import opening, search, selectors, services
from portal.listing.columns import Listing
from portal.listing.forms import OpenForm, ViewForm
from portal.listing.models import SavedView
from portal.listing.paging import VIEW
from portal.listing.registry import listings
from portal.listing.selection import told_of
from portal.once.decorators import once_only
from portal.once.services import throttle
from portal.text import is_like_folio

OPENED, OPENED_WINDOW = 60, 3600  # masks that one person opens in an hour


@signed_in
@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """What the person may open and calls so, by kind; a whole folio opens its thing."""
    typed = search.as_typed(request.GET.get("buscar", ""))
    if is_like_folio(typed) and (page := search.page_of(request.user, typed)) is not None:
        return redirect(page)
    context = {
        "typed": typed,
        "groups": search.search(request.user, typed),
        "short": bool(typed) and len(typed) < search.SHORTEST,
        "longest": search.LONGEST,
    }
    return render(request, "listing/search.html", context)


@signed_in
@require_GET
def by_folio(request: HttpRequest, folio: str) -> HttpResponse:
    """To the page where this person sees what bears the folio: each role its own, 404 when none is theirs."""
    page = search.page_of(request.user, folio)
    if page is None:
        raise Http404
    return redirect(page)


@signed_in
@require_http_methods(["GET", "POST"])
def open_mask(request: HttpRequest, name: str, column: str, pk: UUID) -> HttpResponse:
    """Ask for what a mask is opened, then show the whole value once; each time is recorded as a reading (AD-01)."""
    listing = listings().get(name)
    found = listing and opening.find(listing, column, pk, user=request.user)
    if not listing or not found:
        raise Http404
    shown, row = found
    assert shown.masked is not None  # `find`
    form, whole = OpenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        throttle(scope="masked", key=str(request.user.pk), limit=OPENED, window=OPENED_WINDOW)
        reason, party = f"{shown.label}: {form.cleaned_data['reason']}", getattr(row, "party_id", None)
        record_access(subject=row, by=request.user, at=clock.now(), reason=reason, party_id=party)
        whole = opening.whole(shown, row)
    page = reverse(shown.masked.page)
    context = {
        "form": form,
        "label": shown.label,
        "named": str(row),
        "whole": whole,
        "page": page,
        "crumbs": [(listing.title, page), (shown.label, "")],
    }
    return render(request, "listing/open.html", context, status=422 if form.errors else 200)


def _listing(request: HttpRequest, name: str) -> Listing:
    """A list that this person may see and narrow; anybody else finds nothing."""
    found = listings().get(name)
    if found is None or found.filters is None or not found.is_open_to(request.user):
        raise Http404
    return found


@signed_in
@require_http_methods(["GET", "POST"])
@once_only("listing.save_view")
def saved_views(request: HttpRequest, name: str) -> HttpResponse:
    """Give a name to how one narrowed a list, and see, choose and take away what one named before."""
    listing = _listing(request, name)
    page, query = request.GET.get("en", ""), request.GET.get(VIEW, "")
    form = ViewForm(request.POST or None, initial={"path": page, "query": query})
    if request.method == "POST" and form.is_valid():
        try:
            view = services.save_view(listing=listing, **form.cleaned_data, by=request.user, at=clock.now())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"La vista «{view.name}» se guardó.")
            return redirect(view.href)
    ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    context = {
        "form": form,
        "listing": listing,
        "told": told_of(listing.filters, QueryDict(query), request.user),
        "views": selectors.views_of(request.user, listing.name),
        "may_save": bool(form["path"].value()),
        "crumbs": [(listing.title, page if ours else ""), ("Vistas", "")],
    }
    return render(request, "listing/views.html", context, status=422 if form.errors else 200)


def _back(view: SavedView) -> HttpResponse:
    return redirect(f"{reverse('listing:views', args=[view.listing])}?{urlencode({'en': view.path})}")


@signed_in
@require_POST
@once_only("listing.open_with")
def open_with(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the list open with this view, or with everything again."""
    view = get_object_or_404(SavedView, pk=pk, user_id=request.user.pk)
    services.open_with(view=view, is_default=not view.is_default, by=request.user, at=clock.now())
    return _back(view)


@signed_in
@require_POST
@once_only("listing.forget_view")
def forget_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a saved view away."""
    view = get_object_or_404(SavedView, pk=pk, user_id=request.user.pk)
    services.forget_view(view=view, by=request.user, at=clock.now())
    messages.success(request, f"La vista «{view.name}» se quitó. La lista sigue igual.")
    return _back(view)
