"""The desk's pages of trusted certificates and of catalogue keys newer than the package."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.errors import RuleBroken
from portal.fiscal import listings, selectors, services
from portal.fiscal.catalogues import PACKED_ON
from portal.fiscal.forms import CertificateForm, KeyForm, WithdrawForm
from portal.listing import answer
from portal.people.models import User


@requires(P.MANAGE_TRUST)
@require_GET
def certificates(request: HttpRequest) -> HttpResponseBase:
    """Whom we trust, and the form to add somebody."""
    return _show(request, CertificateForm())


@requires(P.MANAGE_TRUST, fresh=True)
@require_POST
def add(request: HttpRequest) -> HttpResponseBase:
    """Vouch for the certificates of a file."""
    form = CertificateForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        added = services.add_certificates(
            content=form.cleaned_data["file"].read(), by=cast(User, request.user), at=clock.now()
        )
    except RuleBroken as broken:
        form.add_error("file", broken.message)
        return _show(request, form, status=broken.status)
    messages.success(request, f"Certificados agregados: {len(added)}.")
    return redirect("fiscal:certificates")


@requires(P.MANAGE_TRUST, fresh=True)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask why, then stop vouching."""
    certificate = get_object_or_404(selectors.trusted_certificates(), pk=pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.withdraw_certificate(
            certificate=certificate, by=cast(User, request.user), at=clock.now(), reason=form.cleaned_data["reason"]
        )
        messages.success(request, "El certificado ya no se acepta.")
        return redirect("fiscal:certificates")
    status = 422 if form.is_bound else 200
    return render(request, "fiscal/withdraw.html", {"certificate": certificate, "form": form}, status=status)


def _show(request: HttpRequest, form: CertificateForm, *, status: int = 200) -> HttpResponseBase:
    shown = {"form": form, "shipped": selectors.shipped()}
    address = reverse("fiscal:certificates") if form.is_bound else ""
    return answer(request, listings.CERTIFICATES, "fiscal/certificates.html", shown, address=address, status=status)


@requires(P.MANAGE_TRUST)
@require_GET
def catalogues(request: HttpRequest) -> HttpResponseBase:
    """The date of the package's catalogues, the keys added since, and the form to add one."""
    return _show_keys(request, KeyForm())


@requires(P.MANAGE_TRUST, fresh=True)
@require_POST
def add_key(request: HttpRequest) -> HttpResponseBase:
    """Vouch for a key that the SAT published."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _show_keys(request, form, status=422)
    try:
        added = services.add_catalogue_key(**form.cleaned_data, by=cast(User, request.user), at=clock.now())
    except RuleBroken as broken:
        form.add_error(broken.field or None, broken.message)
        return _show_keys(request, form, status=broken.status)
    messages.success(request, f"Clave agregada: {added.key}. Vale desde ahora.")
    return redirect("fiscal:catalogues")


@requires(P.MANAGE_TRUST, fresh=True)
@require_http_methods(["GET", "POST"])
def withdraw_key(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask why, then stop vouching for a key."""
    row = get_object_or_404(selectors.catalogue_keys(), pk=pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.withdraw_catalogue_key(
            row=row, by=cast(User, request.user), at=clock.now(), reason=form.cleaned_data["reason"]
        )
        messages.success(request, "La clave ya no se acepta sin revisión.")
        return redirect("fiscal:catalogues")
    status = 422 if form.is_bound else 200
    return render(request, "fiscal/withdraw-key.html", {"row": row, "form": form}, status=status)


def _show_keys(request: HttpRequest, form: KeyForm, *, status: int = 200) -> HttpResponseBase:
    shown = {"form": form, "packed_on": PACKED_ON}
    address = reverse("fiscal:catalogues") if form.is_bound else ""
    return answer(request, listings.KEYS, "fiscal/catalogues.html", shown, address=address, status=status)
