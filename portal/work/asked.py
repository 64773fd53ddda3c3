"""In which filter of a list a thing was opened: its address says it, and so does every form on its page."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

FIELD = "filtro"  # hidden field of the forms on a thing's page (`components/work-filter.html`)


def asked_of(request: HttpRequest) -> QueryDict:
    """The parameters of the list that this page, or this act on it, was opened from."""
    return QueryDict(request.POST.get(FIELD, "")) if request.method == "POST" else request.GET
