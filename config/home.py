"""The front page, and for a signed-in person the way to where their work is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.access import Permission as P
from portal.access import may, public

# The first of these that a person may see is their home.
HOMES: tuple[tuple[P, str], ...] = ((P.SEE_DESK, "desk:queue"), (P.SEE_OWN_BILLING, "billing:home"))


@public("La portada se ve sin entrar; con sesión lleva al inicio de cada quien.")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page for everybody, one's own home when signed in."""
    for permission, name in HOMES:
        if may(request.user, permission):
            return redirect(name)
    return render(request, "home/front.html")
