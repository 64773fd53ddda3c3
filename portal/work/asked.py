"""How somebody narrowed what waits: the filter of a list a thing was opened from, and that of their own queue."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, QueryDict

from portal.access import Workspace
from portal.work.rules import Whose
from portal.work.selectors import Narrowed

FIELD = "filtro"  # hidden field of the forms on a thing's page (`components/work-filter.html`)


def asked_of(request: HttpRequest) -> QueryDict:
    """The parameters of the list that this page, or this act on it, was opened from."""
    return QueryDict(request.POST.get(FIELD, "")) if request.method == "POST" else request.GET


def narrowed_by(asked: QueryDict) -> Narrowed:
    """What the parameters of a queue's page ask for; a value that means nothing narrows nothing."""
    whose, place = asked.get("quien", ""), asked.get("espacio", "")
    return Narrowed(
        kind=asked.get("cola", ""),
        whose=Whose(whose) if whose in {*Whose} else Whose.ALL,
        overdue=asked.get("plazo", "") == "vencido",
        place=Workspace(place) if place in {*Workspace} else None,
        insurer=_key(asked.get("aseguradora", "")),
    )


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
