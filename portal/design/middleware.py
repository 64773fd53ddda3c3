"""Middleware of this room: headers on every answer, and the page for a broken rule."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from portal import outage
from portal.design import answers
from portal.design.unbroken import unbroken
from portal.errors import RuleBroken, TooLarge

log = logging.getLogger("cauce.design")
GetResponse = Callable[[HttpRequest], HttpResponse]

# Everything from ourselves, nothing inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /csp"
)


def policy_for_form_to(origin: str) -> str:
    """The policy of a page whose one form leaves the portal for this origin: an answer sets it by itself."""
    return CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {origin}")


PERMISSIONS_POLICY = (
    "accelerometer=(), autoplay=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), publickey-credentials-get=(self), "
    "publickey-credentials-create=(self)"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """OP-07: the headers on every answer, errors and files included. An answer that set its own (UP-08) keeps it.

    Stands first, so that nothing that answers early is missed. Personal pages are never kept by a cache.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer with what it lacks."""
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.HTTPS:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Request-Id", answers.reference(request))
        return response


class LightPages(GZipMiddleware):
    """Pages travel compressed: a list of 50 rows is 69 kB as it is and 7 kB so. Files go as they were sealed.

    Compression may tell a secret's letters to whoever can repeat a request and see its length (BREACH): Django pads
    every answer at random and masks the form's token anew, and another site's requests come without our cookies (Lax).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, compressed when it is a page and the browser takes that."""
        return super().process_response(request, response) if _is_page(response) else response


def _is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming


class WholeFolios:
    """No folio is broken at the end of a line, wherever a page says it (`unbroken`)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page with each folio in one piece."""
        response = self.get_response(request)
        if _is_page(response):
            page = response.content.decode(response.charset)
            whole = unbroken(page)
            if whole != page:
                response.content = whole
        return response


class RuleBrokenPages:
    """A RuleBroken that no view caught becomes its page (API: problem JSON) with its status; so do the body limits, and
    a database that is away (503; what fails in a middleware is answered by the page of 500, config/errors.py).

    And the empty 405 of an address that only takes a form gets a page: somebody reloaded it or typed it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; Django hands exceptions of views to `process_exception`."""
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            response.content = answers.only_a_form(request).content
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer for an error that is the person's to mend, or the database's; None for everything else (a bug)."""
        if isinstance(error, RuleBroken):
            return answers.rule_broken(request, error)
        if outage.is_database_away(error):
            log.error("database away: %s", type(error.__cause__ or error).__name__)
            return answers.away(request)
        too_large = too_large_for(error)
        return answers.rule_broken(request, too_large) if too_large is not None else None


def too_large_for(error: Exception | None) -> TooLarge | None:
    """Django's body limits said as one of our rules; None for any other error."""
    if isinstance(error, RequestDataTooBig):
        return TooLarge(TOO_BIG, code="body_too_large")
    if isinstance(error, TooManyFilesSent | TooManyFieldsSent):
        return TooLarge(TOO_MANY_PARTS, code="too_many_parts")
    return None


TOO_BIG = "Lo que enviaste pasa del tamaño que recibimos de una vez. Divídelo en partes más chicas y vuelve a intentar."
TOO_MANY_PARTS = "Enviaste demasiados archivos o campos de una vez. Envíalos en grupos más chicos."
