"""The desk withdraws a final decision: one asks and says why, another answers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from claims import forms, selectors, services
from claims.views import desk
from claims.views.questions import withdrawing
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.asking import Question, asks
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.once.decorators import once_only


@requires(P.DECIDE_CLAIMS)
@require_POST
@once_only("claims.ask_withdrawal")
def ask_withdrawal(request: HttpRequest, folio: str) -> HttpResponse:
    """Ask that a decision be withdrawn; nothing changes until another analyst agrees."""
    claim, form = desk.opened(request, folio), forms.WithdrawalForm(request.POST)
    if not form.is_valid():
        return desk.show_review(request, claim, status=UNPROCESSABLE, withdrawing=form)
    told = {"decision": selectors.require_standing(claim), "by": request.user, "at": clock.now()}
    try:
        services.ask_withdrawal(reason=form.cleaned_data["reason"], **told)
    except RuleBroken as problem:
        refuse(form, problem)
        return desk.show_review(request, claim, status=problem.status, withdrawing=form)
    messages.success(request, f"Pediste retirar la decisión de {folio}. La confirma otra persona.")
    return redirect("claims:review", folio=folio)


def _asked(request: HttpRequest, folio: str) -> Question:
    return withdrawing(desk.opened(request, folio))


@requires(P.DECIDE_CLAIMS)
@require_POST
@asks(_asked)
@once_only("claims.answer_withdrawal")
def answer_withdrawal(request: HttpRequest, folio: str) -> HttpResponse:
    """Agree that a decision be withdrawn, or leave it as it is and say why."""
    claim, form = desk.opened(request, folio), forms.WithdrawalAnswerForm(request.POST)
    agrees = request.POST.get("act") == "agree"
    if not form.is_valid():
        return desk.show_review(request, claim, status=UNPROCESSABLE, answering=form)
    told = {
        "withdrawal": selectors.require_withdrawal(claim),
        "note": form.cleaned_data["note"],
        "by": request.user,
        "at": clock.now(),
    }
    services.answer_withdrawal(agrees=agrees, **told)
    messages.success(request, f"{folio}: {'decisión retirada' if agrees else 'la decisión queda en pie'}.")
    return redirect("claims:review", folio=folio)
