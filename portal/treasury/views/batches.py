"""Payment batches: the list, a new one, one batch with its acts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock, listing
from portal.access import Permission, may, requires
from portal.design.asking import asks
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.treasury import labels, questions, selectors, services
from portal.treasury.forms import ApproveForm, BatchForm, CancelForm, ResultForm
from portal.treasury.listings import BATCHES, PAYABLES, PAYABLES_BY_DAY
from portal.treasury.models import Payable, PaymentBatch
from portal.treasury.queues import TO_APPROVE
from portal.work import selectors as work
from portal.work.asked import asked_of

DESK = (Permission.PREPARE_PAYMENTS, Permission.APPROVE_PAYMENTS)


@requires(Permission.SEE_PAYMENTS)
@require_GET
def batches(request: HttpRequest) -> HttpResponseBase:
    """All batches, newest first."""
    context = {"waiting": work.figures(request.user, at=clock.now(), app="treasury")}
    return listing.answer(request, BATCHES, "treasury/batches.html", context)


@requires(Permission.PREPARE_PAYMENTS)
@require_GET
def payables(request: HttpRequest) -> HttpResponseBase:
    """What is owed and stands in no batch, by the day until which it is to be paid."""
    crumbs = [("Pagos", reverse("treasury:batches")), ("Por pagar", "")]
    return listing.answer(request, PAYABLES, "treasury/payables.html", {"crumbs": crumbs, "other": "payables_by_day"})


@requires(Permission.PREPARE_PAYMENTS)
@require_GET
def payables_by_day(request: HttpRequest) -> HttpResponseBase:
    """The same summed by day and by whom it is owed to; each line leads to its payables."""
    crumbs = [("Pagos", reverse("treasury:batches")), ("Por pagar, por día", "")]
    return listing.answer(request, PAYABLES_BY_DAY, "treasury/payables.html", {"crumbs": crumbs, "other": "payables"})


@requires(Permission.PREPARE_PAYMENTS)
@require_http_methods(["GET", "POST"])
@once_only("treasury.prepare_batch")
def new_batch(request: HttpRequest) -> HttpResponse:
    """What can be paid now, what waits and why; choosing makes a batch."""
    ready, waiting = selectors.choices_for_batch(by=request.user, at=clock.now())
    form = BatchForm(request.POST or None, choices=[str(row.payable.pk) for row in ready])
    if request.method == "POST" and form.is_valid():
        chosen = Payable.objects.visible_to(request.user).filter(pk__in=form.cleaned_data["payables"])
        try:
            made = services.prepare_batch(payables=chosen.order_by("pk"), by=request.user, at=clock.now())
            return redirect("treasury:batch", pk=made.pk)
        except RuleBroken as refusal:
            refuse(form, refusal)
            return _new_page(request, form, ready, waiting, status=refusal.status)
    return _new_page(request, form, ready, waiting, status=422 if form.is_bound else 200)


def _new_page(request: HttpRequest, form: BatchForm, ready: Any, waiting: Any, *, status: int) -> HttpResponse:
    return render(
        request,
        "treasury/new_batch.html",
        {
            "form": form,
            "ready": ready,
            "waiting": waiting,
            "most": selectors.MOST_CHOICES if len(ready) + len(waiting) == selectors.MOST_CHOICES else 0,
            "chosen": set(request.POST.getlist("payables")),
            "crumbs": [("Pagos", reverse("treasury:batches")), ("Preparar lote", "")],
        },
        status=status,
    )


@requires(Permission.SEE_PAYMENTS)
@require_GET
def batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One batch: total and count first, its steps, its transfers, what this person can do."""
    return batch_page(request, visible_batch(request, pk))


def visible_batch(request: HttpRequest, pk: UUID) -> PaymentBatch:
    """A batch that this person may see; else 404."""
    rows = PaymentBatch.objects.visible_to(request.user).select_related("prepared_by", "cancelled_by")
    return get_object_or_404(rows, pk=pk)


def batch_page(
    request: HttpRequest,
    shown: PaymentBatch,
    *,
    cancel: CancelForm | None = None,
    result: ResultForm | None = None,
    findings: Any = (),
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The batch's page, also with what a refused act said."""
    bank_file = selectors.bank_file_of(shown)
    state = labels.shown(shown.state, downloads=bank_file.downloads if bank_file else 0)
    return render(
        request,
        "treasury/batch.html",
        {
            "batch": shown,
            "label": labels.SHOWN_LABELS[state],
            "tone": labels.SHOWN_TONES[state],
            "step": labels.SHOWN_STEP[state],
            "steps": [(label, "") for label in labels.BATCH_STEPS],
            "transfers": selectors.transfers_of(shown),
            "people": selectors.people_of(shown),
            "approvals": selectors.approvals_figure(shown),
            "acts": selectors.acts_on(shown, by=request.user),
            "work": _standing(request, shown) if may(request.user, Permission.APPROVE_PAYMENTS) else None,
            "bank_file": bank_file,
            "results": selectors.results_of(shown),
            "reads_results": may(request.user, Permission.PREPARE_PAYMENTS),
            "cancel": cancel or CancelForm(),
            "result": result or ResultForm(),
            **_questions(shown),
            "findings": findings,
            "refusal": refusal,
            "crumbs": [("Pagos", reverse("treasury:batches")), (str(shown), "")],
        },
        status=status,
    )


def _standing(request: HttpRequest, shown: PaymentBatch) -> work.Standing:
    return work.standing(TO_APPROVE.name, shown, user=request.user, at=clock.now(), asked=asked_of(request))


def _questions(shown: PaymentBatch) -> dict[str, Any]:
    return {
        "approving": questions.approve_batch(shown),
        "cancelling": questions.cancel_batch(shown),
        "exporting": questions.export_file(shown),
    }


@requires(Permission.APPROVE_PAYMENTS, fresh=True)
@require_POST
@asks(lambda request, pk: questions.approve_batch(visible_batch(request, pk)))
@once_only("treasury.approve_batch")
def approve_batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say yes to the total on the screen (AU-08: a fresh confirmation of who one is)."""
    shown = visible_batch(request, pk)
    form = ApproveForm(request.POST)
    seen = form.cleaned_data["total"] if form.is_valid() else None  # the service refuses what was not read
    try:
        shown = services.approve_batch(batch=shown, total=seen, by=request.user, at=clock.now())
    except RuleBroken as refusal:
        return batch_page(request, visible_batch(request, pk), refusal=refusal.message, status=refusal.status)
    said = (
        f"Listo: el lote quedó cerrado con el folio {shown.folio}."
        if shown.folio
        else ("Listo: quedó tu autorización. Falta la de otra persona.")
    )
    messages.success(request, said)
    return redirect("treasury:batch", pk=pk)


@requires(*DESK)
@require_POST
@asks(lambda request, pk: questions.cancel_batch(visible_batch(request, pk)))
@once_only("treasury.cancel_batch")
def cancel_batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Undo a batch before its lock."""
    shown = visible_batch(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return batch_page(request, shown, cancel=form, status=422)
    try:
        services.cancel_batch(batch=shown, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
    except RuleBroken as refusal:
        return batch_page(request, visible_batch(request, pk), refusal=refusal.message, status=refusal.status)
    messages.success(request, "Lote cancelado. Sus pagos vuelven a la lista.")
    return redirect("treasury:batch", pk=pk)
