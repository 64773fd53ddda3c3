"""The service adviser: hospitals that families ask for, and the list of those under agreement (S3.15, S3.37)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from claims import forms, listings, queues, services
from claims.models import Hospital
from claims.selectors import scheduled
from claims.views.desk import to_next
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import tried
from portal.listing import answer
from portal.once.decorators import once_only
from portal.work import selectors as work
from portal.work.asked import asked_of


@requires(P.ADVISE_CLAIMS)
@require_safe
def requests(request: HttpRequest) -> HttpResponseBase:
    """What families ask the adviser, the first due first."""
    return answer(request, listings.ADVICE, "claims/advice/requests.html", {"crumbs": []})


@requires(P.ADVISE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.advise")
def advise(request: HttpRequest, folio: str) -> HttpResponse:
    """One of them: what is planned and the hospital that was typed; the answer, with a hospital of the list or none."""
    found, at = scheduled.adviser_request(request.user, folio), clock.now()
    claim = scheduled.claim_of_request(found)
    form, status = forms.AdviceForm.of(claim, request.POST if request.method == "POST" else None, on=clock.today()), 200
    if form.is_bound:
        told = {"message": found, "by": request.user, "at": at}
        status = tried(form, lambda: services.answer_adviser(**form.told(), **told))
        if not status:
            messages.success(request, f"Contestaste {folio}. Se avisó a la familia.")
            return to_next(request, queues.ADVICE, found)
    standing = work.standing(queues.ADVICE.name, found, user=request.user, at=at, asked=asked_of(request))
    context = {
        "message": found,
        "work": standing,
        "form": form,
        "can_answer": standing.may_decide,
        "hospitals": f"{reverse('claims:new_hospital')}?aseguradora={claim.coverage.plan.party_id if claim else ''}",
        "crumbs": [("Asesoría", reverse("claims:advice")), (folio, "")],
    }
    return render(request, "claims/advice/request.html", context, status=status)


@requires(P.ADVISE_CLAIMS)
@require_safe
def hospitals(request: HttpRequest) -> HttpResponseBase:
    """Hospitals under an insurer's agreement, and since when."""
    return answer(request, listings.HOSPITALS, "claims/advice/hospitals.html", {"crumbs": []})


@requires(P.ADVISE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.new_hospital")
def new_hospital(request: HttpRequest) -> HttpResponse:
    """Add a hospital to an insurer's list."""
    return _hospital(request, None)


@requires(P.ADVISE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.hospital")
def hospital(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct a hospital, or say until when its agreement holds."""
    return _hospital(request, scheduled.hospital_of(pk))


def _hospital(request: HttpRequest, row: Hospital | None) -> HttpResponse:
    asked = request.GET.get("aseguradora", "")
    form, status = forms.HospitalForm.of(row, request.POST if request.method == "POST" else None, insurer=asked), 200
    if form.is_bound:
        told = {"hospital": row, "by": request.user, "at": clock.now()}
        status = tried(form, lambda: services.keep_hospital(**form.told(), **told))
        if not status:
            messages.success(request, f"{form.cleaned_data['name']}: guardado.")
            return redirect("claims:hospitals")
    name = row.name if row else "Agregar hospital"
    context = {"form": form, "name": name, "crumbs": [("Hospitales", reverse("claims:hospitals")), (name, "")]}
    return render(request, "claims/advice/hospital.html", context, status=status)
