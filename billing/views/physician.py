"""The physician's home, regime, orders and account."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from billing import forms, listings, selectors, services
from billing.models import PhysicianProfile
from billing.selectors import pages, picking, reach, whose
from billing.selectors import statement as account
from billing.selectors.parts import events
from billing.views.shared import status_of, uuids
from portal import clock
from portal.access import Permission as P
from portal.access import Workspace, requires
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.listing import answer, chosen_rows
from portal.listing.paging import WHOSE
from portal.once.decorators import once_only
from portal.people.selectors import get_own_party

# Only the physician may tell the regime; an assistant can but ask for it.
ASK_THE_PHYSICIAN = RuleBroken(
    "El médico todavía no dice su régimen fiscal y de él depende la retención. Pídele que entre y lo diga; después "
    "factura estas órdenes.",
    code="no_regime",
)


@requires(P.SEE_OWN_BILLING)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs the physician now (S0.15): what comes next, then what waits and the numbers that prove it."""
    asked, places = request.GET.get(WHOSE, ""), [Workspace.PHYSICIAN]
    context = whose.at_home(request.user, at=clock.now(), places=places, path=request.path, asked=asked)
    return render(request, "billing/home.html", context | {"crumbs": []})


@requires(P.MANAGE_OWN_BILLING)
def regime(request: HttpRequest) -> HttpResponse:
    """Tell the fiscal regime, which decides the withholding (S0.20-S0.23)."""
    party = get_own_party(request.user, P.MANAGE_OWN_BILLING)
    profile = PhysicianProfile.objects.filter(party=party).first()
    initial = {"name": party.name, "zip_code": party.zip_code, "state": ""}
    if profile:
        initial |= {"regime": profile.regime, "state": profile.state, "specialty": profile.specialty}
    form = forms.RegimeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_regime(party=party, **form.cleaned_data, by=request.user, at=clock.now())
            messages.success(request, "Guardamos tu régimen. Ya sabemos qué te retiene la aseguradora.")
            return redirect("billing:orders")
        except RuleBroken as problem:
            refuse(form, problem)
    context = {"form": form, "crumbs": [("Inicio", reverse("billing:home")), ("Régimen fiscal", "")]}
    return render(
        request, "billing/regime.html", context | pages.regime(party, on=clock.today()), status=status_of(form)
    )


@requires(P.SEE_OWN_BILLING)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Orders that arrived for me, those to invoice first."""
    return answer(request, listings.ORDERS, "billing/orders.html", lambda page: pages.orders(request.user, page))


@requires(P.SEE_OWN_BILLING)
@require_safe
def order(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One order: what the insurer pays, what the insured paid at the visit, and where it stands (S0.13)."""
    found = reach.own_order(request.user, pk)
    context = pages.order(found, on=clock.today()) | {
        "events": events(found),
        "crumbs": [("Órdenes", reverse("billing:orders")), (found.account, "")],
    }
    return render(request, "billing/order.html", context)


@requires(P.BILL_ORDERS)
@require_http_methods(["GET", "POST"])
@once_only("billing.start")
def start(request: HttpRequest) -> HttpResponseBase:
    """Orders to invoice, one insurer's at a time; choosing opens a draft, a refusal shows them as they were chosen."""
    found = picking.groups(request.user, on=clock.today())
    return _start(request, found) if request.method == "POST" else _pick(request, found)


def _pick(
    request: HttpRequest,
    found: list[picking.Group],
    *,
    chosen: Sequence[str] = (),
    problem: RuleBroken | None = None,
) -> HttpResponseBase:
    group = picking.named(found, request.POST) or picking.shown(found, request.GET)
    around = picking.page(request.user, found, group, on=clock.today()) | {"problem": problem}
    return answer(
        request,
        listings.TO_INVOICE,
        "billing/pick_orders.html",
        around,
        status=problem.status if problem else 200,
        chosen=chosen,
        known=group.count if group else None,
        **picking.parts(group),
    )


def _start(request: HttpRequest, found: list[picking.Group]) -> HttpResponseBase:
    if request.POST.get("todas"):  # of the group that the form names and of no other, should that be billed by now
        group = picking.named(found, request.POST)
        chosen = chosen_rows(request, listings.TO_INVOICE, **picking.parts(group)) if group else []
    else:
        chosen = uuids(request.POST.getlist("orders"))
    try:
        party = selectors.physician_of(request.user, chosen) or get_own_party(request.user, P.BILL_ORDERS)
        invoice = services.start_invoice(party=party, order_ids=chosen, by=request.user, at=clock.now())
    except RuleBroken as problem:
        if problem.code == "no_regime":
            if P.MANAGE_OWN_BILLING in request.user.permissions:
                messages.warning(request, problem.message)
                return redirect("billing:regime")
            problem = ASK_THE_PHYSICIAN
        return _pick(request, found, chosen=[str(one) for one in chosen], problem=problem)
    return redirect("billing:draft", pk=invoice.pk)


@requires(P.SEE_OWN_BILLING)
@require_safe
def accountant(request: HttpRequest) -> HttpResponseBase:
    """What an accountant asks for each month: one line an invoice, from its folio fiscal to its complement."""
    return answer(request, listings.ACCOUNTANT, "billing/accountant.html", lambda _page: pages.accountant(request.user))


@requires(P.SEE_OWN_BILLING)
@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """Where my money stands (S0.15, C4)."""
    manages = P.MANAGE_OWN_BILLING in request.user.permissions
    mine = request.user.proved_party_ids(P.SEE_OWN_BILLING)
    context = account.statement(mine, on=clock.today(), asked=request.GET.get("mes", "")) | {
        "manages": manages,
        "unproved": pages.unproved(request.user),
    }
    return render(request, "billing/statement.html", context)
