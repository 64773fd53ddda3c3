"""The desk asks a family for documents, says yes or no to asking again, goes on without them, and writes (N14)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims import forms, queues, selectors, services
from claims.views import desk, questions
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.asking import Question, asks
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.once.decorators import once_only


@requires(P.DECIDE_CLAIMS)
@require_POST
@once_only("claims.ask")
def ask(request: HttpRequest, folio: str) -> HttpResponse:
    """Ask for all that lacks at once; what is wrong comes back beside its field, nothing typed is lost."""
    claim = desk.opened(request, folio)
    form = forms.AskForm(request.POST, again=claim.requests.exists())
    if not form.is_valid():
        return desk.show_review(request, claim, status=UNPROCESSABLE, asking=form)
    try:
        made = services.ask_documents(claim=claim, **form.told(), by=request.user, at=clock.now())
    except RuleBroken as problem:
        refuse(form, problem)
        return desk.show_review(request, desk.claim_of(request, folio), status=problem.status, asking=form)
    said = "Se avisó a la familia." if made.is_open else "Espera el sí de otra persona."
    messages.success(request, f"{folio}: pediste los documentos. {said}")
    return desk.to_next(request, queues.CLAIMS, claim) if made.is_open else redirect("claims:review", folio=folio)


def _asked(request: HttpRequest, folio: str) -> Question:
    return questions.allowing(desk.opened(request, folio))


@requires(P.DECIDE_CLAIMS)
@require_POST
@asks(_asked)
@once_only("claims.allow")
def allow(request: HttpRequest, folio: str) -> HttpResponse:
    """Another analyst says yes to asking again, or no with a word."""
    claim, form = desk.opened(request, folio), forms.DeclineForm(request.POST)
    told: dict[str, Any] = {"request": selectors.require_proposed(claim), "by": request.user, "at": clock.now()}
    if not form.is_valid():
        return desk.show_review(request, claim, status=UNPROCESSABLE, declining=form)
    try:
        if request.POST.get("act") == "allow":
            services.allow_request(**told)
        else:
            services.decline_request(note=form.cleaned_data["note"], **told)
    except RuleBroken as problem:
        refuse(form, problem)
        return desk.show_review(request, desk.claim_of(request, folio), status=problem.status, declining=form)
    messages.success(request, f"{folio}: quedó resuelto si se piden más documentos.")
    return desk.to_next(request, queues.REQUESTS, told["request"])


def _asked_resume(request: HttpRequest, folio: str) -> Question:
    return questions.resuming(desk.opened(request, folio))


@requires(P.DECIDE_CLAIMS)
@require_POST
@asks(_asked_resume)
@once_only("claims.resume")
def resume(request: HttpRequest, folio: str) -> HttpResponse:
    """The term is over: decide with what there is."""
    services.resume_review(claim=desk.opened(request, folio), by=request.user, at=clock.now())
    messages.success(request, f"{folio}: sigue con lo que hay.")
    return redirect("claims:review", folio=folio)


@requires(P.DECIDE_CLAIMS)
@require_POST
@once_only("claims.write_from_desk")
def write(request: HttpRequest, folio: str) -> HttpResponse:
    """Write to the family, or note something for the desk alone."""
    claim, form = desk.opened(request, folio), forms.DeskMessageForm(request.POST, auto_id="mensaje_%s")
    if not form.is_valid():
        return desk.show_review(request, claim, status=UNPROCESSABLE, writing=form)
    services.write_from_desk(claim=claim, **form.cleaned_data, by=request.user, at=clock.now())
    return redirect(f"{reverse('claims:review', args=[folio])}#mensajes")
