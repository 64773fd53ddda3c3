"""One's own account: details, password, second address, devices, consents."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock, identifiers
from portal.access import ROLE_LABELS, Permission, signed_in
from portal.design.theming import THEME_LABELS, theme_of
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.once.services import throttle
from portal.people import registry, rules, selectors, services, sessions
from portal.people.forms import ChangePasswordForm, DetailsForm, SecondaryEmailForm, TakeWayForm
from portal.people.models import SecondaryEmail
from portal.people.views.access import answer


def _second(user: Any) -> SecondaryEmail | None:
    return SecondaryEmail.objects.filter(user=user).first()


@signed_in
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Everything about oneself, with a way to each part."""
    user: Any = request.user
    rows = user.identifiers.order_by("kind", "pk")
    known = [(_label(row.kind), _shown(row.kind, row.typed)) for row in rows]
    prefetch_related_objects(user.live_grants, "party")
    grants = [(ROLE_LABELS[grant.role], grant.party.name or "Tus propios asuntos") for grant in user.live_grants]
    ways, theme = sessions.ways_to_prove(user), theme_of(request)
    return render(
        request,
        "people/account.html",
        {
            "facts": [("Nombre", user.name), *known],
            "grants": grants,
            "second": _second(user),
            "ways": ways,
            "by_passkey": "passkey" in ways,
            "themes": [(value, label, value == theme) for value, label in THEME_LABELS.items()],
            "more": registry.ways_left(user.roles),
        },
    )


def _label(kind: str) -> str:
    return {"email": "Correo", "rfc": "RFC", "rut": "RUT", "curp": "CURP"}[kind]


def _shown(kind: str, canonical: str) -> str:
    return canonical if kind == "email" else identifiers.mask(kind, canonical)


@signed_in
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Name and postal code."""
    user: Any = request.user
    party = selectors.own_party(user, Permission.MANAGE_OWN_TEAM)
    initial = {"name": user.name, "zip_code": party.zip_code if party else ""}
    form = DetailsForm(request.POST or None, initial=initial)
    if request.method == "GET" or not form.is_valid():
        return answer(request, "people/details.html", form, party=party)
    services.set_own_details(by=user, **form.cleaned_data, at=clock.now())
    messages.success(request, "Guardamos tus datos.")
    return redirect("people:account")


@signed_in
@require_http_methods(["GET", "POST"])
@once_only("people.take_way")
def take_way(request: HttpRequest) -> HttpResponse:
    """Another way to use the portal with the same profile: a member who is a physician too; chosen first (`?tipo=`)."""
    user: Any = request.user
    ways = {one.role: one for one in registry.ways_left(user.roles)}
    way = ways.get(request.GET.get("tipo", ""))
    crumbs = [("Mi perfil", reverse("people:account")), ("Otra forma de usar el portal", "")]
    if way is None:
        return render(request, "people/ways.html", {"ways": ways.values(), "crumbs": crumbs})
    text = selectors.latest_text(way.consents[0])
    if text is None:
        raise RuleBroken("Falta publicar el aviso de privacidad. Vuelve a intentarlo más tarde.", code="no_text")
    form, shown = TakeWayForm(request.POST or None, way=way), {"way": way, "text": text, "crumbs": crumbs}
    if request.method == "GET" or not form.is_valid():
        return answer(request, "people/take_way.html", form, **shown)
    throttle(scope="people.take_way", key=str(user.pk), limit=5, window=86_400)
    typed = form.cleaned_data.get(way.identifier, "")
    try:
        services.take_way(role=way.role, identifier=typed, text=text, by=user, at=clock.now())
    except RuleBroken as broken:
        return answer(request, "people/take_way.html", form, broken, **shown)
    messages.success(request, f"Listo: con este perfil ya entras también como «{way.label}».")
    return redirect(way.first_page)


@signed_in
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("current", "password")
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the password; the other sessions end, this one stays under a new key (AU-05)."""
    user: Any = request.user
    form = ChangePasswordForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return answer(request, "people/change_password.html", form)
    try:
        services.change_password(
            by=user, **form.cleaned_data, keep_session=str(request.session.session_key), at=clock.now()
        )
    except RuleBroken as broken:
        return answer(request, "people/change_password.html", form, broken)
    sessions.keep_after_password_change(request, user)
    messages.success(request, "Tu contraseña cambió. Cerramos tus otras sesiones y te mandamos un correo.")
    return redirect("people:account")


