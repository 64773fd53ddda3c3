"""The front page, `/inicio/`, and the way of a signed-in person to where their work is (ux D15)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from billing.selectors import whose
from config import navigation
from portal import clock
from portal.access import Workspace, public, signed_in
from portal.errors import RuleBroken
from portal.listing.paging import WHOSE
from portal.once.decorators import once_only
from portal.people import services
from portal.people.rules import sign_ups_of


@public("La portada se ve sin entrar; con sesión lleva al inicio de cada quien.")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page for everybody, one's own home when signed in."""
    user: Any = request.user
    return redirect(_landing(user)) if user.is_authenticated else render(request, "home/front.html")


def _landing(user: Any) -> str:
    """Who has one workspace begins there, who has several with everything that waits."""
    own = navigation.workspaces(user)
    if len(own) == 1:
        return navigation.home_of(own[0])
    return next((way.first_page for way in sign_ups_of(user.roles) if not own), "start")


@signed_in
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What waits for this person in every workspace, the most urgent first."""
    user: Any = request.user
    own, asked = navigation.workspaces(user), request.GET.get(WHOSE, "")
    context = whose.at_home(user, at=clock.now(), places=own, path=request.path, asked=asked)
    return render(request, "home/start.html", context | {"crumbs": []})


@signed_in
@require_POST
@once_only("home.workspace")
def choose(request: HttpRequest) -> HttpResponse:
    """Go to another workspace; common pages show it from now on."""
    user: Any = request.user
    try:
        workspace = Workspace(request.POST.get("workspace", ""))
    except ValueError:
        raise RuleBroken("Ese espacio no existe. Elige uno de los que ves arriba.", code="no_workspace") from None
    services.choose_workspace(workspace=workspace, by=user, at=clock.now())
    return redirect(navigation.home_of(workspace))
