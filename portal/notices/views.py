"""The inbox and which mails one wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock
from portal.access import signed_in
from portal.listing import Page, answer
from portal.notices import selectors, services
from portal.notices.forms import PreferencesForm
from portal.notices.listings import INBOX, UNREAD_TONE


@signed_in
@require_GET
def inbox(request: HttpRequest) -> HttpResponseBase:
    """What is unread first; who works in several workspaces may look at one."""
    shelves, asked = selectors.shelves(request.user), request.GET.get("espacio", "")
    shelf = asked if asked in dict(shelves) else ""
    offered = [("", "Todos"), *shelves] if shelves else []

    def around(page: Page) -> dict[str, Any]:
        return {
            "notices": [_shown(page, row) for row in page.rows],
            "about": _about(request.user),
            "kept": [("espacio", shelf)] if shelf else [],
            "shelf": shelf,
            "shelves": [(name, label, name == shelf) for name, label in offered],
        }

    return answer(request, INBOX, "notices/inbox.html", around, shelf=shelf)


def _shown(page: Page, row: Sequence[Any]) -> dict[str, Any]:
    """A row as `components/inbox.html` draws it."""
    cells = {column.name: cell for column, cell in zip(page.columns, row, strict=True)}
    return {
        "title": cells["title"].text,
        "body": cells["body"].text,
        "at": cells["created_at"],
        "href": cells["act"].href,
        "act": cells["act"].text,
        "unread": cells["standing"].tone == UNREAD_TONE,
    }


def _about(user: Any) -> str:
    """What the inbox will tell this person, where it is empty."""
    return f"{'; '.join(selectors.subjects(user)).lower()}."


@signed_in
@require_POST
def open_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Mark it read and go where it leads."""
    user: Any = request.user
    notice = selectors.own_notice(user, notice_id)
    if notice is None:
        raise Http404
    services.mark_read(user_id=user.pk, notice=notice, at=clock.now())
    return redirect(notice.action_url.removeprefix(settings.BASE_URL) or "notices:inbox")


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Nothing waits any more."""
    user: Any = request.user
    services.mark_read(user_id=user.pk, notice=None, at=clock.now())
    return redirect("notices:inbox")


@signed_in
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Mail on or off per kind of event, at once or once a day."""
    user: Any = request.user
    first = {"daily": selectors.wants_digest(user)}
    form = PreferencesForm(request.POST or None, choices=selectors.mail_choices(user), initial=first)
    if request.method == "POST" and form.is_valid():
        services.set_mail_preferences(silent=form.silent(), daily=form.cleaned_data["daily"], by=user, at=clock.now())
        messages.success(request, "Guardamos qué avisos quieres por correo.")
        return redirect("notices:preferences")
    return render(request, "notices/preferences.html", {"form": form})
