"""Who helps the owner of a party: invited, shown and ended in the words that apps declared."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from portal import clock
from portal.access import ROLE_LABELS, Permission, Role, requires
from portal.errors import RuleBroken
from portal.people import rules, selectors, services
from portal.people.forms import AssistantForm
from portal.people.models import Party
from portal.people.views.access import answer

# The same whoever it is: an invitation tells nothing about an address (AU-03).
INVITED = (
    "Le escribimos a ese correo con lo que sigue. Ya puede {does}, salvo que trabaje en la mesa o tenga cerrado su "
    "perfil: eso solo se lo decimos por correo."
)


def _party(request: HttpRequest) -> Party:
    user: Any = request.user
    return selectors.get_own_party(user, Permission.MANAGE_OWN_TEAM)


@requires(Permission.MANAGE_OWN_TEAM)
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """Who helps me, and inviting somebody."""
    user: Any = request.user
    party = _party(request)
    helpers = selectors.helpers_for(user, party)
    form = AssistantForm(request.POST or None, helpers=helpers)
    rows = selectors.assistants_of(party, on=clock.today())
    team = [(row, rules.HELPERS[row.role], ROLE_LABELS[Role(row.role)]) for row in rows]
    extra: dict[str, Any] = {"team": team, "helpers": helpers}
    if request.method == "GET" or not form.is_valid():
        return answer(request, "people/team.html", form, **extra)
    try:
        services.invite_assistant(party=party, **form.cleaned_data, by=user, at=clock.now())
    except RuleBroken as broken:
        return answer(request, "people/team.html", form, broken, **extra)
    messages.success(request, INVITED.format(does=rules.helper(form.cleaned_data["role"]).does))
    return redirect("people:team")


@requires(Permission.MANAGE_OWN_TEAM)
@require_POST
def end_assistant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """A helper no longer acts for me."""
    user: Any = request.user
    mine = selectors.assistants_of(_party(request), on=clock.today())
    grant = next((row for row in mine if row.pk == grant_id), None)
    if grant is None:
        raise Http404
    services.end_assistant(grant=grant, by=user, at=clock.now())
    messages.success(request, f"Ya no puede {rules.HELPERS[grant.role].does}.")
    return redirect("people:team")
