"""Policies of insurers at the desk: their years with terms, and the files of certificates."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from memberships import forms, listings, selectors, services
from memberships.models import Plan
from portal import clock
from portal.access import Permission as P
from portal.access import may, requires
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.imports import selectors as imports
from portal.listing import answer
from portal.once.decorators import once_only
from portal.papers.keeping import KeptFile


@requires(P.MANAGE_PLANS)
@require_safe
def policies(request: HttpRequest) -> HttpResponseBase:
    """Policies by number, and files of certificates that wait."""
    context = {"crumbs": [], "waiting": imports.waiting(request.user, services.KIND)}
    return answer(request, listings.POLICIES, "memberships/desk/policies.html", context)


@requires(P.SEE_CONDITIONS)
@require_safe
def conditions(request: HttpRequest) -> HttpResponseBase:
    """Who has a registered condition and since when; what it is opens one by one, with a reason (S1.26)."""
    return answer(request, listings.CONDITIONS, "memberships/desk/conditions.html", {"crumbs": []})


@requires(P.MANAGE_PLANS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.add_policy")
def add_policy(request: HttpRequest) -> HttpResponse:
    """A policy of an insurer with its coverages."""
    typed = request.POST if request.method == "POST" else None
    form = forms.PolicyForm(typed, insurers=selectors.insurer_choices())
    if typed is not None and form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("insurer", "number", "name")}
        try:
            made = services.add_policy(**told, scopes=form.scopes(), by=request.user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            messages.success(request, f"Póliza registrada: {made.policy_number}. Agrega su primer año.")
            return redirect("memberships:policy", pk=made.pk)
    crumbs = [("Pólizas", reverse("memberships:policies")), ("Nueva", "")]
    status = UNPROCESSABLE if typed is not None else 200
    return render(request, "memberships/desk/add_policy.html", {"form": form, "crumbs": crumbs}, status=status)


def _policy(request: HttpRequest, pk: UUID) -> Plan:
    return get_object_or_404(Plan.objects.visible_to(request.user).policies().select_related("party"), pk=pk)


def _crumbs(found: Plan, last: str = "") -> list[tuple[str, str]]:
    page = [(found.policy_number, reverse("memberships:policy", args=[found.pk]) if last else "")]
    return [("Pólizas", reverse("memberships:policies")), *page, *([(last, "")] if last else [])]


@requires(P.MANAGE_PLANS)
@require_safe
def policy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One policy: coverages, years with the terms of each, how many it covers."""
    found, on = _policy(request, pk), clock.today()
    page = selectors.policy_page(found, on)
    context = {
        "policy": found,
        "page": page,
        "told": selectors.policy_told(found, page, takes=may(request.user, P.AFFILIATE), on=on),
        "crumbs": _crumbs(found),
    }
    return render(request, "memberships/desk/policy.html", context)


@requires(P.MANAGE_PLANS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.add_policy_year")
def add_year(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A year of a policy with the terms of each of its coverages."""
    found, typed = _policy(request, pk), request.POST if request.method == "POST" else None
    form = forms.PolicyYearForm(typed, coverages=selectors.policy_page(found, clock.today()).coverages)
    if typed is not None and form.is_valid():
        days = {name: form.cleaned_data[name] for name in ("since", "until")}
        try:
            services.add_policy_year(plan=found, **days, terms=form.terms(), by=request.user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            messages.success(request, "Año agregado.")
            return redirect("memberships:policy", pk=pk)
    context = {"form": form, "policy": found, "crumbs": _crumbs(found, "Año nuevo")}
    status = UNPROCESSABLE if typed is not None else 200
    return render(request, "memberships/desk/add_policy_year.html", context, status=status)


@requires(P.AFFILIATE)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.import_certificates")
def take_certificates(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read an insurer's file of certificates; it is applied on the page of its import."""
    found, posted, by, at = _policy(request, pk), request.method == "POST", request.user, clock.now()
    form = forms.CertificatesFileForm(request.POST if posted else None, request.FILES if posted else None)
    kept = KeptFile(form, services.CERTIFICATES_DRAFT, by=by, at=at)
    if posted:
        try:
            if form.is_valid():
                told = {"insurer": found.party, **form.announced}
                with kept.upload() as upload:
                    run = services.read_certificates(upload=upload, **told, by=by, at=at)
                kept.done()
                return redirect("imports:run", pk=run.pk)
        except RuleBroken as problem:
            refuse(form, problem)
        kept.keep(lambda upload: services.keep_certificates_file(upload=upload, by=by, at=at))
    context = {
        "form": form,
        "kept": kept.rows,
        "policy": found,
        "template": reverse("imports:template", args=[services.KIND]),
        "crumbs": _crumbs(found, "Certificados"),
    }
    return render(
        request, "memberships/desk/import_certificates.html", context, status=UNPROCESSABLE if posted else 200
    )
