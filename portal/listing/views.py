"""The search page, and the one address of a folio."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from portal.access import signed_in
from portal.listing import search


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
