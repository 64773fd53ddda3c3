"""What a signed-in browser may reach at all: its age, its second factor, its consents."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from portal import clock
from portal.access import resume_at, to_sign_in
from portal.design import answers
from portal.people import selectors, sessions

_ALWAYS = {
    "people:sign_out",
    "people:consent_text",
    "people:owned_text",
    "people:privacy",
    "design:csp_report",
    "alive",
    "ready",
}
_CHOOSING = _ALWAYS | {"people:choose_password"}
_ENROLLING = _ALWAYS | {
    "people:security",
    "people:totp",
    "people:passkey_add",
    "people:recovery_codes",
    "people:confirm_it_is_you",
    "people:confirm_passkey",
}
_AGREEING = _ALWAYS | {
    "people:consents",
    "people:withdraw_consent",
    "people:confirm_it_is_you",
    "people:confirm_passkey",
}
# What a page that is left open asks by itself: it neither keeps a session alive nor ends it, so that a form that is
# sent afterwards still finds whose it was. It asks by POST.
_UNATTENDED = {"work:looking"}
# What the API answers where a page would lead: name of the page -> code, cause and cure.
_MISSING = {
    "people:choose_password": (
        "choose_password",
        "Primero elige tu contraseña en el portal. Después repite la llamada.",
    ),
    "people:security": ("second_factor", "Tu función pide una llave de acceso o un código. Entra con él y repite."),
    "people:consents": ("consents", "Falta que aceptes el aviso de privacidad en el portal. Acéptalo y repite."),
}
CONSENT_CHECK_SECONDS = 300
REFUSED_METHODS = frozenset({"TRACE", "TRACK", "CONNECT"})  # OP-10: nothing here answers them


class PersonalSession:
    """Ends sessions that rested too long (AU-12), leads a person to what is missing first (AU-01, AU-08)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in REFUSED_METHODS:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST", "OPTIONS"])
        if "\x00" in request.path_info:  # no address of ours, and no database column could be asked for it
            raise Http404
        return self._stopped(request) or self.get_response(request)

    def _stopped(self, request: HttpRequest) -> HttpResponse | None:
        """Where to send this browser instead of what it asked for, if anywhere."""
        page = _Page(request.path_info)
        if request.path_info == _alive():  # touches nothing: it answers without a database too
            return None
        if "choosing" in request.session and page.name not in _CHOOSING:
            return _to(request, "people:choose_password")
        user: Any = request.user
        if not user.is_authenticated:
            return None
        if sessions.is_over(request, staff=user.is_back_office):
            if page.name in _UNATTENDED:
                return HttpResponse(status=HTTPStatus.NO_CONTENT)
            request.session_owner = user  # type: ignore[attr-defined]  # whose form it may be that comes now
            logout(request)
            messages.info(request, "Tu sesión se cerró por seguridad. Entra y continúa donde ibas.")
            return to_sign_in(request)
        if request.method != "POST" or page.name not in _UNATTENDED:
            sessions.touch(request)
        if not sessions.has_enough(request, user):
            return None if page.name in _ENROLLING else _to(request, "people:security")
        return _to(request, "people:consents") if _must_agree(request, user, page) else None


def _to(request: HttpRequest, name: str) -> HttpResponse:
    """To what is missing first; an act that it stopped is kept, and the way leads back to its page.

    The API says what is missing: there is no page to be led to.
    """
    if answers.is_api(request):
        return answers.problem(request, 403, *_MISSING[name])
    if request.method == "POST":
        request.session["stopped_at"] = resume_at(request)
    return redirect(name)


class _Page:
    """What an address is called. To find that out costs what a query does: it is asked where it matters, and once."""

    def __init__(self, path: str) -> None:
        self._path = path

    @cached_property
    def name(self) -> str:
        """Its name; "" for an address that leads nowhere."""
        try:
            return resolve(self._path).view_name
        except Resolver404:
            return ""


@lru_cache(maxsize=1)
def _alive() -> str:
    return reverse("alive")


def _must_agree(request: HttpRequest, user: Any, page: _Page) -> bool:
    """Whether a consent is missing (PR-01): asked of the database before every act, and every five minutes of reading.

    So nothing is sent in after a new version was published or a consent was taken back in another window.
    """
    now, reading = clock.real_now().timestamp(), request.method in {"GET", "HEAD", "OPTIONS"}
    if reading and now - request.session.get("consents_at", 0) < CONSENT_CHECK_SECONDS:
        return False
    if page.name in _AGREEING:
        return False
    if selectors.missing_consents(user):
        return True
    request.session["consents_at"] = now
    return False
