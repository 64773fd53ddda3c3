"""The physician's home, regime, orders and account."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from billing import forms, selectors, services
from billing.models import PhysicianProfile
from billing.selectors import listings, pages, reach
from billing.selectors import statement as account
from billing.selectors.parts import events
from billing.views.shared import status_of, uuids
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.listing import answer
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
    """What needs the physician now (S0.15): one next action, then the numbers that prove it."""
    return render(request, "billing/home.html", pages.home(request.user, at=clock.now()))


@requires(P.MANAGE_OWN_ACCOUNT)
def regime(request: HttpRequest) -> HttpResponse:
    """Tell the fiscal regime, which decides the withholding (S0.20-S0.23)."""
    party = get_own_party(request.user, P.MANAGE_OWN_ACCOUNT)
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
    return answer(request, listings.ORDERS, "billing/orders.html", pages.orders(request.user))


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
@require_POST
@once_only("billing.start")
def start(request: HttpRequest) -> HttpResponse:
    """Open a draft with the chosen orders; a refusal shows the list again with what was chosen."""
    chosen = uuids(request.POST.getlist("orders"))
    try:
        party = selectors.physician_of(request.user, chosen) or get_own_party(request.user, P.BILL_ORDERS)
        invoice = services.start_invoice(party=party, order_ids=chosen, by=request.user, at=clock.now())
    except RuleBroken as problem:
        if problem.code == "no_regime":
            if P.MANAGE_OWN_ACCOUNT in request.user.permissions:
                messages.warning(request, problem.message)
                return redirect("billing:regime")
            problem = ASK_THE_PHYSICIAN
        context = pages.orders(request.user, chosen=chosen) | {"problem": problem}
        return answer(
            request,
            listings.ORDERS,
            "billing/orders.html",
            context,
            address=reverse("billing:orders"),
            status=problem.status,
        )
    return redirect("billing:draft", pk=invoice.pk)


@requires(P.SEE_OWN_BILLING)
@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """Where my money stands (S0.15, C4)."""
    manages = P.MANAGE_OWN_ACCOUNT in request.user.permissions
    mine = request.user.proved_party_ids(P.SEE_OWN_BILLING)
    context = account.statement(mine, on=clock.today(), asked=request.GET.get("mes", "")) | {
        "manages": manages,
        "unproved": pages.unproved(request.user),
    }
    return render(request, "billing/statement.html", context)
