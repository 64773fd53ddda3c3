"""Addresses of before: each leads for good to where its page stands now, with what was asked of it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from portal.access import public

# Old path → (name of this address, the page's name). They stood below one role's own pages.
MOVED: dict[str, tuple[str, str]] = {
    "medico/cuenta-bancaria/": ("moved_my_account", "treasury:my_account"),
    "medico/cuenta-bancaria/nueva/": ("moved_capture_account", "treasury:capture_account"),
    "medico/equipo/": ("moved_team", "people:team"),
}


def _lead_to(page: str) -> Callable[[HttpRequest], HttpResponse]:
    @public("Solo lleva a la dirección nueva de la página, que pide entrar.")
    @require_safe
    def moved(request: HttpRequest) -> HttpResponse:
        """The page's new address."""
        asked = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(reverse(page) + (f"?{asked}" if asked else ""))

    return moved


urlpatterns: list[URLPattern] = [path(old, _lead_to(page), name=name) for old, (name, page) in MOVED.items()]