@signed_in
@require_http_methods(["GET", "POST"])
def secondary_email(request: HttpRequest) -> HttpResponse:
    """A second address that gets the notices once confirmed (S3.2, AU-07)."""
    user: Any = request.user
    form = SecondaryEmailForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return answer(request, "people/secondary_email.html", form, second=_second(user))
    try:
        services.add_secondary_email(by=user, address=form.cleaned_data["address"], at=clock.now())
    except RuleBroken as broken:
        return answer(request, "people/secondary_email.html", form, broken, second=_second(user))
    messages.success(request, "Te mandamos un correo a esa dirección. Cuando lo confirmes, recibirá tus avisos.")
    return redirect("people:account")


@signed_in
@require_POST
def remove_secondary_email(request: HttpRequest) -> HttpResponse:
    """No more notices there."""
    user: Any = request.user
    services.remove_secondary_email(by=user, at=clock.now())
    messages.success(request, "Quitamos tu segundo correo.")
    return redirect("people:account")


@signed_in
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """Open sessions and browsers that are known."""
    user: Any = request.user
    known = selectors.devices_of(user, at=clock.real_now())
    return render(request, "people/devices.html", {"sessions": sessions.listed(user, request), "known": known})


@signed_in
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    user: Any = request.user
    services.end_sessions(by=user, keep=str(request.session.session_key), at=clock.now())
    messages.success(request, "Cerramos tus otras sesiones.")
    return redirect("people:devices")


@signed_in
@require_POST
def forget_device(request: HttpRequest, device_id: int) -> HttpResponse:
    """This browser is a stranger again."""
    user: Any = request.user
    device = user.known_devices.filter(pk=device_id).first()
    if device is None:
        raise Http404
    services.forget_device(by=user, device=device, at=clock.now())
    messages.success(request, "Olvidamos ese dispositivo.")
    return redirect("people:devices")


@signed_in
@require_http_methods(["GET", "POST"])
def consents(request: HttpRequest) -> HttpResponse:
    """What has to be accepted now, and what was accepted before."""
    user: Any = request.user
    missing = selectors.missing_consents(user)
    if request.method == "POST" and missing:
        text = missing[0]
        if request.POST.get("consent") != "on" or request.POST.get("text") != str(text.pk):
            messages.error(request, "Para seguir hace falta que leas el aviso y marques la casilla.")
            return redirect("people:consents")
        services.accept_consent(by=user, text=text, purposes=["necessary"], proof="session", at=clock.now())
        request.session.pop("consents_at", None)
        return redirect("people:consents" if len(missing) > 1 else request.session.pop("stopped_at", "home"))
    purposes = [one.purpose for one in rules.sign_ups_of(user.roles)]
    shown = {"text": missing[0] if missing else None, "given": selectors.consents_of(user)}
    return render(request, "people/consents.html", {**shown, "purpose": " y ".join(purposes)})


@signed_in
@require_POST
def withdraw_consent(request: HttpRequest, consent_id: int) -> HttpResponse:
    """Take a consent back: what was given stays on record, and a required one is asked for again at once (PR-01)."""
    user: Any = request.user
    consent = user.consents.filter(pk=consent_id).first()
    if consent is None:
        raise Http404
    services.withdraw_consent(by=user, consent=consent, at=clock.now())
    request.session.pop("consents_at", None)
    messages.success(request, "Retiraste tu consentimiento. Desde ahora no tratamos tus datos para eso.")
    return redirect("people:consents")
