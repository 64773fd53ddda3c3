"""Security of one's account: second factors and «confirma que eres tú»."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock
from portal.access import signed_in
from portal.errors import RuleBroken
from portal.people import passkeys, services, sessions
from portal.people.adapters import MfaAdapter
from portal.people.forms import CodeForm, CredentialForm, PasswordForm, ProofForm
from portal.people.views.access import answer, offered_ways

_Type = Authenticator.Type
View = Callable[..., HttpResponse]


def _fresh(view: View) -> View:
    """Own security asks for a confirmation up to five minutes old."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not sessions.is_fresh(request):
            return redirect(sessions.confirm_url(request))
        return view(request, *args, **kwargs)

    return checked


@signed_in
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    """Passkeys, codes, and what is missing to go on."""
    user: Any = request.user
    rows = Authenticator.objects.filter(user=user).order_by("pk")
    return render(
        request,
        "mfa/security.html",
        {
            "keys": [row for row in rows if row.type == _Type.WEBAUTHN],
            "totp": next((row for row in rows if row.type == _Type.TOTP), None),
            "rescue": any(row.type == _Type.RECOVERY_CODES for row in rows),
            "blocked": not sessions.has_enough(request, user),
            "passkey_only": user.is_passkey_only,
        },
    )


@signed_in
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
def confirm_it_is_you(request: HttpRequest) -> HttpResponse:
    """Prove to be there: with a second factor where one is held, else with the password (AU-08)."""
    user: Any = request.user
    ways = sessions.ways_to_prove(user)
    options: dict[str, Any] = {}
    if "passkey" in ways:
        options, request.session["passkey"] = passkeys.begin_authentication(user)
    form = ProofForm(request.POST or None) if ways else PasswordForm(request.POST or None)
    extra: dict[str, Any] = offered_ways(ways) | {"options": json.dumps(options)}
    if request.method == "GET" or ways == {"passkey"} or not form.is_valid():
        return answer(request, "mfa/confirm.html", form, **extra)
    try:
        factor = _prove(request, user, form)
    except RuleBroken as broken:
        return answer(request, "mfa/confirm.html", form, broken, **extra)
    return _confirmed(request, factor)


def _confirmed(request: HttpRequest, factor: str) -> HttpResponse:
    """Fresh from now on; back to where it was asked, with a word when the act has to be repeated."""
    sessions.refresh(request, factor=factor)
    if sessions.was_interrupted(request):
        messages.success(request, "Confirmamos que eres tú; vale 5 minutos. Ahora repite lo que ibas a hacer.")
    return redirect(sessions.safe_next(request))


def _prove(request: HttpRequest, user: Any, form: Any) -> str:
    cookie = request.COOKIES.get(sessions.DEVICE_COOKIE, "")
    if isinstance(form, ProofForm):
        code = form.cleaned_data["code"]
        return services.use_code(user=user, code=code, device_cookie=cookie, at=clock.now())
    ip, password = sessions.client_ip(request), form.cleaned_data["password"]
    proved = services.confirm_password(by=user, password=password, ip=ip, device_cookie=cookie, at=clock.now())
    if proved.password != user.password:  # kept anew under the hasher of today: this session stays (AU-12)
        sessions.keep_after_password_change(request, proved)
    return "password"


@signed_in
@require_POST
def confirm_passkey(request: HttpRequest) -> HttpResponse:
    """The passkey's answer to «confirma que eres tú»."""
    user: Any = request.user
    form = CredentialForm(request.POST)
    state = request.session.pop("passkey", None)
    try:
        if not form.is_valid():
            raise passkeys.PasskeyRefused("empty")
        services.use_passkey(user=user, state=state, response=form.cleaned_data["credential"], at=clock.now())
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect("people:confirm_it_is_you")
    return _confirmed(request, "passkey")


@signed_in
@require_http_methods(["GET", "POST"])
@_fresh
def totp(request: HttpRequest) -> HttpResponse:
    """Turn on the codes of a telephone: QR, seed as text, first code."""
    user: Any = request.user
    secret = request.session.setdefault("totp_seed", generate_totp_secret())
    form = CodeForm(request.POST or None)
    groups = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    extra: dict[str, Any] = {"qr": _qr(MfaAdapter().build_totp_url(user, secret)), "secret": groups}
    if request.method == "GET" or not form.is_valid():
        return answer(request, "mfa/totp.html", form, **extra)
    try:
        codes = services.enable_totp(by=user, secret=secret, code=form.cleaned_data["code"], at=clock.now())
    except RuleBroken as broken:
        return answer(request, "mfa/totp.html", form, broken, **extra)
    del request.session["totp_seed"]
    sessions.refresh(request, factor="totp")
    return _show_codes(request, codes)


def _qr(url: str) -> SafeString:
    """Inline SVG without styles (D2)."""
    drawing = segno.make(url, micro=False).svg_inline(scale=5, dark="#000000", light="#ffffff", title="Código QR")
    return mark_safe(drawing)  # made by segno from a quoted address


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Recovery codes are shown in this answer only."""
    return render(request, "mfa/codes.html", {"codes": codes})


@signed_in
@require_http_methods(["GET", "POST"])
@_fresh
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Make a passkey: the page's script asks the browser, the form brings its answer."""
    user: Any = request.user
    form = CredentialForm(request.POST or None)
    broken = None
    if request.method == "POST" and form.is_valid():
        state = request.session.pop("passkey", None)
        try:
            codes = services.add_passkey(
                by=user,
                state=state,
                response=form.cleaned_data["credential"],
                name=form.cleaned_data["name"],
                at=clock.now(),
            )
        except RuleBroken as refused:
            broken = refused
        else:
            sessions.refresh(request, factor="passkey")
            return _show_codes(request, codes) if codes else redirect("people:security")
    options, request.session["passkey"] = passkeys.begin_registration(user)
    return answer(request, "mfa/passkey_add.html", form, broken, options=json.dumps(options))


@signed_in
@require_POST
@_fresh
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them once."""
    user: Any = request.user
    if not sessions.ways_to_prove(user):
        raise Http404
    return _show_codes(request, services.new_recovery_codes(by=user, at=clock.now()))


@signed_in
@require_POST
@_fresh
def remove_factor(request: HttpRequest, factor_id: int) -> HttpResponse:
    """Remove a passkey or the codes."""
    user: Any = request.user
    factor = Authenticator.objects.filter(user=user, pk=factor_id).exclude(type=_Type.RECOVERY_CODES).first()
    if factor is None:
        raise Http404
    try:
        services.remove_factor(by=user, factor=factor, at=clock.now())
        messages.success(request, "Quitamos esa forma de entrar.")
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect("people:security")
