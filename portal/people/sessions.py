"""What a browser's session says about its person: factor proved, freshness, age. Real time only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from portal import clock
from portal.access import resume_at
from portal.people import rules, selectors
from portal.people.models import User
from portal.prepared import insert, prepared

BACKEND = "portal.people.backends.IdentifierBackend"
_SUFFIX = settings.SESSION_COOKIE_NAME.removeprefix("cauce_session")
_PREFIX = "__Host-" if settings.HTTPS else ""
DEVICE_COOKIE = f"{_PREFIX}cauce_device{_SUFFIX}"
REMEMBER_COOKIE = f"{_PREFIX}cauce_user{_SUFFIX}"


@transaction.atomic(savepoint=False)
def begin(request: HttpRequest, user: User, *, factor: str) -> None:
    """Sign the person in: the session's key changes, its age starts, it is listed and it is fresh (AU-12).

    It is written before it is listed, in one transaction: whoever ends what is listed ends it, also while this request
    is still answered.
    """
    for leftover in ("pending", "choosing", "passkey"):
        request.session.pop(leftover, None)
    login(request, user, backend=BACKEND)
    now = clock.real_now().timestamp()
    request.session.update({"factor": factor, "fresh_at": now, "began_at": now, "seen_at": now})
    request.session.save()
    agent = request.headers.get("User-Agent", "")[: UserSession._meta.get_field("user_agent").max_length]
    # The key is new: what `create_from_request` looks for first cannot be there.
    insert(UserSession(user=user, session_key=request.session.session_key, ip=client_ip(request), user_agent=agent))


def enter(request: HttpRequest, user: User, *, factor: str, known: bool | None = None) -> str:
    """Begin the session and put on record that the person came in, at once or not at all.

    Gives the cookie's value of a browser they never came with, "" for a known one (`known`: None where nobody looked).
    """
    from portal.people.services import sign_in

    if known is None:
        known = selectors.known_device(user, request.COOKIES.get(DEVICE_COOKIE, ""), at=clock.real_now()) is not None
    with transaction.atomic():  # the session, its place in the list and what is on record
        begin(request, user, factor=factor)
        return sign_in(by=user, factor=factor, new_browser="" if known else device_label(request), at=clock.now())


def is_demo(request: HttpRequest) -> bool:
    """A session of the demo's one-click sign-in, while the demo is on (AU-08)."""
    return bool(settings.DEMO and request.session.get("demo"))


def factor_of(request: HttpRequest) -> str:
    """What this session proved: password, totp, recovery, passkey, demo."""
    return "demo" if is_demo(request) else str(request.session.get("factor", "password"))


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved to be there in the last five minutes (AU-08)."""
    age = clock.real_now().timestamp() - float(request.session.get("fresh_at", 0))
    return is_demo(request) or 0 <= age <= rules.FRESH_FOR.total_seconds()


def confirm_url(request: HttpRequest, back: str = "") -> str:
    """Where to prove it, and to come back afterwards: to `back`, after a POST to the page it stood on.

    Whoever comes back to another page than the one that was asked for is told to ask again (`was_interrupted`).
    """
    page = resume_at(request)
    target = back or page
    request.session["interrupted"] = target != request.get_full_path()
    return f"{reverse('people:confirm_it_is_you')}?{urlencode({'next': target})}"


def was_interrupted(request: HttpRequest) -> bool:
    """Whether the confirmation stood in the way of an act that has to be asked for again; said once."""
    return bool(request.session.pop("interrupted", False))


def refresh(request: HttpRequest, *, factor: str) -> None:
    """The person proved it again; a stronger factor raises what the session proved."""
    request.session["fresh_at"] = clock.real_now().timestamp()
    if factor != "password":
        request.session["factor"] = factor


def has_enough(request: HttpRequest, user: User) -> bool:
    """Whether this session proved what the person's roles ask for (AU-08)."""
    return rules.factor_is_enough(factor_of(request), staff=user.is_back_office, passkey_only=user.is_passkey_only)


def is_over(request: HttpRequest, *, staff: bool) -> bool:
    """Whether it rested too long or is too old (AU-12). A session without marks (tests, demo) starts now."""
    now = clock.real_now()
    seen = request.session.get("seen_at")
    if seen is None:
        request.session.update({"began_at": now.timestamp(), "seen_at": now.timestamp()})
        return False
    began = request.session.get("began_at", seen)
    return rules.session_over(began=_instant(began), seen=_instant(seen), at=now, staff=staff)


def touch(request: HttpRequest) -> None:
    """Note the visit, at most once a minute."""
    now = clock.real_now().timestamp()
    if now - float(request.session["seen_at"]) >= 60:
        request.session["seen_at"] = now


def _instant(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, tz=UTC)


def ways_to_prove(user: User) -> frozenset[str]:
    """Second factors held and usable: of passkey, totp, recovery. Passkey-only roles: the passkey alone."""
    names = {"webauthn": "passkey", "totp": "totp", "recovery_codes": "recovery"}
    held = {names[kind] for kind in _factors(user.pk)}
    if "passkey" in held and user.is_passkey_only:
        return frozenset({"passkey"})
    return frozenset(held)


@prepared
def _factors(user_id: UUID) -> QuerySet[Authenticator, str]:
    return Authenticator.objects.filter(user=user_id).values_list("type", flat=True).distinct()


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """`next` only inside the portal: a path of ours, never another host (AU-13)."""
    target = str(request.POST.get("next") or request.GET.get("next") or "")
    ours = target.startswith("/") and url_has_allowed_host_and_scheme(
        target, allowed_hosts=None, require_https=settings.HTTPS
    )
    return target if ours and "\\" not in target and not any(ord(sign) < 32 for sign in target) else default


def note_refusal(request: HttpRequest) -> None:
    """Somebody signed in asked for a page of another role: on record, by the page's name (AD-01)."""
    from portal.people.services import record_refusal

    user: Any = request.user
    view = request.resolver_match.view_name if request.resolver_match else ""
    record_refusal(by=user, view=view, at=clock.now())


def client_ip(request: HttpRequest) -> str:
    """The address behind the trusted proxies, as the request's origin knows it."""
    from portal.history import context

    return context.current().ip or str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # a label


def device_label(request: HttpRequest) -> str:
    """«Chrome en Windows» from the user agent, for the list of devices."""
    agent = request.headers.get("User-Agent", "")
    browsers = (
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in agent), "Navegador")
    system = next((name for mark, name in systems if mark in agent), "")
    return f"{browser} en {system}" if system else browser


def listed(user: Any, request: HttpRequest) -> list[dict[str, Any]]:
    """The person's live sessions for the list: where, since when, whether it is this one."""
    rows = UserSession.objects.filter(user_id=user.pk).order_by("-created_at", "-pk")
    return [
        {"row": row, "label": _label(row.user_agent), "current": row.session_key == request.session.session_key}
        for row in rows
        if row.exists()
    ]


def _label(agent: str) -> str:
    request = HttpRequest()
    request.META["HTTP_USER_AGENT"] = agent
    return device_label(request)


def forget(request: HttpRequest) -> None:
    """Take this session off the list; `logout` deletes it on the server."""
    UserSession.objects.filter(session_key=request.session.session_key).delete()


@transaction.atomic
def keep_after_password_change(request: HttpRequest, user: User) -> None:
    """This session goes on under a new key, which is written as a new session's is, and the list follows it."""
    forget(request)
    update_session_auth_hash(request, user)
    request.session.save()
    UserSession.objects.create_from_request(request)
