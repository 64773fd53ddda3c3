"""Paying by card: the page that leads to the gateway and waits for its word, and the address where it says it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from memberships import forms, gateway, listings, selectors, services
from memberships.models import CardAttempt, GatewayDoubt
from memberships.rules import card as rules
from portal import clock
from portal.access import Permission as P
from portal.access import may, public, requires
from portal.design.forms import refuse
from portal.design.middleware import policy_for_form_to
from portal.errors import RuleBroken, TooLarge
from portal.listing import answer
from portal.once.decorators import once_only

_WHY = "El código del pago es la llave: muestra meses e importes, ningún nombre."
_SECONDS = "4"  # after which a page that waits asks again


@public(_WHY)
@require_safe
def card(request: HttpRequest, code: str) -> HttpResponse:
    """One attempt: on to the gateway's page while it is open, what became of it afterwards; back from there it waits.

    The only page whose form may leave the portal, and only to the gateway.
    """
    rows = CardAttempt.objects.select_related("membership", "party")
    found = get_object_or_404(rows, code=code.upper())
    came_back = request.GET.get("regreso") == "si"
    goes, waits, refreshes = selectors.card_way(found, came_back=came_back, at=clock.real_now())
    own = P.PAY_DUES in getattr(request.user, "permissions", ()) and found.party_id in request.user.party_ids(  # type: ignore[union-attr]
        P.PAY_DUES
    )
    shown = selectors.card_page(found)
    context: dict[str, Any] = shown | {
        "told": selectors.card_told(found, lead=shown["lead"], again=shown["again"]),
        "order": gateway.order_for(found) if goes else None,
        "gateway": f"{settings.GATEWAY_URL}/pagar",
        "waits": waits,
        "refreshes": refreshes,
        "own": own,
        "crumbs": [("Mi membresía", reverse("memberships:home")), (found.folio, "")] if own else [],
    }
    page = render(request, "memberships/card.html", context)
    if goes:
        page["Content-Security-Policy"] = policy_for_form_to(gateway.origin())
    elif refreshes:
        page["Refresh"] = _SECONDS
    return page


@public("La pasarela avisa sin sesión; la firma de cada aviso es su llave.")
@csrf_exempt
@require_POST
def gateway_events(request: HttpRequest) -> HttpResponse:
    """What the gateway says of an attempt: signed, each event once; anything else is refused and nothing stored."""
    if int(request.headers.get("content-length") or 0) > rules.LONGEST_WORD:
        raise TooLarge("El aviso es demasiado largo.", code="event_too_long")
    try:
        services.receive_event(body=request.body, signature=request.headers.get(gateway.HEADER, ""), at=clock.now())
    except RuleBroken as refused:
        return JsonResponse({"error": {"code": refused.code, "message": refused.message}}, status=refused.status)
    return HttpResponse(status=204)


@requires(P.SEE_COLLECTIONS)
@require_safe
def card_attempts(request: HttpRequest) -> HttpResponseBase:
    """Every attempt to pay by card, the newest first."""
    crumbs = [("Cobranza", reverse("treasury:deposits")), ("Tarjetas", "")]
    return answer(request, listings.CARD_ATTEMPTS, "memberships/desk/card_attempts.html", {"crumbs": crumbs})


@requires(P.SEE_COLLECTIONS)
@require_safe
def card_attempt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One attempt at the desk: whose it is, its receipt, what of it was asked back."""
    rows = CardAttempt.objects.visible_to(request.user).select_related("membership")
    found = get_object_or_404(rows, pk=pk)
    crumbs = [("Tarjetas", reverse("memberships:card_attempts")), (found.folio, "")]
    context = {
        "attempt": found,
        "facts": selectors.attempt_facts(found),
        "refunds": may(request.user, P.MATCH_DEPOSITS) and selectors.may_be_refunded(found),
        "crumbs": crumbs,
    }
    return render(request, "memberships/desk/card_attempt.html", context)


@requires(P.SEE_COLLECTIONS)
@require_safe
def card_doubt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A doubtful event: what the gateway said, what was asked, and what was done about it."""
    return _doubt_page(request, _doubt(pk), forms.DoubtForm())


@requires(P.MATCH_DEPOSITS)
@require_POST
@once_only("memberships.settle_doubt")
def settle_doubt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what was done about a doubtful event."""
    user: Any = request.user
    found, form, status = _doubt(pk), forms.DoubtForm(request.POST), 422
    if form.is_valid():
        try:
            services.settle_doubt(doubt=found, **form.cleaned_data, by=user, at=clock.now())
            messages.success(request, "Quedó dicho qué se hizo.")
            return redirect("memberships:card_events")
        except RuleBroken as problem:
            refuse(form, problem)
            status = problem.status
    return _doubt_page(request, found, form, status=status)


def _doubt(event: UUID) -> GatewayDoubt:
    return get_object_or_404(
        GatewayDoubt.objects.select_related("event__attempt__membership", "settled_by"), event=event
    )


def _doubt_page(request: HttpRequest, doubt: GatewayDoubt, form: forms.DoubtForm, *, status: int = 200) -> HttpResponse:
    crumbs = [
        ("Tarjetas", reverse("memberships:card_attempts")),
        ("Avisos de la pasarela", reverse("memberships:card_events")),
        (doubt.event.attempt.folio, ""),
    ]
    context = {
        "doubt": doubt,
        "facts": selectors.doubt_facts(doubt),
        "form": form,
        "settles": doubt.settled_at is None and may(request.user, P.MATCH_DEPOSITS),
        "crumbs": crumbs,
    }
    return render(request, "memberships/desk/card_doubt.html", context, status=status)


@requires(P.SEE_COLLECTIONS)
@require_safe
def card_events(request: HttpRequest) -> HttpResponseBase:
    """What the gateway said, the newest first; what a person has to look at is told apart."""
    crumbs = [
        ("Cobranza", reverse("treasury:deposits")),
        ("Tarjetas", reverse("memberships:card_attempts")),
        ("Avisos de la pasarela", ""),
    ]
    return answer(request, listings.GATEWAY_EVENTS, "memberships/desk/card_events.html", {"crumbs": crumbs})
