"""Formats to fill in, prefilled; the way to an insurer's network; and who keeps both (S3.35, S3.36)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from claims import forms, selectors
from claims.models import Format
from claims.selectors import formats as reads
from claims.services import formats as services
from memberships import selectors as memberships
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.once.decorators import once_only


@requires(P.FILE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.make_format")
def formats(request: HttpRequest) -> HttpResponse:
    """Every format in its newest version; one is made with what the portal knows of a person."""
    user, on = request.user, clock.today()
    people = [(one.key, one.label) for one in selectors.choices_of(user, on=on)]
    told: dict[str, Any] = {"formats": reads.format_choices(), "people": people}
    form = forms.FormatForm(request.POST if request.method == "POST" else None, **told)
    status = UNPROCESSABLE if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            made = services.make_format(**form.cleaned_data, by=user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
            status = problem.status
        else:
            return redirect("papers:document", made.pk)
    crumbs = [("Trámites", reverse("claims:claims")), ("Formatos", "")]
    context = {"form": form, "rows": reads.current_formats(), "people": people, "crumbs": crumbs}
    return render(request, "claims/formats.html", context, status=status)


@requires(P.FILE_CLAIMS)
@require_safe
def network(request: HttpRequest) -> HttpResponse:
    """One leaves the portal for the insurer's page, and is told so before."""
    crumbs = [("Trámites", reverse("claims:claims")), ("Red médica", "")]
    context = {"networks": reads.networks_of(request.user, on=clock.today()), "crumbs": crumbs}
    return render(request, "claims/network.html", context)


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.publish_format")
def publish_format(request: HttpRequest) -> HttpResponse:
    """The newest version of each format; of the one that was chosen the form of its next, which begins as it stands."""
    rows = reads.current_formats()
    told = request.POST.get("what") or request.GET.get("formato")
    chosen = next((one for one in rows if one.key == told), None)
    form = None
    if request.method == "POST" or chosen is not None:
        stands = (
            {"what": chosen.key, "asked": "\n".join(chosen.asked), "declaration": chosen.declaration} if chosen else {}
        )
        posted = request.POST if request.method == "POST" else None
        form = forms.NewFormatForm(posted, formats=reads.format_choices(), initial=stands)
    if form and form.is_bound and form.is_valid():
        try:
            made = services.publish_format(**form.cleaned_data, by=request.user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            messages.success(request, f"Publicaste la versión {made.version} de «{made.label}».")
            return redirect("claims:publish_format")
    crumbs = [("Formatos", reverse("claims:publish_format")), (chosen.label, "")] if chosen else [("Formatos", "")]
    context = {"form": form, "chosen": chosen, "rows": rows, "crumbs": crumbs}
    return render(request, "claims/desk/formats.html", context, status=UNPROCESSABLE if form and form.is_bound else 200)


def _as_it_stands(one: Format | None) -> dict[str, str]:
    return {"what": one.key, "asked": "\n".join(one.asked), "declaration": one.declaration} if one else {}


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.set_network")
def set_network(request: HttpRequest) -> HttpResponse:
    """Where each insurer shows its network."""
    insurers = reads.insurers_with_links()
    offered = [(str(one.pk), one.name) for one, _address in insurers]
    form = forms.NetworkForm(request.POST if request.method == "POST" else None, insurers=offered)
    if form.is_bound and form.is_valid():
        insurer = get_object_or_404(memberships.insurer_choices(), pk=form.cleaned_data["insurer"])
        try:
            services.set_network(insurer=insurer, address=form.cleaned_data["address"], by=request.user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            messages.success(request, f"Guardamos la red médica de {insurer.name}.")
            return redirect("claims:set_network")
    context = {"form": form, "insurers": insurers, "crumbs": [("Red médica", "")]}
    return render(request, "claims/desk/network.html", context, status=UNPROCESSABLE if form.is_bound else 200)
