"""Payment batches: the list, a new one, one batch with its acts."""

from __future__ import annotations

from collections.abc import Mapping
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
from portal.listing.search import page_of
from portal.money import format_money
from portal.once.decorators import once_only
from portal.treasury import labels, questions, registry, rules, selectors, services
from portal.treasury.forms import ApproveForm, CancelForm, ResultForm, WithdrawForm
from portal.treasury.listings import BATCHES, PAYABLES, PAYABLES_BY_DAY
from portal.treasury.models import Payable, PaymentBatch, Transfer
from portal.treasury.queues import TO_APPROVE
from portal.work import selectors as work
from portal.work.asked import asked_of

DESK = (Permission.PREPARE_PAYMENTS, Permission.APPROVE_PAYMENTS)


@requires(Permission.SEE_PAYMENTS)
@require_GET
def batches(request: HttpRequest) -> HttpResponseBase:
    """All batches, newest first."""
    may_prepare = may(request.user, Permission.PREPARE_PAYMENTS)
    context = {"waiting": work.figures(request.user, at=clock.now(), app="treasury"), "may_prepare": may_prepare}
    return listing.answer(request, BATCHES, "treasury/batches.html", context)


@requires(Permission.PREPARE_PAYMENTS)
@require_GET
def payables(request: HttpRequest) -> HttpResponseBase:
    """What is owed and stands in no batch, by the day until which it is to be paid."""
    crumbs = [("Pagos", reverse("treasury:batches")), ("Por pagar", "")]
    return listing.answer(request, PAYABLES, "treasury/payables.html", {"crumbs": crumbs, "by_day": False})


@requires(Permission.PREPARE_PAYMENTS)
@require_GET
def payables_by_day(request: HttpRequest) -> HttpResponseBase:
    """The same summed by day and by whom it is owed to; each line leads to its payables."""
    crumbs = [("Pagos", reverse("treasury:batches")), ("Por pagar, por día", "")]
    return listing.answer(request, PAYABLES_BY_DAY, "treasury/payables.html", {"crumbs": crumbs, "by_day": True})


