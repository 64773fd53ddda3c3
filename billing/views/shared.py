"""What billing's views share: a list's two answers, who is acted for, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render

from billing.selectors import listings
from billing.selectors.parts import Context, checklist
from portal import clock, listing
from portal.access import Permission
from portal.errors import Level, RuleBroken
from portal.people.models import Party, User

UNPROCESSABLE = 422
# What a physician bills is their own business; every other list shows other people's (AU-08).
OWN = (listings.ORDERS, listings.INVOICES, listings.PAYMENTS)


def answer(
    request: HttpRequest, spec: listing.Listing, rows: QuerySet[Any], template: str, context: dict[str, Any]
) -> HttpResponseBase:
    """The list's page, or with `?formato=csv` its file. `rows` is what the person may see; both apply one filter."""
    if request.GET.get("formato") == "csv":
        chosen = listing.filtered(request, spec, rows)[1]
        return listing.export(request, spec, chosen, spec.name, at=clock.now(), own=spec in OWN)
    return render(request, template, context | {"page": listing.page(request, spec, rows)})


def own_party(user: User, permission: Permission) -> Party:
    """The physician this person acts for, the oldest grant's; 404 when there is none."""
    return get_object_or_404(Party, pk__in=user.party_ids(permission)[:1])


def uuids(values: Iterable[str]) -> list[UUID]:
    """Identifiers chosen in a form; what is not one is 404, like an order of somebody else."""
    try:
        return [UUID(value) for value in values]
    except ValueError as error:
        raise Http404 from error


def status_of(form: Form) -> int:
    """422 for a form that came back with errors, 200 otherwise."""
    return UNPROCESSABLE if form.is_bound and form.errors else 200


def problem_of(problem: RuleBroken) -> Context:
    """A refusal with what the file does pass, for the same page again."""
    return {"problem": problem, "checklist": checklist(getattr(problem, "checklist", []), bad=Level.ERROR)}
