"""Credentials for the API: the desk's for other organisations' systems, those organisations, and a person's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from portal import access, clock, identifiers, listing
from portal.access import Permission, requires, signed_in
from portal.design.asking import Question
from portal.errors import RuleBroken
from portal.listing import Page
from portal.people import listings, questions, rules, selectors, services, sessions
from portal.people.forms import CredentialOfSystemForm, OrganisationDetailsForm, OrganisationForm, OwnTokenForm
from portal.people.models import ApiToken, Party
from portal.people.views.access import answer


def _crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Credenciales", reverse("people:credentials")), *steps]


def _ask(request: HttpRequest, question: Question, crumbs: list[tuple[str, str]]) -> HttpResponse:
    """The page that asks: what was ended does not come back."""
    context = {"question": question, "typed": [], "action": request.path, "crumbs": crumbs}
    return render(request, "layouts/ask.html", context)


@requires(Permission.MANAGE_PEOPLE)
@require_GET
def credentials(request: HttpRequest) -> HttpResponseBase:
    """Which systems hold a credential, for what, until when."""

    def around(page: Page) -> dict[str, Any]:
        return {"organisations": selectors.organisations()}

    return listing.answer(request, listings.CREDENTIALS, "people/credentials.html", around)


@requires(Permission.MANAGE_PEOPLE, fresh=True)
@require_http_methods(["GET", "POST"])
def give_credential(request: HttpRequest) -> HttpResponse:
    """Give one; its secret stands in this answer and nowhere else."""
    user: Any = request.user
    parties = [(str(party.pk), str(party)) for party in selectors.organisations()]
    until = rules.offered_until(clock.date_in(clock.real_now()), own=False)
    first = {"until": until, "party": request.GET.get("organizacion", "")}
    form = CredentialOfSystemForm(request.POST or None, parties=parties, initial=first)
    extra: dict[str, Any] = {"crumbs": _crumbs(("Nueva credencial", "")), "parties": parties}
    if request.method == "GET" or not form.is_valid():
        return answer(request, "people/credential_new.html", form, **extra)
    asked = form.cleaned_data | {"party": Party.objects.get(pk=form.cleaned_data["party"])}
    try:
        token, secret = services.give_credential(**asked, by=user, at=clock.now())
    except RuleBroken as broken:
        return answer(request, "people/credential_new.html", form, broken, **extra)
    shown = {"token": token, "secret": secret, "crumbs": _crumbs((token.name, ""))}
    return render(request, "people/credential_made.html", shown)


@requires(Permission.MANAGE_PEOPLE, fresh=True)
@require_http_methods(["GET", "POST"])
def end_credential(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Ask, then let it open nothing any more."""
    user: Any = request.user
    token = get_object_or_404(ApiToken.objects.exclude(party=None), pk=token_id)
    if request.method == "GET":
        return _ask(request, questions.end_credential(token), _crumbs((token.name, "")))
    services.end_token(token=token, by=user, at=clock.now())
    messages.success(request, f"La credencial «{token.name}» ya no abre nada.")
    return redirect("people:credentials")


@requires(Permission.MANAGE_PEOPLE, fresh=True)
@require_http_methods(["GET", "POST"])
def add_organisation(request: HttpRequest) -> HttpResponse:
    """An insurer that will send or pay orders."""
    user: Any = request.user
    form = OrganisationForm(request.POST or None)
    extra: dict[str, Any] = {"crumbs": _crumbs(("Nueva organización", ""))}
    if request.method == "GET" or not form.is_valid():
        return answer(request, "people/organisation_new.html", form, **extra)
    try:
        made = services.add_organisation(**form.cleaned_data, by=user, at=clock.now())
    except RuleBroken as broken:
        return answer(request, "people/organisation_new.html", form, broken, **extra)
    for doubt in identifiers.check("rfc", made.rfc).warnings:
        messages.warning(request, f"{doubt.message} {doubt.cure}")
    messages.success(request, f"Listo: «{made.name}» ya puede recibir una credencial.")
    return redirect(f"{reverse('people:give_credential')}?organizacion={made.pk}")


@requires(Permission.MANAGE_PEOPLE, fresh=True)
@require_http_methods(["GET", "POST"])
def change_organisation(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """What its CFDI says of it changes here and nowhere else (AU-15)."""
    user: Any = request.user
    party = get_object_or_404(Party, pk=party_id, kind=Party.Kind.ORGANISATION)
    now = {name: getattr(party, name) for name in ("name", "zip_code", "fiscal_regime")}
    form = OrganisationDetailsForm(request.POST or None, initial=now)
    if request.method == "GET" or not form.is_valid():
        extra: dict[str, Any] = {"party": party, "crumbs": _crumbs((party.name, ""))}
        return answer(request, "people/organisation.html", form, **extra)
    services.change_organisation(party=party, **form.cleaned_data, by=user, at=clock.now())
    messages.success(request, "Guardamos los datos de la organización. Lo nuevo se revisa con ellos.")
    return redirect("people:credentials")


@signed_in
@require_GET
def own_tokens(request: HttpRequest) -> HttpResponseBase:
    """A person's own credentials for the API: for what, until when, last used."""
    return listing.answer(request, listings.OWN_TOKENS, "people/own_tokens.html", {"crumbs": _own_crumbs()})


def _own_crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    own = reverse("people:own_tokens") if steps else ""
    return [("Mi perfil", reverse("people:account")), ("Credenciales para la API", own), *steps]


@access.signed_in_fresh
@require_http_methods(["GET", "POST"])
def give_own_token(request: HttpRequest) -> HttpResponse:
    """Make one; its secret stands in this answer and nowhere else."""
    user: Any = request.user
    until = rules.offered_until(clock.date_in(clock.real_now()), own=True)
    form = OwnTokenForm(request.POST or None, initial={"until": until})
    extra: dict[str, Any] = {"crumbs": _own_crumbs(("Nueva credencial", ""))}
    if request.method == "GET" or not form.is_valid():
        return answer(request, "people/own_token_new.html", form, **extra)
    factor = sessions.factor_of(request)
    try:
        token, secret = services.give_own_token(**form.cleaned_data, factor=factor, by=user, at=clock.now())
    except RuleBroken as broken:
        return answer(request, "people/own_token_new.html", form, broken, **extra)
    shown = {"token": token, "secret": secret, "crumbs": _own_crumbs((token.name, ""))}
    return render(request, "people/own_token_made.html", shown)


@signed_in
@require_http_methods(["GET", "POST"])
def end_own_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Ask, then let it open nothing any more."""
    user: Any = request.user
    token = get_object_or_404(user.api_tokens.filter(party=None), pk=token_id)
    if request.method == "GET":
        return _ask(request, questions.end_own_token(token), _own_crumbs((token.name, "")))
    services.end_token(token=token, by=user, at=clock.now())
    messages.success(request, f"La credencial «{token.name}» ya no abre nada.")
    return redirect("people:own_tokens")
