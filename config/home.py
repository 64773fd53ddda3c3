"""The front page, and for a signed-in person the way to where their work is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.access import Permission as P
from portal.access import may, public
from portal.people.rules import sign_ups_of


@public("La portada se ve sin entrar; con sesión lleva al inicio de cada quien.")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page for everybody, one's own home when signed in."""
    if may(request.user, P.SEE_DESK):
        return redirect("desk:queue")
    for way in sign_ups_of(getattr(request.user, "roles", ())):
        return redirect(way.first_page)
    return render(request, "home/front.html")
