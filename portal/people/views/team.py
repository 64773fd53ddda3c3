"""A physician's assistants."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from portal import clock
from portal.access import Permission, requires
from portal.errors import RuleBroken
from portal.people import selectors, services
from portal.people.forms import AssistantForm
from portal.people.models import Party
from portal.people.views.access import answer

# The same whoever it is: an invitation tells nothing about an address (AU-03).
INVITED = (
    "Le escribimos a ese correo con lo que sigue. Ya puede facturar por ti, salvo que trabaje en la mesa o tenga "
    "cerrada su cuenta: eso solo se lo decimos por correo."
)


def _party(request: HttpRequest) -> Party:
    user: Any = request.user
    return selectors.get_own_party(user, Permission.MANAGE_OWN_TEAM)


@requires(Permission.MANAGE_OWN_TEAM)
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """Who bills for me, and inviting somebody."""
    user: Any = request.user
    party = _party(request)
    form = AssistantForm(request.POST or None)
    extra: dict[str, Any] = {"assistants": selectors.assistants_of(party, on=clock.today())}
    if request.method == "GET" or not form.is_valid():
        return answer(request, "people/team.html", form, **extra)
    try:
        services.invite_assistant(party=party, **form.cleaned_data, by=user, at=clock.now())
    except RuleBroken as broken:
        return answer(request, "people/team.html", form, broken, **extra)
    messages.success(request, INVITED)
    return redirect("people:team")


@requires(Permission.MANAGE_OWN_TEAM)
@require_POST
def end_assistant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """The assistant no longer bills for me."""
    user: Any = request.user
    mine = selectors.assistants_of(_party(request), on=clock.today())
    grant = next((row for row in mine if row.pk == grant_id), None)
    if grant is None:
        raise Http404
    services.end_assistant(grant=grant, by=user, at=clock.now())
    messages.success(request, "Ya no puede facturar por ti.")
    return redirect("people:team")
