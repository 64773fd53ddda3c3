"""Refunds at the desk: what collections ask, what somebody else authorises, what does not proceed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from memberships import questions, selectors, services
from memberships.forms import DeclineForm, RefundForm
from memberships.listings import REFUNDS
from memberships.models import Membership, Refund
from memberships.queues import REFUNDS_TO_APPROVE, REFUNDS_WANTED
from portal import clock
from portal.access import Permission as P
from portal.access import may, requires
from portal.design.asking import Question, asks
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.listing import answer
from portal.once.decorators import once_only
from portal.work import selectors as work
from portal.work.asked import asked_of


@requires(P.SEE_REFUNDS)
@require_safe
def refunds(request: HttpRequest) -> HttpResponseBase:
    """Every refund, the newest first."""
    crumbs = [("Cobranza", reverse("treasury:deposits")), ("Devoluciones", "")]
    if not may(request.user, P.SEE_COLLECTIONS):
        crumbs = []
    return answer(request, REFUNDS, "memberships/desk/refunds.html", {"crumbs": crumbs})


def _refund(request: HttpRequest, pk: UUID) -> Refund:
    rows = Refund.objects.visible_to(request.user).select_related(  # type: ignore[arg-type]
        "membership__titular", "attempt", "slip", "asked_by", "approved_by"
    )
    return get_object_or_404(rows, pk=pk)


@requires(P.SEE_REFUNDS)
@require_safe
def refund(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One refund: whose it is, why, how it goes back, and what this person may do."""
    return _page(request, _refund(request, pk), DeclineForm())


def _standing(request: HttpRequest, found: Refund) -> work.Standing:
    queue = REFUNDS_WANTED if found.is_wanted else REFUNDS_TO_APPROVE
    return work.standing(queue.name, found, user=request.user, at=clock.now(), asked=asked_of(request))


def _page(
    request: HttpRequest, found: Refund, form: DeclineForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    user: Any = request.user
    standing = _standing(request, found)
    matches = may(user, P.MATCH_DEPOSITS)
    declines = found.is_wanted or found.is_asked or services.may_be_given_up(found, on=clock.today())
    context = {
        "work": standing,
        "refund": found,
        "state": selectors.state_of_refund(found),
        "facts": selectors.refund_facts(found, user),
        "told": selectors.refund_told_at_desk(found, on=clock.today()),
        "asks": found.is_wanted and matches and not standing.taken,
        "approves": questions.approve_refund(found) if found.is_asked and standing.may_decide else None,
        "declines": declines and (matches or standing.may_decide) and not standing.taken,
        "form": form,
        "refusal": refusal,
        "crumbs": [("Devoluciones", reverse("memberships:refunds")), (str(found), "")],
    }
    return render(request, "memberships/desk/refund.html", context, status=status)


@requires(P.MATCH_DEPOSITS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.ask_refund")
def ask_refund(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask a family's credit back: how much, how and why; what its titular wanted stands there already."""
    user: Any = request.user
    families = Membership.objects.visible_to(user).dues().select_related("plan", "titular")
    found = get_object_or_404(families, pk=pk)
    wanted = selectors.refund_wanted(found)
    form, status = RefundForm(request.POST or None, membership=found, initial=_first(request, found)), 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                made = services.ask_refund(membership=found, **form.cleaned_data, by=user, at=clock.now())
                told = selectors.who_knows(made, on=clock.today())
                messages.success(request, f"Devolución pedida: {made.folio}.{told}")
                return redirect(made.get_absolute_url())
            except RuleBroken as problem:
                refuse(form, problem)
                status = problem.status
    crumbs = [("Devoluciones", reverse("memberships:refunds")), (f"Nueva para {found.folio}", "")]
    context = {
        "membership": found,
        "facts": selectors.money_facts(found),
        "wanted": wanted,
        "form": form,
        "crumbs": crumbs,
    }
    return render(request, "memberships/desk/ask_refund.html", context, status=status)


def _first(request: HttpRequest, found: Membership) -> dict[str, Any]:
    """What the form of a family's refund begins with: what its titular wanted, or all that the asked way gives."""
    key, wanted = request.GET.get("como", "transfer"), selectors.refund_wanted(found)
    way = next((one for one in selectors.ways_back(found) if one.key == key), None)
    return {"amount": wanted.amount if wanted else selectors.most_back(way, credit=found.credit), "how": key}


def _approve_question(request: HttpRequest, pk: UUID) -> Question:
    return questions.approve_refund(_refund(request, pk))


@requires(P.APPROVE_PAYMENTS, fresh=True)
@require_POST
@asks(_approve_question)
@once_only("memberships.approve_refund")
def approve_refund(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say yes to a refund to a card (AU-08: a fresh confirmation of who one is)."""
    user: Any = request.user
    found = _refund(request, pk)
    try:
        services.approve_refund(refund=found, by=user, at=clock.now())
    except RuleBroken as problem:
        return _page(request, _refund(request, pk), DeclineForm(), refusal=problem.message, status=problem.status)
    messages.success(request, f"Autorizaste {found.folio}. Se la pedimos a la pasarela.")
    return redirect(found.get_absolute_url())


@requires(P.MATCH_DEPOSITS, P.APPROVE_PAYMENTS)
@require_POST
@once_only("memberships.decline_refund")
def decline_refund(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a refund does not proceed, and why; its family reads it."""
    user: Any = request.user
    found, form, status = _refund(request, pk), DeclineForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        try:
            services.decline_refund(refund=found, reason=form.cleaned_data["reason"], by=user, at=clock.now())
            messages.success(request, "La devolución no procedió." + selectors.who_knows(found, on=clock.today()))
            return redirect(found.get_absolute_url())
        except RuleBroken as problem:
            refuse(form, problem)
            status = problem.status
    return _page(request, _refund(request, pk), form, status=status)
