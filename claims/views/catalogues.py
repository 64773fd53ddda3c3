"""The catalogues of claims: what is asked for, why something is not covered; a row follows another from a day on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from claims import forms, listings, services
from claims.models import DocumentRequirement, NotCoveredReason
from claims.selectors import catalogues as reads
from memberships import selectors as memberships
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design import dates
from portal.design.forms import Form, tried
from portal.listing import answer
from portal.once.decorators import once_only
from portal.people.models import Party


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_safe
def requirements(request: HttpRequest) -> HttpResponseBase:
    """What each kind of claim asks for, today and from the days to come."""
    return answer(request, listings.REQUIREMENTS, "claims/catalogues/requirements.html", {"crumbs": []})


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_safe
def reasons(request: HttpRequest) -> HttpResponseBase:
    """Why something may be left out, today and from the days to come."""
    return answer(request, listings.REASONS, "claims/catalogues/reasons.html", {"crumbs": []})


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.new_requirement")
def new_requirement(request: HttpRequest) -> HttpResponse:
    """Ask for a document that is not asked for."""
    return _requirement(request, None)


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.requirement")
def requirement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A row with what came before it, and what follows it."""
    return _requirement(request, reads.requirement_of(pk))


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.new_reason")
def new_reason(request: HttpRequest) -> HttpResponse:
    """A reason that nobody could choose before."""
    return _reason(request, None)


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.reason")
def reason(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A reason with what it said before, and what it says next."""
    return _reason(request, reads.reason_of(pk))


def _requirement(request: HttpRequest, row: DocumentRequirement | None) -> HttpResponse:
    names = ("what", "stage", "document", "required", "source")
    form = forms.RequirementForm(request.POST if request.method == "POST" else None, initial=_first(row, names))
    name = row.get_document_display() if row else "Agregar documento"
    rows = [(one.get_required_display(), "", one) for one in (reads.rows_like(row) if row else [])]
    page = {"name": name, "rows": rows, "lead": row.lead if row else "", "list": ("Documentos", "claims:requirements")}
    return _page(request, form, services.publish_requirement, page)


def _reason(request: HttpRequest, row: NotCoveredReason | None) -> HttpResponse:
    names = ("code", "label", "sentence", "cure", "document", "source")
    form = forms.ReasonForm(request.POST if request.method == "POST" else None, initial=_first(row, names))
    rows = [(one.label, f"{one.sentence} {one.cure}", one) for one in (reads.rows_of(row.code) if row else [])]
    name = row.label if row else "Agregar motivo"
    page = {"name": name, "rows": rows, "lead": "", "list": ("Motivos", "claims:reasons")}
    return _page(request, form, services.publish_reason, page)


def _first(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names} if row else {}


def _page(request: HttpRequest, form: Form, publish: Any, page: dict[str, Any]) -> HttpResponse:
    label, leads = page["list"]
    status = 200
    if form.is_bound:
        status = tried(form, lambda: publish(**form.cleaned_data, by=request.user, at=clock.now()))
        if not status:
            messages.success(request, f"Publicado: rige desde el {dates.short(form.cleaned_data['since'])}.")
            return redirect(leads)
    context = page | {"form": form, "crumbs": [(label, reverse(leads)), (page["name"], "")]}
    return render(request, "claims/catalogues/row.html", context, status=status)


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.publish_text")
def publish_text(request: HttpRequest) -> HttpResponse:
    """What families agree to, in the version in force; of the one that was chosen the form of its next one, which
    begins as it stands.
    """
    rows, posted = reads.texts_in_force(), request.POST if request.method == "POST" else None
    chosen = next((one for one in rows if str(one.pk) == request.GET.get("version")), None)
    insurers = {str(one.pk): one for one in memberships.insurer_choices()}
    form, status = None, 200
    if posted is not None or chosen is not None:
        stands = {"kind": chosen.kind, "insurer": chosen.owner_id or "", "body": chosen.body} if chosen else {}
        form = forms.TextForm(posted, insurers=[(key, one.name) for key, one in insurers.items()], initial=stands)
    if form is not None and form.is_bound:
        told = {"by": request.user, "at": clock.now()}
        status = tried(form, lambda: services.publish_text(**_text_of(form, insurers), **told))
        if not status:
            messages.success(request, "Publicado. A quien le toca se le pide antes de su siguiente archivo.")
            return redirect("claims:publish_text")
    crumbs = [("Consentimientos", reverse("claims:publish_text")), (chosen.label, "")] if chosen else []
    context = {"form": form, "chosen": chosen, "rows": rows, "crumbs": crumbs or [("Consentimientos", "")]}
    return render(request, "claims/catalogues/texts.html", context, status=status)


def _text_of(form: Form, insurers: dict[str, Party]) -> dict[str, Any]:
    return form.cleaned_data | {"insurer": insurers.get(form.cleaned_data["insurer"])}
