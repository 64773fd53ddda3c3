"""Slips: made by the titular, looked at by whoever has its code; works without JavaScript."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from memberships import forms, questions, selectors, services
from memberships.models import Membership, Slip, pays_dues
from memberships.rules.slips import MADE, MADE_WINDOW, OPEN
from portal import clock
from portal.access import Permission as P
from portal.access import public, requires
from portal.design.asking import Question, asks
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.once.services import throttle
from portal.papers.views import download_of

# Seconds after which its page asks itself again: for its paper, and for its state, which keeps nobody's session alive.
_SOON, _UNATTENDED = 3, 60
_WHY = "El código de la ficha es la llave: muestra meses e importes, ningún nombre."


@requires(P.PAY_DUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.make_slip")
def make_slip(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose how many months and where to pay them; the slip is what one takes there."""
    rows = Membership.objects.dues().filter(pays_dues(request.user)).select_related("plan")
    found, at = get_object_or_404(rows, pk=pk), clock.now()
    payable = selectors.payable_by_slip(found, on=clock.date_in(at))
    form = forms.SlipForm(request.POST if request.method == "POST" else None, months=payable.choices)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        throttle(scope="slips", key=str(request.user.pk), limit=MADE, window=MADE_WINDOW, instead="paga una ya hecha")
        try:
            chosen, scheme = [(found, form.cleaned_data["months"])], form.cleaned_data["scheme"]
            return redirect(services.begin_payment(chosen=chosen, scheme=scheme, by=request.user, at=at))
        except RuleBroken as problem:
            refuse(form, problem)
            status = problem.status
    context = {
        "membership": found,
        "form": form,
        "nothing": not payable.choices,
        "waiting": payable.slips,
        "slips": selectors.slips_of(request.user),
        "attempt": selectors.open_attempt(found.pk),
        "crumbs": [("Mi membresía", reverse("memberships:home")), ("Pagar mensualidades", "")],
    }
    return render(request, "memberships/make_slip.html", context, status=status)


def _slip(code: str) -> Slip:
    return get_object_or_404(Slip.objects.select_related("scheme", "document", "party"), code=code.upper())


@public(_WHY)
@require_safe
def slip(request: HttpRequest, code: str) -> HttpResponse:
    """Barcode, reference, amount, last day, where to pay and when it is seen; its state as it is now."""
    found = _slip(code)
    own = _may_cancel(request, found)
    page = selectors.slip_page(found)
    pdf = reverse("memberships:slip_pdf", args=[found.code]) if page["has_pdf"] else ""
    waits = _UNATTENDED if found.may_pay and not request.user.is_authenticated else 0
    context = page | {
        "refreshes": _SOON if page["pdf_comes"] else waits,
        "told": selectors.slip_told(found, lead=page["lead"], pdf=pdf, again=_again(found) if own else ""),
        "figures": selectors.slip_figures(found, known=request.user.is_authenticated),
        "cancels": questions.cancel_slip(found) if own and found.may_pay else None,
        "crumbs": [("Mi membresía", reverse("memberships:home")), (found.folio, "")] if own else [],
    }
    return render(request, "memberships/slip.html", context)


def _again(found: Slip) -> str:
    """Where its owner makes another slip once this one's day is over."""
    family, several = selectors.family_to_pay_again(found)
    if several:
        return reverse("memberships:pay_months")
    return reverse("memberships:make_slip", args=[family.pk]) if family else ""


def _may_cancel(request: HttpRequest, found: Slip) -> bool:
    held = getattr(request.user, "permissions", frozenset())
    return P.PAY_DUES in held and found.party_id in request.user.party_ids(P.PAY_DUES)  # type: ignore[union-attr]


@public(_WHY)
@require_safe
def slip_pdf(request: HttpRequest, code: str) -> HttpResponseBase:
    """The slip on paper; nothing until it is made, some seconds after the slip, nor once it is closed."""
    rows = Slip.objects.filter(state__in=OPEN, document__pdf__isnull=False).select_related("document__pdf")
    found = get_object_or_404(rows, code=code.upper())
    assert found.document.pdf is not None
    return download_of(found.document.pdf)


def _own(request: HttpRequest, code: str) -> Slip:
    rows = Slip.objects.filter(party__in=request.user.party_ids(P.PAY_DUES))  # type: ignore[union-attr]
    return get_object_or_404(rows, code=code.upper())


def _cancel_question(request: HttpRequest, code: str) -> Question:
    return questions.cancel_slip(_own(request, code))


@requires(P.PAY_DUES)
@require_POST
@asks(_cancel_question)
@once_only("memberships.cancel_slip")
def cancel_slip(request: HttpRequest, code: str) -> HttpResponse:
    """End a slip that was not paid; asked first."""
    found = _own(request, code)
    services.cancel_slip(slip=found, by=request.user, at=clock.now())
    messages.success(request, "Cancelaste la ficha: ya no la pagues.")
    return redirect("memberships:slip", code=found.code)
