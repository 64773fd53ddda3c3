"""Paying dues: whoever is not signed in looks a family up, a titular has their own; works without JavaScript."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from memberships import forms, selectors, services
from memberships.models import CardAttempt, Membership, Slip
from memberships.rules import paying
from portal import clock
from portal.access import public
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.history import context as origin
from portal.once.decorators import once_only
from portal.once.services import Allowance, give_back, take, throttle
from portal.vault import blind_index

_WHY = "Se paga sin entrar, con RFC, CURP o folio y un segundo dato: muestra meses e importes, ningún nombre."
_UNKNOWN = "Con esos datos no hay una membresía por pagar. Revisa lo que escribiste."
_AGAIN = "Busca otra vez tu membresía: lo que encuentras se guarda 15 minutos."
_KEY = "dues_to_pay"  # in the session: ids of families, where they are paid, until when


@public(_WHY)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.look_up")
def pay(request: HttpRequest) -> HttpResponse:
    """Where one pays, and whose dues; a titular who is signed in is not asked whose (S1.18-S1.24)."""
    if selectors.own_to_pay(request.user):
        return redirect("memberships:pay_months")
    form = forms.LookUpForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if found := _look_up(form):
            until = clock.real_now() + paying.KEPT
            scheme, ids = form.data["scheme"], [str(one) for one in found]
            request.session[_KEY] = {"ids": ids, "scheme": scheme, "until": until.timestamp()}
            return redirect("memberships:pay_months")
        form.add_error(None, _UNKNOWN)
    request.session.setdefault(_KEY, {})  # a browser has its session before it sends: sent twice, both find it
    context = {"form": form, "contact": selectors.contact(), "crumbs": []}
    return render(request, "memberships/pay.html", context, status=422 if form.is_bound else 200)


def _look_up(form: forms.LookUpForm) -> list[UUID]:
    """The families that bear what was typed. Raises TooMany; only wrong tries count, all alike."""
    typed, folio = form.cleaned_data["who"], form.cleaned_data["folio"]
    address = Allowance("dues.ip", origin.current().ip or "unknown", paying.ADDRESS_LIMIT, paying.ADDRESS_WINDOW)
    marks = [blind_index(f"{one.kind}:{one.value}", purpose="dues_look_up") for one in (typed, folio) if one]
    tries = [Allowance(f"dues.{name}", mark, *limits) for mark in marks for name, *limits in paying.TYPED_LIMITS]
    taken = take(address, *tries, instead="entra a tu membresía")
    if found := selectors.look_up(typed, born_on=form.cleaned_data["born_on"], folio=folio):
        give_back(taken=taken)
    return found


@public(_WHY)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.pay")
def pay_months(request: HttpRequest) -> HttpResponse:
    """How many months of one's own family, or of the one that was looked up; makes the slip."""
    at, own = clock.now(), selectors.own_to_pay(request.user)
    kept = {} if own else _kept(request)
    if not own and not kept:
        messages.info(request, _AGAIN)
        return redirect("memberships:pay")
    shown = selectors.months_to_pay(own or kept["ids"], on=clock.date_in(at))
    months, first = selectors.month_choices(shown), {"scheme": kept.get("scheme")}
    several = len(shown) > 1
    form = forms.PayForm(
        request.POST if request.method == "POST" else None, initial=first, months=months, several=several
    )
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            return redirect(_make(request, form, is_own=bool(own), at=at))
        except RuleBroken as problem:
            refuse(form, problem)
            status = problem.status
    return _show_months(request, form, shown, is_own=bool(own), status=status)


def _make(request: HttpRequest, form: forms.PayForm, *, is_own: bool, at: datetime) -> Slip | CardAttempt:
    """The slip, or the attempt by card. Raises RuleBroken; TooMany for the eleventh an hour of one family by others."""
    counts: dict[str, int] = dict(form.cleaned_data["months"])
    if not is_own:
        for pk in counts:
            throttle(scope="dues.slips", key=pk, limit=paying.SLIPS, window=paying.SLIPS_WINDOW)
    by: Any = request.user if request.user.is_authenticated else None
    found = list(Membership.objects.dues().filter(pk__in=counts))
    chosen = [(one, counts[str(one.pk)]) for one in found]
    return services.begin_payment(chosen=chosen, scheme=form.cleaned_data["scheme"], by=by, at=at)


def _show_months(
    request: HttpRequest, form: forms.PayForm, shown: list[Any], *, is_own: bool, status: int
) -> HttpResponse:
    crumbs = [("Mi membresía", reverse("memberships:home")), ("Pagar mensualidades", "")] if is_own else []
    context = {"form": form, "shown": shown, "is_own": is_own, "crumbs": crumbs}
    return render(request, "memberships/pay_months.html", context, status=status)


def _kept(request: HttpRequest) -> dict[str, Any]:
    """What this session looked up, while it is kept."""
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    return kept if kept.get("until", 0) > clock.real_now().timestamp() else {}
