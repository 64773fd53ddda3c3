"""Between a request and what is kept: whose form it was, and the page where it stands.

The session that ended may be gone, so a browser carries a signed cookie: who looked at its pages last, and digests of
the form protection (CSRF) that those pages carried. A form is kept for a person only when the page it was typed in was
that person's: somebody else's page on the same browser carries another protection.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CSRF_SECRET_LENGTH, CSRF_TOKEN_LENGTH, _unmask_cipher_token
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare

from portal import clock
from portal.design.forms import CodeInput, Form
from portal.resume import rules, selectors, services

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = ("__Host-" if settings.HTTPS else "") + settings.SESSION_COOKIE_NAME.replace("session", "pages")
UNTIL = "resume_until"  # in the session: until when something may be kept for its person
_SALT, _MAX_PAGES = "portal.resume", 4
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_LONGEST_ACTION, _LONGEST_PAGE = 300, 600


def resume_at(request: HttpRequest) -> str:
    """Where the person goes on after proving who they are; what a form held is kept for them.

    A reading comes back to itself. An act comes back to the page its form stands on, never to an address that only
    takes a form.
    """
    if request.method in SAFE:
        return request.get_full_path()
    page = page_of(request)
    owner = _owner(request)
    if owner is not None and request.content_type in _FORMS and not request.path.startswith("/api/"):
        _keep(request, owner, page)
    return page


def note_kept(request: Any, user_id: UUID) -> None:
    """Remember in the session whether this person has something kept: pages ask no more than that."""
    request.session[UNTIL] = selectors.keeps_until(user_id, at=clock.real_now())


def page_of(request: HttpRequest) -> str:
    """The page a form was sent from; else the form's own address, or the nearest above it, that can be opened."""
    came = urlsplit(request.headers.get("Referer", ""))
    ours = {request.get_host(), urlsplit(settings.BASE_URL).netloc}
    query = f"?{came.query}" if came.query else ""
    if came.netloc in ours and opens(came.path) and len(came.path + query) <= _LONGEST_PAGE:
        return came.path + query
    start = came.path if came.netloc in ours and came.path.startswith("/") else request.path
    return next((path for path in _above(start) if opens(path)), "/")


def _above(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return [f"/{'/'.join(parts[:count])}/" for count in range(len(parts), 0, -1)]


def opens(path: str) -> bool:
    """Whether an address is a page: it answers a GET, as far as its decorators say."""
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    while view is not None:
        names = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if "request_method_list" in names:  # what Django's require_http_methods and its kin close over
            return "GET" in view.__closure__[names.index("request_method_list")].cell_contents  # type: ignore[index]
        view = getattr(view, "__wrapped__", None)  # type: ignore[assignment]
    return True


def _owner(request: HttpRequest) -> UUID | None:
    """Whose page the form was typed in, or None when that is not sure."""
    said = _cookie(request)
    user: Any = getattr(request, "session_owner", None) or getattr(request, "user", None)
    owner = str(user.pk) if user is not None and user.is_authenticated else str(said.get("u") or "")
    if not owner:
        return None
    if not getattr(request, "_dont_enforce_csrf_checks", False):  # Django's own mark, of its test client
        proved = owner == said.get("u") and any(constant_time_compare(_mark(request), one) for one in said["s"])
        return UUID(owner) if proved else None
    return UUID(owner)


def _cookie(request: HttpRequest) -> dict[str, Any]:
    try:
        age = settings.SESSION_COOKIE_AGE + rules.LIFE.total_seconds()
        return dict(signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=age))
    except signing.BadSignature:
        return {}


def _mark(request: HttpRequest) -> str:
    """The digest of the protection that the sent form carries; of nothing when it carries none."""
    token = _sent(request).get("csrfmiddlewaretoken", "")
    token = token if isinstance(token, str) and token.isascii() and token.isalnum() else ""
    if len(token) == CSRF_TOKEN_LENGTH:
        return _digest(_unmask_cipher_token(token))
    return _digest(token if len(token) == CSRF_SECRET_LENGTH else "")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def _sent(request: HttpRequest) -> Any:
    """The form; nothing when it cannot be read: what arrived is refused elsewhere."""
    try:
        return request.POST
    except (SuspiciousOperation, MultiPartParserError, OSError):
        return {}


def _keep(request: HttpRequest, owner: UUID, page: str) -> None:
    sent = _sent(request)
    fields = rules.worth_keeping(sent.lists() if sent else (), secret=secret_names())
    if not fields or len(request.path) > _LONGEST_ACTION:
        return
    services.keep(user_id=owner, action=request.path, page=page, fields=fields, at=clock.real_now())
    request.form_was_kept = True  # type: ignore[attr-defined]
    if request.user.is_authenticated:
        note_kept(request, owner)


@cache
def secret_names() -> frozenset[str]:
    """Names of every field of the house that holds a password or a code."""
    waiting, names = [Form], set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        for name, one in kind.base_fields.items():
            if getattr(one.widget, "input_type", "") == "password" or isinstance(one.widget, CodeInput):
                names.add(name)
    return frozenset(names)


def remember_pages(request: HttpRequest, response: HttpResponse) -> None:
    """Note in the browser whose pages it shows, and the protection that they carry."""
    secret, user = request.META.get("CSRF_COOKIE"), str(request.user.pk)
    if not secret:
        return
    said, mark = _cookie(request), _digest(str(secret)[-CSRF_SECRET_LENGTH:])
    known = said["s"] if said.get("u") == user else []
    if mark in known:
        return
    value = signing.dumps({"u": user, "s": [*known, mark][-_MAX_PAGES:]}, salt=_SALT)
    response.set_cookie(COOKIE, value, httponly=True, samesite="Lax", secure=settings.HTTPS, path="/")
