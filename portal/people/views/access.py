"""Coming in and going out: sign-in, second step, sign-up, recovery."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock, identifiers
from portal.access import public, signed_in
from portal.design.forms import refuse
from portal.errors import Conflict, RuleBroken, TooMany
from portal.people import passkeys, registry, rules, selectors, services, sessions
from portal.people.forms import (
    ChoosePasswordForm,
    CredentialForm,
    ProofForm,
    RecoverForm,
    SignInForm,
    SignUpForm,
)
from portal.people.models import ConsentText, User

DOOR = "Es la puerta: se entra sin haber entrado."
PENDING_SECONDS = 600


def answer(
    request: HttpRequest, template: str, form: Form, broken: RuleBroken | None = None, **extra: Any
) -> HttpResponse:
    """A form's page: 200 fresh, 422 with errors, 429 with Retry-After when slowed down."""
    if broken is not None:
        refuse(form, broken)
    status = broken.status if broken is not None else 422 if form.errors else 200
    page = render(request, template, {"form": form, "next": sessions.safe_next(request), **extra}, status=status)
    if isinstance(broken, TooMany):
        page["Retry-After"] = str(broken.retry_after)
    return page


@public(DOOR)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """One box for e-mail, RFC or RUT, one for the password or the one-time secret."""
    if request.user.is_authenticated:
        return redirect(sessions.safe_next(request))
    known = selectors.remembered_name(request.COOKIES.get(sessions.REMEMBER_COOKIE, ""), at=clock.real_now())
    form = SignInForm(request.POST or None, remembered=selectors.masked(known.identifier) if known else "")
    if request.method == "GET" or not form.is_valid():
        return answer(request, "account/sign_in.html", form)
    typed = form.cleaned_data["identifier"] or (known.identifier.typed if known else "")
    try:
        proof, handle = services.prove_password(
            identifier=typed,
            password=form.cleaned_data["password"],
            ip=sessions.client_ip(request),
            device_cookie=request.COOKIES.get(sessions.DEVICE_COOKIE, ""),
            handle=request.COOKIES.get(sessions.REMEMBER_COOKIE, ""),
            remembers=form.cleaned_data["remember"],
            at=clock.now(),
        )
    except RuleBroken as broken:
        return answer(request, "account/sign_in.html", form, broken)
    response = _after_password(request, proof, form.cleaned_data["password"])
    return _remembering(request, response, handle)


def _after_password(request: HttpRequest, proof: services.Proof, password: str) -> HttpResponse:
    if proof.with_secret:
        return _to_choose(request, proof.user, password)
    if sessions.ways_to_prove(proof.user):
        return _to_second_step(request, proof.user)
    return enter(request, proof.user, factor="password", known=proof.from_known)


def _remembering(request: HttpRequest, response: HttpResponse, handle: str) -> HttpResponse:
    """«Recordar usuario»: the browser's new handle replaces its old one, none deletes it (AU-11)."""
    if handle:
        life = int(rules.REMEMBERED_LIFE.total_seconds())
        response.set_cookie(
            sessions.REMEMBER_COOKIE,
            handle,
            max_age=life,
            httponly=True,
            samesite="Lax",
            secure=settings.HTTPS,
            path="/",
        )
    elif sessions.REMEMBER_COOKIE in request.COOKIES:
        response.delete_cookie(sessions.REMEMBER_COOKIE, samesite="Lax")
    return response


def _to_choose(request: HttpRequest, user: User, secret: str) -> HttpResponse:
    """Nobody is signed in by a one-time secret: the session only remembers who may choose a password."""
    request.session.flush()
    request.session["choosing"] = {"user": str(user.pk), "digest": rules.digest(rules.plain_secret(secret))}
    return redirect("people:choose_password")


def _to_second_step(request: HttpRequest, user: User) -> HttpResponse:
    target = sessions.safe_next(request)
    request.session.cycle_key()
    proved = {"user": str(user.pk), "at": clock.real_now().timestamp(), "password": user.get_session_auth_hash()}
    request.session["pending"] = proved
    return redirect(f"{reverse('people:second_step')}?{urlencode({'next': target})}")


def enter(request: HttpRequest, user: User, *, factor: str, known: bool | None = None) -> HttpResponse:
    """Everything asked for was proved: begin the session, remember the browser unless it is known, go on."""
    target = sessions.safe_next(request)
    made = sessions.enter(request, user, factor=factor, known=known)
    response = HttpResponseRedirect(target)
    return _known_by(response, made) if made else response


