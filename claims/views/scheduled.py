"""A scheduled event: the draft's own step, the desk's decision, the hospital's bill (S3.14, S3.15)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from claims import forms, queues, selectors, services
from claims.selectors import desk as pages
from claims.selectors import reach
from claims.views import desk, questions
from claims.views.steps import show
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.asking import asks
from portal.design.forms import refuse, tried
from portal.design.saving import saved, saves
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.once.decorators import once_only


@requires(P.FILE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.event")
def event(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is planned, when and where; «no está» asks the adviser."""
    claim, at = reach.draft(request.user, pk), clock.now()
    if claim.folio:
        return redirect("claims:claim", folio=claim.folio)
    if not selectors.is_event(claim):
        return redirect("claims:draft", pk=pk)
    form, status = forms.EventForm.of(claim, request.POST if request.method == "POST" else None, on=clock.today()), 200
    told = {"claim": claim, "by": request.user, "at": at}
    if form.is_bound and saves(request):
        return _keep(form, told)
    if form.is_bound:
        status = tried(form, lambda: services.plan_event(**form.told(), **told))
        if not status:
            return redirect("claims:papers", pk=pk)
    return show(
        request, claim, "claims:event", "claims/event.html", status=status, form=form, request_of=claim.adviser_request
    )


def _keep(form: forms.EventForm, told: dict[str, Any]) -> HttpResponse:
    """A field was changed by itself: what is filled in by now is kept."""
    said, status = form.told_so_far(), 0
    try:
        services.keep_event(**said, **told)
    except RuleBroken as problem:
        refuse(form, problem)
        status = problem.status
    return saved(form, status=status)


@requires(P.DECIDE_CLAIMS)
@require_POST
@asks(lambda request, folio: questions.authorising(desk.claim_of(request, folio)))
@once_only("claims.decide_event")
def decide_event(request: HttpRequest, folio: str) -> HttpResponse:
    """Authorise an event up to an amount, or refuse it with a reason."""
    claim = desk.opened(request, folio)
    form = forms.EventDecisionForm(request.POST, **pages.illnesses_of(claim))
    if not form.is_valid():
        return desk.show_review(request, claim, status=UNPROCESSABLE, authorising=form)
    try:
        made = services.decide_event(claim=claim, **form.told(), by=request.user, at=clock.now())
    except RuleBroken as problem:
        refuse(form, problem)
        return desk.show_review(request, reach.desk_claim(request.user, folio), status=problem.status, authorising=form)
    said = "Espera la segunda vista de otra persona." if made.final_at is None else "Se avisó a la familia."
    messages.success(request, f"Dictaminaste {folio}: {made.desk_label.lower()}. {said}")
    return desk.to_next(request, queues.CLAIMS, claim)


@requires(P.DECIDE_CLAIMS)
@require_POST
@asks(lambda request, folio: questions.recording(desk.claim_of(request, folio)))
@once_only("claims.record_bill")
def record_bill(request: HttpRequest, folio: str) -> HttpResponse:
    """Record what the hospital billed: accumulators move, nothing is owed to the family."""
    claim, form = desk.opened(request, folio), forms.BillForm(request.POST, auto_id=forms.BILL_IDS)
    if "more" in request.POST:
        more = forms.BillForm.with_more(request.POST)  # nothing is recorded yet: the same form goes on, longer
        return desk.show_review(request, claim, status=UNPROCESSABLE, billing=more)
    if not form.is_valid():
        return desk.show_review(request, claim, status=UNPROCESSABLE, billing=form)
    try:
        services.record_bill(claim=claim, lines=form.told(), by=request.user, at=clock.now())
    except RuleBroken as problem:
        refuse(form, problem)
        return desk.show_review(request, claim, status=problem.status, billing=form)
    messages.success(request, f"Registraste la cuenta del hospital de {folio}. Se avisó a la familia.")
    return redirect("claims:review", folio=folio)
