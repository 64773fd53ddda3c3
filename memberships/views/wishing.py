"""«Pídelo de vuelta»: how much of a family's credit, looked at once more, and what comes next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from memberships import selectors, services
from memberships.forms import WantForm
from memberships.models import Membership, titular_is
from memberships.rules import refunds
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.once.decorators import once_only

_KEY = "refund_wish"  # in the session: by family, what was typed and not sent yet


def _family(request: HttpRequest, pk: UUID) -> Membership:
    user: Any = request.user
    return get_object_or_404(Membership.objects.dues().filter(titular_is(user)).select_related("plan"), pk=pk)


def _typed(request: HttpRequest, found: Membership) -> dict[str, str] | None:
    kept: dict[str, dict[str, str]] = request.session.get(_KEY, {})
    return kept.get(str(found.pk))


@requires(P.PAY_DUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.want_refund")
def want_refund(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How much of the credit, and a message for collections; what became of it, while it waits."""
    found = _family(request, pk)
    form, status = WantForm(request.POST or _typed(request, found), initial={"amount": found.credit}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                refunds.check_amount(form.cleaned_data["amount"], credit=found.credit)
                typed = {"amount": str(form.cleaned_data["amount"]), "note": form.cleaned_data["note"]}
                request.session[_KEY] = request.session.get(_KEY, {}) | {str(found.pk): typed}
                return redirect("memberships:check_refund", pk=found.pk)
            except RuleBroken as problem:
                refuse(form, problem)
                status = problem.status
    return _page(request, found, form, status=status)


def _page(request: HttpRequest, found: Membership, form: WantForm, *, status: int) -> HttpResponse:
    waits = selectors.refund_wanted(found)
    context = {
        "membership": found,
        "facts": selectors.money_facts(found),
        "form": form,
        "sent": selectors.wish_facts(waits) if waits else [],
        "next_steps": selectors.AFTER_WISHING,
        "crumbs": [("Mi membresía", reverse("memberships:home")), ("Pedir de vuelta", "")],
    }
    return render(request, "memberships/want_refund.html", context, status=status)


@requires(P.PAY_DUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.check_refund")
def check_refund(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is about to be asked, to be looked at once more; sent, the page before says what comes next."""
    found = _family(request, pk)
    typed = _typed(request, found)
    if typed is None:
        return redirect("memberships:want_refund", pk=found.pk)
    form, before = WantForm(typed), reverse("memberships:want_refund", args=[found.pk])
    form.is_valid()  # it was when it was kept
    wish = form.cleaned_data
    if request.method == "POST":
        try:
            services.want_refund(membership=found, **wish, by=request.user, at=clock.now())  # type: ignore[arg-type]
        except RuleBroken as problem:
            refuse(form, problem)
            return _page(request, found, form, status=problem.status)
        request.session[_KEY] = {key: one for key, one in request.session[_KEY].items() if key != str(found.pk)}
        return redirect(before)
    context = {
        "membership": found,
        "answers": selectors.wish_answers(**wish, change=before),
        "crumbs": [("Mi membresía", reverse("memberships:home")), ("Pedir de vuelta", before), ("Revisar", "")],
    }
    return render(request, "memberships/check_refund.html", context)