def _known_by(response: HttpResponse, cookie: str) -> HttpResponse:
    life = int(rules.DEVICE_LIFE.total_seconds())
    response.set_cookie(
        sessions.DEVICE_COOKIE, cookie, max_age=life, httponly=True, samesite="Lax", secure=settings.HTTPS, path="/"
    )
    return response


def _pending(request: HttpRequest) -> User | None:
    """Who typed the right password up to ten minutes ago and owes the second step; a changed password ends that."""
    pending = request.session.get("pending")
    if not pending or clock.real_now().timestamp() - pending["at"] > PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=pending["user"], disabled_at=None).first()
    same = user is not None and constant_time_compare(pending["password"], user.get_session_auth_hash())
    return user if same else None


def offered_ways(ways: frozenset[str]) -> dict[str, bool]:
    """Which parts of a page of proof are shown: the passkey's button, the box for a code."""
    return {"by_passkey": "passkey" in ways, "by_code": bool(ways & {"totp", "recovery"})}


@public(DOOR)
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """A code of the telephone, a recovery code or a passkey, whichever the person holds."""
    user = _pending(request)
    if user is None:
        return redirect("people:sign_in")
    ways = sessions.ways_to_prove(user)
    options: dict[str, Any] = {}
    if "passkey" in ways:
        options, request.session["passkey"] = passkeys.begin_authentication(user)
    form = ProofForm(request.POST or None)
    extra: dict[str, Any] = offered_ways(ways) | {"options": json.dumps(options)}
    if request.method == "GET" or not extra["by_code"] or not form.is_valid():
        return answer(request, "account/second_step.html", form, **extra)
    try:
        factor = services.use_code(
            user=user,
            code=form.cleaned_data["code"],
            device_cookie=request.COOKIES.get(sessions.DEVICE_COOKIE, ""),
            at=clock.now(),
        )
    except RuleBroken as broken:
        return answer(request, "account/second_step.html", form, broken, **extra)
    return enter(request, user, factor=factor)


@public(DOOR)
@require_POST
def second_step_passkey(request: HttpRequest) -> HttpResponse:
    """The passkey's answer as a second step."""
    user = _pending(request)
    form = CredentialForm(request.POST)
    if user is None or not form.is_valid():
        return redirect("people:sign_in")
    return _with_passkey(request, user, form.cleaned_data["credential"], back="people:second_step")


@public(DOOR)
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """A challenge for whoever holds a passkey: fetched by the page's script."""
    options, request.session["passkey"] = passkeys.begin_authentication(None)
    return JsonResponse(options)


@public(DOOR)
@require_POST
def sign_in_passkey(request: HttpRequest) -> HttpResponse:
    """Passkey alone: possession and user verification are two factors in one (AU-09)."""
    form = CredentialForm(request.POST)
    if not form.is_valid():
        return redirect("people:sign_in")
    return _with_passkey(request, None, form.cleaned_data["credential"], back="people:sign_in")


def _with_passkey(request: HttpRequest, user: User | None, credential: Any, *, back: str) -> HttpResponse:
    state = request.session.pop("passkey", None)
    try:
        person = services.use_passkey(user=user, state=state, response=credential, at=clock.now())
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(back)
    return enter(request, person, factor="passkey")


@public(DOOR)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
def choose_password(request: HttpRequest) -> HttpResponse:
    """The only page that a one-time secret opens (AU-01)."""
    choosing = request.session.get("choosing")
    if not choosing:
        return redirect("people:sign_in")
    user = User.objects.get(pk=choosing["user"])
    form = ChoosePasswordForm(request.POST or None, birth=registry.asks_birth(user))
    if request.method == "GET" or not form.is_valid():
        return answer(request, "account/choose_password.html", form)
    try:
        told = {"digest": choosing["digest"], "browser": sessions.device_label(request), **form.cleaned_data}
        made = services.choose_password(by=user, **told, at=clock.now())
    except RuleBroken as broken:
        if broken.code == "secret_gone":
            request.session.flush()
        return answer(request, "account/choose_password.html", form, broken)
    request.session.flush()
    messages.success(request, "Listo: tu contraseña quedó guardada. Entra con ella.")
    return _known_by(redirect("people:sign_in"), made)


