"""Pages come back filled with what a person had typed when their session ended (UX: nothing typed is lost)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal import clock
from portal.resume import keeping, rules, selectors, services

# Where a page's content begins: the note stands in its column, as wide as the form below it.
_CONTENT = re.compile(r'<main id="contenido" tabindex="-1">\s*(?:<div class="wrap[^>]*>)?')


class Resume:
    """Fills the form of a page with what was kept for this very person, and forgets it once it was sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; only sessions that know of something kept ask the database for it."""
        response = self.get_response(request)
        if request.path.startswith("/salud/"):  # answers without a database too, and has nothing to keep
            return response
        user: Any = request.user
        if not user.is_authenticated:
            return response
        if clock.real_now().timestamp() < int(request.session.get(keeping.UNTIL, 0)):
            if request.method == "GET" and _is_page(response):
                _fill(request, response)
            elif request.method == "POST" and response.status_code < 400 and not _was_kept(request):
                services.forget(user_id=user.pk, action=request.path)
        keeping.remember_pages(request, response)
        return response


def _is_page(response: HttpResponse) -> bool:
    html = response.headers.get("Content-Type", "").startswith("text/html")
    return response.status_code == 200 and html and not response.streaming


def _was_kept(request: HttpRequest) -> bool:
    return bool(getattr(request, "form_was_kept", False))


def _fill(request: HttpRequest, response: HttpResponse) -> None:
    page = before = response.content.decode(response.charset)
    for action, kept in selectors.kept_for(request.user.pk, at=clock.real_now()):
        page = rules.fill(page, address=request.path, action=action, kept=kept) or page
    if page != before:
        note = render_to_string("components/kept.html", {})
        response.content = _CONTENT.sub(lambda found: found[0] + note, page, count=1)
