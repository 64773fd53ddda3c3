"""Families and plans at the desk."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from memberships import forms, listings, questions, selectors, services
from memberships.models import Membership, Plan
from memberships.services import Paid
from portal import clock
from portal.access import Permission as P
from portal.access import may, requires
from portal.design.asking import asks
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.listing import answer
from portal.once.decorators import once_only
from portal.papers.keeping import KeptFile


@requires(P.SEE_MEMBERSHIPS)
@require_safe
def affiliations(request: HttpRequest) -> HttpResponseBase:
    """Families, the newest first."""
    context = {"crumbs": [], "affiliates": may(request.user, P.AFFILIATE)}
    return answer(request, listings.AFFILIATIONS, "memberships/desk/affiliations.html", context)


@requires(P.AFFILIATE)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.import_affiliations")
def import_affiliations(request: HttpRequest) -> HttpResponse:
    """Read a file of families; it is applied on the page of its import."""
    by, at, posted = request.user, clock.now(), request.method == "POST"
    form = forms.FamiliesFileForm(request.POST if posted else None, request.FILES if posted else None)
    kept = KeptFile(form, services.AFFILIATIONS_DRAFT, by=by, at=at)
    if posted:
        try:
            if form.is_valid():
                with kept.upload() as upload:
                    run = services.read_affiliations(upload=upload, **form.announced, by=by, at=at)
                kept.done()
                return redirect("imports:run", pk=run.pk)
        except RuleBroken as problem:
            refuse(form, problem)
        kept.keep(lambda upload: services.keep_affiliations_file(upload=upload, by=by, at=at))
    context = {
        "form": form,
        "kept": kept.rows,
        "template": reverse("imports:template", args=[services.AFFILIATIONS_KIND]),
        "crumbs": [("Afiliaciones", reverse("memberships:affiliations")), ("Importar", "")],
    }
    status = UNPROCESSABLE if posted else 200
    return render(request, "memberships/desk/import_affiliations.html", context, status=status)


@requires(P.AFFILIATE)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.affiliate")
def new(request: HttpRequest) -> HttpResponse:
    """Enter a family: titular with everybody else on one form, the first month as paid where it was."""
    form = forms.FamilyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_whole():
        try:
            made = services.affiliate_family(
                plan=form.cleaned_data["plan"],
                people=form.people(),
                contact=form.contact(),
                paid=_paid(form.cleaned_data["paid_on"]),
                by=request.user,
                at=clock.now(),
            )
        except RuleBroken as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, f"Familia afiliada: {made.folio}.")
            return redirect("memberships:affiliation", pk=made.pk)
    crumbs = [("Afiliaciones", reverse("memberships:affiliations")), ("Nueva", "")]
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "memberships/desk/new.html", {"form": form, "crumbs": crumbs}, status=status)


def _paid(on: date | None) -> Paid | None:
    return Paid(on=on) if on else None


def _family(request: HttpRequest, pk: UUID) -> Membership:
    rows = Membership.objects.visible_to(request.user).dues().select_related("plan", "titular", "cancel_asked_by")
    return get_object_or_404(rows, pk=pk)


@requires(P.SEE_MEMBERSHIPS)
@require_safe
def affiliation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One family: people, months, payments, and where it stood."""
    return _show(request, _family(request, pk), forms.ReasonForm())


def _invite_form(found: Membership, *typed: Any) -> forms.InviteForm:
    people = [(str(one.pk), one.person.as_printed) for one in selectors.invitable(found, on=clock.today())]
    return forms.InviteForm(*typed, people=people)


def _show(
    request: HttpRequest,
    found: Membership,
    form: forms.ReasonForm,
    *,
    invite: forms.InviteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "invite": invite or _invite_form(found),
        "invites": may(request.user, P.AFFILIATE) and bool(selectors.invitable(found, on=clock.today())),
        "membership": found,
        "state": (found.state_label, found.tone),
        "family": selectors.family_at_desk(found),
        "facts": selectors.money_facts(found),
        "figures": selectors.money_figures(found),
        "why": selectors.why_it_stands(found).replace("tu familia", "la familia").replace("Tu familia", "La familia"),
        "told": selectors.family_told_at_desk(found, on=clock.today()),
        "form": form,
        "cancels": may(request.user, P.AFFILIATE) and selectors.can_cancel(found),
        "question": questions.cancel_family(found),
        "refunds": selectors.refunds_of(membership=found, on=clock.today()),
        "sees_refunds": may(request.user, P.SEE_REFUNDS),
        "asks_refund": may(request.user, P.MATCH_DEPOSITS) and found.credit > 0,
        "crumbs": [("Afiliaciones", reverse("memberships:affiliations")), (found.folio or "Sin folio", "")],
    }
    return render(request, "memberships/desk/affiliation.html", context, status=status)


