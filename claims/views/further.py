"""A family complements a folio or appeals its decision (S3.16, S3.17): both begin at the folio's page."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from claims import forms, selectors, services
from claims.models import Claim
from claims.selectors import following, reach
from claims.views.steps import show
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import tried
from portal.design.saving import saved, saves
from portal.once.decorators import once_only


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.complement")
def complement(request: HttpRequest, folio: str) -> HttpResponse:
    """Begin a complement of a folio, or go on with the one that was begun."""
    parent = reach.own_claim(request.user, folio)
    draft = services.start_complement(claim=parent, by=request.user, at=clock.now())
    return redirect("claims:draft", pk=draft.pk)


@requires(P.FILE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.appeal")
def appeal(request: HttpRequest, folio: str) -> HttpResponse:
    """Why one does not agree with a decision; then papers, where there are any, and the check."""
    parent, at = reach.own_claim(request.user, folio), clock.now()
    if not selectors.may_follow_up(request.user, parent, on=clock.date_in(at)):
        raise Http404
    form, status = forms.AppealForm(request.POST if request.method == "POST" else None), 200
    begun: list[Claim] = []
    if form.is_bound:
        told = {"claim": parent, "by": request.user, "at": at}
        status = tried(form, lambda: begun.append(services.start_appeal(reasons=form.cleaned_data["reasons"], **told)))
        if not status:
            return redirect("claims:papers", pk=begun[0].pk)
    context = {
        "claim": parent,
        "form": form,
        "further": following.what_follows(parent, user=request.user, at=at),
        "decision": selectors.standing_decision(parent),
        "crumbs": [
            ("Trámites", reverse("claims:claims")),
            (parent.folio, reverse("claims:claim", args=[parent.folio])),
            ("Apelar", ""),
        ],
    }
    return render(request, "claims/appeal.html", context, status=status)


def draft_reasons(request: HttpRequest, claim: Claim, pk: UUID) -> HttpResponse:
    """Step 1 of an appeal: its reasons, which may be changed until it is sent."""
    form, status = forms.AppealForm(request.POST or None, initial={"reasons": claim.reasons}), 200
    if form.is_bound:
        told = {"claim": claim, "by": request.user, "at": clock.now()}
        status = tried(form, lambda: services.change_reasons(reasons=form.cleaned_data["reasons"], **told))
        if saves(request):
            return saved(form, status=status)
        if not status:
            return redirect("claims:papers", pk=pk)
    return show(request, claim, "claims:draft", "claims/reasons.html", status=status, form=form)