@requires(Permission.SEE_PAYMENTS)
@require_GET
def payable(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One thing that is owed: to whom, what for, who accepted it, by when and in which batch."""
    rows = Payable.objects.visible_to(request.user).select_related("party", "transfer__batch")
    shown = get_object_or_404(rows, pk=pk)
    return render(
        request,
        "treasury/payable.html",
        {
            "payable": shown,
            "told": selectors.payable_told(shown, on=clock.today()),
            "label": rules.PAYABLE.desk_label(shown.state),
            "tone": rules.PAYABLE.tone(shown.state),
            "noun": registry.called([shown], one=True),
            "lines": registry.advice_lines([shown]),
            "accepted": registry.accepted([shown]).get(shown.pk),
            "explanation": registry.explained(shown),
            "tries": selectors.tries_of(shown),
            "page": page_of(request.user, shown.reference),
            "crumbs": [("Pagos", reverse("treasury:batches")), (shown.reference, "")],
        },
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
    approve: ApproveForm | None = None,
    cancel: CancelForm | None = None,
    result: ResultForm | None = None,
    findings: Any = (),
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The batch's page, also with what a refused act said."""
    return render(
        request,
        "treasury/batch.html",
        {
            "batch": shown,
            "told": selectors.batch_told(shown),
            **_where_it_stands(shown),
            **_transfers(shown),
            "people": selectors.people_of(shown),
            **selectors.figures_of_batch(shown),
            "acts": selectors.acts_on(shown, by=request.user),
            "work": _standing(request, shown) if may(request.user, Permission.APPROVE_PAYMENTS) else None,
            "approve": approve or ApproveForm(currency=shown.currency),
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


def _where_it_stands(shown: PaymentBatch) -> dict[str, Any]:
    """Its state in words, the step of the five, and what became of its file."""
    bank_file = selectors.bank_file_of(shown)
    state = labels.shown(
        shown.state,
        downloads=bank_file.downloads if bank_file else 0,
        sent=bank_file is not None and bank_file.sent_at is not None,
    )
    return {
        "label": labels.SHOWN_LABELS[state],
        "tone": labels.SHOWN_TONES[state],
        "step": labels.SHOWN_STEP[state],
        "steps": [(label, "") for label in labels.BATCH_STEPS],
        "bank_file": bank_file,
        "file_facts": selectors.facts_of_file(bank_file) if bank_file else [],
    }


def _transfers(shown: PaymentBatch) -> dict[str, Any]:
    """Each transfer with what it pays and who accepted that it is owed; what to look at first, or that nothing is."""
    transfers = selectors.transfers_of(shown)
    paid = {row.pk: [item.payable for item in row.items.all()] for row in transfers}
    accepted = registry.accepted([one for rows in paid.values() for one in rows])
    first = selectors.look_first(shown, transfers, on=clock.today())
    return {
        "transfers": [(row, _by_acceptor(paid[row.pk], accepted), row.is_pending) for row in transfers],
        "first": first,
        "nothing_first": shown.is_to_approve and not first,
    }


def _by_acceptor(paid: list[Payable], accepted: Mapping[UUID, registry.Accepted]) -> list[tuple[str, list[Payable]]]:
    """What a transfer pays, by who accepted that it is owed ("" where no person did), so that each is named once."""
    groups: dict[str, list[Payable]] = {}
    for one in paid:
        said = accepted.get(one.pk)
        groups.setdefault(said["by"] if said else "", []).append(one)
    return list(groups.items())


def _standing(request: HttpRequest, shown: PaymentBatch) -> work.Standing:
    return work.standing(TO_APPROVE.name, shown, user=request.user, at=clock.now(), asked=asked_of(request))


def _questions(shown: PaymentBatch) -> dict[str, Any]:
    return {
        "approving": questions.approve_batch(shown),
        "cancelling": questions.cancel_batch(shown),
        "exporting": questions.export_file(shown),
        "sending": questions.note_sent(shown),
    }


@requires(Permission.APPROVE_PAYMENTS, fresh=True)
@require_POST
@asks(lambda request, pk: questions.approve_batch(visible_batch(request, pk)))
@once_only("treasury.approve_batch")
def approve_batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say yes to the total on the screen (AU-08: a fresh confirmation of who one is)."""
    shown = visible_batch(request, pk)
    form = ApproveForm(request.POST, currency=shown.currency)
    if not form.is_valid():
        return batch_page(request, shown, approve=form, status=422)
    try:
        shown = services.approve_batch(batch=shown, total=form.cleaned_data["total"], by=request.user, at=clock.now())
    except RuleBroken as refusal:
        told = "" if refusal.field else refusal.message
        refuse(form, refusal)
        return batch_page(request, visible_batch(request, pk), approve=form, refusal=told, status=refusal.status)
    said = (
        f"Listo: el lote quedó cerrado con el folio {shown.folio}."
        if shown.folio
        else ("Listo: quedó tu autorización. Falta la de otra persona.")
    )
    messages.success(request, said)
    return redirect("treasury:batch", pk=pk)


@requires(Permission.APPROVE_PAYMENTS)
@require_http_methods(["GET", "POST"])
@once_only("treasury.withdraw_transfer")
def withdraw_transfer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one transfer out of a batch before authorising the rest; the page asks why, and says what follows."""
    rows = Transfer.objects.filter(batch__in=PaymentBatch.objects.visible_to(request.user))
    transfer = get_object_or_404(rows.select_related("batch"), pk=pk)
    if request.method == "GET" and (why := selectors.why_stays(transfer, by=request.user)):
        messages.warning(request, why)
        return redirect("treasury:batch", pk=transfer.batch_id)
    form = WithdrawForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            batch = services.withdraw_transfer(
                transfer=transfer, reason=form.cleaned_data["reason"], by=request.user, at=clock.now()
            )
            total = format_money(batch.total, batch.currency, code=True)
            messages.success(request, f"Quitaste la transferencia a {transfer.holder}. El lote suma ahora {total}.")
            return redirect("treasury:batch", pk=batch.pk)
        except RuleBroken as refusal:
            refuse(form, refusal)
            status = refusal.status
    context = {
        "transfer": transfer,
        "form": form,
        "crumbs": [
            ("Pagos", reverse("treasury:batches")),
            (str(transfer.batch), reverse("treasury:batch", args=[transfer.batch_id])),
            ("Quitar transferencia", ""),
        ],
    }
    return render(request, "treasury/withdraw.html", context, status=status)


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
