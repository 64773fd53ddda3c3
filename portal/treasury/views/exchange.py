"""The file for the bank and the bank's answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal import clock
from portal.access import Permission, requires
from portal.design.asking import Question, asks
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.papers.views import download_of
from portal.treasury import answers, labels, questions, services
from portal.treasury.forms import ResultForm
from portal.treasury.models import BankFile, BankResult
from portal.treasury.views.batches import batch_page, visible_batch


@requires(Permission.PREPARE_PAYMENTS, fresh=True)
@require_POST
@asks(lambda request, pk: questions.export_file(visible_batch(request, pk)))
@once_only("treasury.export_bank_file")
def export_bank_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the bank file, once."""
    shown = visible_batch(request, pk)
    try:
        made = services.export_bank_file(batch=shown, by=request.user, at=clock.now())
    except RuleBroken as refusal:
        return batch_page(request, visible_batch(request, pk), refusal=refusal.message, status=refusal.status)
    messages.success(request, f"Archivo {made.number:06d} listo. Descárgalo y súbelo a la banca electrónica.")
    return redirect("treasury:batch", pk=pk)


@requires(Permission.PREPARE_PAYMENTS, fresh=True)
@require_POST
def download_bank_file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The very bytes of the bank file; each download is recorded, so this is a POST on purpose and may be repeated."""
    shown = visible_batch(request, pk)
    bank_file = get_object_or_404(BankFile, batch=shown)
    try:
        bank_file = services.note_download(bank_file=bank_file, by=request.user, at=clock.now())
    except RuleBroken as refusal:
        return batch_page(request, shown, refusal=refusal.message, status=refusal.status)
    return download_of(bank_file.file)


@requires(Permission.PREPARE_PAYMENTS)
@require_POST
@asks(lambda request, pk: questions.note_sent(visible_batch(request, pk)))
@once_only("treasury.note_sent")
def note_sent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Its preparer says that the bank has the file."""
    shown = visible_batch(request, pk)
    try:
        services.note_sent(batch=shown, by=request.user, at=clock.now())
    except RuleBroken as refusal:
        return batch_page(request, visible_batch(request, pk), refusal=refusal.message, status=refusal.status)
    messages.success(request, "Listo: quedó como enviado al banco. Sube su respuesta cuando la tengas.")
    return redirect("treasury:batch", pk=pk)


@requires(Permission.PREPARE_PAYMENTS)
@require_POST
@once_only("treasury.read_result")
def read_result(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read the bank's answer without applying it: its control totals come first."""
    shown = visible_batch(request, pk)
    form = ResultForm(request.POST, request.FILES)
    if not form.is_valid():
        return batch_page(request, shown, result=form, status=422)
    try:
        result = services.read_bank_result(
            batch=shown, upload=form.cleaned_data["result"], by=request.user, at=clock.now()
        )
    except RuleBroken as refusal:
        form.add_error("result", refusal.message)
        return batch_page(
            request, shown, result=form, findings=labels.errors_first(refusal.findings), status=refusal.status
        )
    if result.run.headings:
        return redirect("imports:run", pk=result.run_id)
    return redirect("treasury:bank_result", pk=pk, result=result.pk)


def _read(request: HttpRequest, pk: UUID, result: UUID) -> BankResult:
    return get_object_or_404(
        BankResult.objects.select_related("run__file", "run__read_by", "batch"),
        pk=result,
        batch=visible_batch(request, pk),
    )


def _import_question(request: HttpRequest, pk: UUID, result: UUID) -> Question:
    return questions.import_result(_read(request, pk, result))


@requires(Permission.PREPARE_PAYMENTS)
@require_http_methods(["GET", "POST"])
@asks(_import_question)
@once_only("treasury.import_result")
def bank_result(request: HttpRequest, pk: UUID, result: UUID) -> HttpResponse:
    """Control totals of an answer that was read; a POST applies it. First its headings."""
    read = _read(request, pk, result)
    if read.run.headings and read.run.is_open:
        return redirect("imports:run", pk=read.run_id)
    shown = read.batch
    refusal, status = "", 200
    if request.method == "POST":
        try:
            services.import_bank_result(result=read, by=request.user, at=clock.now())
            if (asked := _read(request, pk, result)).run.is_open:  # nobody knows its headings any more
                return redirect("imports:run", pk=asked.run_id)
            messages.success(request, "Respuesta aplicada: quedó contabilizada y avisamos a quien cobra.")
            return redirect("treasury:batch", pk=pk)
        except RuleBroken as error:
            refusal, status = error.message, error.status
    answer = answers.answer_of(read)
    return render(
        request,
        "treasury/bank_result.html",
        {
            "batch": shown,
            "result": read,
            "answer": answer,
            "applying": questions.import_result(read),
            "sums": read.sums,
            "run": read.run,
            "refusal": refusal,
            "crumbs": [
                ("Pagos", reverse("treasury:batches")),
                (str(shown), reverse("treasury:batch", args=[pk])),
                ("Respuesta del banco", ""),
            ],
        },
        status=status,
    )