@requires(P.AFFILIATE)
@require_POST
@asks(lambda request, pk: questions.cancel_family(_family(request, pk)))
@once_only("memberships.cancel")
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a family's membership, with a reason."""
    found, form = _family(request, pk), forms.ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=UNPROCESSABLE)
    services.cancel_membership(membership=found, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
    messages.success(request, f"Cancelaste {found.folio}. La familia ya lo sabe.")
    return redirect("memberships:affiliation", pk=pk)


@requires(P.AFFILIATE)
@require_POST
@once_only("memberships.invite")
def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give an adult of the family an own account."""
    found = _family(request, pk)
    form = _invite_form(found, request.POST)
    if form.is_valid():
        member = get_object_or_404(found.members, pk=form.cleaned_data["person"])
        try:
            services.invite_member(member=member, email=form.cleaned_data["email"], by=request.user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            messages.success(request, "Le mandamos un correo para que abra su perfil.")
            return redirect("memberships:affiliation", pk=pk)
    return _show(request, found, forms.ReasonForm(), invite=form, status=UNPROCESSABLE)


@requires(P.MANAGE_PLANS)
@require_safe
def plans(request: HttpRequest) -> HttpResponseBase:
    """Plans with their price of today, and the form to add one."""
    return answer(request, listings.PLANS, "memberships/desk/plans.html", {"crumbs": [], "form": forms.PlanForm()})


@requires(P.MANAGE_PLANS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.add_plan")
def add_plan(request: HttpRequest) -> HttpResponse:
    """A new plan with its first price."""
    form = forms.PlanForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_plan(**form.cleaned_data, by=request.user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            messages.success(request, f"Plan agregado: {made.name}.")
            return redirect("memberships:plan", pk=made.pk)
    crumbs = [("Planes", reverse("memberships:plans")), ("Nuevo", "")]
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "memberships/desk/add_plan.html", {"form": form, "crumbs": crumbs}, status=status)


def _plan(request: HttpRequest, pk: UUID) -> Plan:
    return get_object_or_404(Plan.objects.visible_to(request.user).dues(), pk=pk)


@requires(P.MANAGE_PLANS)
@require_safe
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One plan: what it gives, every price it had and will have."""
    return _show_plan(request, _plan(request, pk))


def _show_plan(
    request: HttpRequest,
    found: Plan,
    *,
    change: forms.ChangePlanForm | None = None,
    price: forms.PriceForm | None = None,
) -> HttpResponse:
    context = {
        "plan": found,
        "prices": selectors.prices_of(found),
        "change": change or forms.ChangePlanForm(initial={"benefits": found.benefits, "is_offered": found.is_offered}),
        "price": price or forms.PriceForm(),
        "crumbs": [("Planes", reverse("memberships:plans")), (found.name, "")],
    }
    return render(request, "memberships/desk/plan.html", context, status=UNPROCESSABLE if change or price else 200)


@requires(P.MANAGE_PLANS)
@require_POST
@once_only("memberships.change_plan")
def change_plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a plan gives and whether it is offered."""
    found, form = _plan(request, pk), forms.ChangePlanForm(request.POST)
    if not form.is_valid():
        return _show_plan(request, found, change=form)
    services.change_plan(plan=found, **form.cleaned_data, by=request.user, at=clock.now())
    messages.success(request, "Guardamos los cambios del plan.")
    return redirect("memberships:plan", pk=pk)


@requires(P.MANAGE_PLANS)
@require_POST
@once_only("memberships.set_price")
def set_price(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another price from a coming day on."""
    found, form = _plan(request, pk), forms.PriceForm(request.POST)
    if form.is_valid():
        try:
            services.set_price(plan=found, **form.cleaned_data, by=request.user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            messages.success(request, "El precio queda listo para su día.")
            return redirect("memberships:plan", pk=pk)
    return _show_plan(request, found, price=form)