@signed_in
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on the server and clean the browser (AU-12)."""
    user: Any = request.user
    services.record_sign_out(by=user, at=clock.now())
    sessions.forget(request)
    logout(request)
    response = redirect("home")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@public("Quien aún no tiene perfil se registra aquí (S0.2).")
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Identifier, e-mail, password and consent; the answer is the same for known and unknown (AU-03).

    With several declared ways one is chosen first (`?tipo=`); a door leads to its own page.
    """
    ways, door = rules.SIGN_UPS, rules.DOORS.get(request.GET.get("tipo", ""))
    if door is not None:
        return redirect(door.page)
    way = ways.get(
        request.GET.get("tipo", ""), next(iter(ways.values())) if len(ways) + len(rules.DOORS) == 1 else None
    )
    if way is None:
        told = [(one.role, one) for one in ways.values()] + [(one.slug, one) for one in rules.DOORS.values()]
        return render(request, "account/sign_up_kinds.html", {"ways": told})
    text = selectors.latest_text(way.consents[0])
    form = SignUpForm(request.POST or None, way=way)
    if text is None:
        raise RuleBroken(
            "Falta publicar el aviso de privacidad; mientras tanto no se puede registrar nadie.", code="no_text"
        )
    shown = {"text": text, "way": way}
    if request.method == "GET" or not form.is_valid():
        return answer(request, "account/sign_up.html", form, **shown)
    asked = {name: form.cleaned_data[name] for name in ("email", "password")}
    typed = form.cleaned_data[way.identifier]
    try:
        services.register_person(
            role=way.role, identifier=typed, **asked, text=text, ip=sessions.client_ip(request), at=clock.now()
        )
    except RuleBroken as broken:
        return answer(request, "account/sign_up.html", form, broken, **shown)
    # That nobody can own it is told by mail, as of one that is taken: the page is the same (AU-15).
    doubts = [
        one for one in identifiers.check(selectors.kind_typed(way, typed), typed).warnings if one.code != "rfc_generic"
    ]
    return render(request, "account/check_mail.html", {"signs_up": True, "doubts": doubts})


@public("El enlace del correo se abre sin haber entrado.")
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button: opening the link changes nothing, pressing it makes the account."""
    if request.method == "GET":
        waiting = selectors.waiting_registration(token, at=clock.real_now())
        return render(request, "account/confirm.html", {"waiting": waiting}, status=200 if waiting else 404)
    try:
        services.confirm_email(token=token, at=clock.now())
    except Conflict as known:
        messages.info(request, known.message)
        return redirect("people:sign_in")
    messages.success(request, "Tu correo quedó confirmado. Entra con él, o con el RFC, RUT o CURP que escribiste.")
    return redirect("people:sign_in")


@public("El enlace del correo se abre sin haber entrado.")
@require_http_methods(["GET", "POST"])
def confirm_secondary(request: HttpRequest, token: str) -> HttpResponse:
    """The owner of a second address agrees to get notices."""
    if request.method == "GET":
        return render(request, "account/confirm_secondary.html")
    services.confirm_secondary_email(token=token, at=clock.now())
    messages.success(request, "Este correo recibirá los avisos de ese perfil.")
    return redirect("home")


@public("Quien perdió su contraseña no puede entrar a pedirla.")
@require_http_methods(["GET", "POST"])
def recover(request: HttpRequest) -> HttpResponse:
    """Ask for a one-time secret; the page is the same whoever it is (AU-02)."""
    form = RecoverForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return answer(request, "account/recover.html", form)
    try:
        services.ask_secret(identifier=form.cleaned_data["identifier"], ip=sessions.client_ip(request), at=clock.now())
    except TooMany as broken:
        return answer(request, "account/recover.html", form, broken)
    return render(request, "account/check_mail.html", {"signs_up": False})


@public("El aviso de privacidad se lee antes de registrarse.")
@require_GET
def consent_text(request: HttpRequest, kind: str, version: int, owner: UUID | None = None) -> HttpResponse:
    """One version of a text, everybody's or its owner's; `?formato=txt` gives the very bytes that were accepted and
    hashed (PR-01).
    """
    text = ConsentText.objects.filter(kind=kind, version=version, owner=owner).first()
    if text is None:
        raise Http404
    if request.GET.get("formato") == "txt":
        return HttpResponse(text.body, content_type="text/plain; charset=utf-8")
    return render(request, "account/consent_text.html", {"text": text})


@public("El aviso de privacidad en vigor, para quien sea.")
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """The version in force."""
    text = selectors.latest_text("portal-privacy")
    if text is None:
        raise Http404
    return render(request, "account/consent_text.html", {"text": text})
