"""The search page, the one address of a folio, and the value that a mask stands for."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from portal import clock
from portal.access import signed_in
from portal.design.forms import Form, TextField
from portal.history.services import record_access
from portal.listing import opening, search
from portal.listing.registry import listings
from portal.once.services import throttle

OPENED, OPENED_WINDOW = 60, 3600  # masks that one person opens in an hour


class OpenForm(Form):
    """Why a masked value is opened."""

    reason = TextField(
        label="Para qué lo abres",
        max_length=300,
        help_text="Queda registrado junto con tu nombre.",
        error_messages={"required": "Escribe para qué lo abres."},
    )


@signed_in
@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """What the person may open and calls so, by kind."""
    typed = search.as_typed(request.GET.get("buscar", ""))
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
