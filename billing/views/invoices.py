"""The invoice assistant and the physician's invoices (N3)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from billing import forms, listings, services
from billing.models import Invoice
from billing.selectors import pages, reach
from billing.selectors import sheet as sheets
from billing.services import drafts
from billing.views.shared import problem_of
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.errors import RuleBroken
from portal.history.services import record_export
from portal.listing import answer
from portal.once.decorators import once_only


def _mine(request: HttpRequest, pk: UUID) -> Invoice:
    """The draft of that address; who opens or presses what they discarded in another window is told so."""
    try:
        return reach.draft(request.user, pk)
    except Http404:
        if reach.was_discarded(request.user, pk):
            raise drafts.gone() from None
        raise


@requires(P.SEE_OWN_BILLING)
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """My invoices, newest first."""
    return answer(request, listings.INVOICES, "billing/invoices.html", {"crumbs": []})


@requires(P.BILL_ORDERS)
@require_safe
def draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything to type in the invoice, then its files and their verdict."""
    invoice = _mine(request, pk)
    if not invoice.is_editable:
        return redirect("billing:invoice", folio=invoice.folio)
    return render(request, "billing/draft.html", sheets.draft(invoice, on=clock.today()) | _files_forms())


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.attach")
def attach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Drop the XML and the PDF, together or one a request (`files`); the verdict comes with the answer."""
    sent = request.FILES
    return _with_files(
        request,
        pk,
        lambda invoice: services.attach_files(
            invoice=invoice,
            xml=sent.get("xml") or sent.get("files"),
            pdf=sent.get("pdf"),
            by=request.user,
            at=clock.now(),
        ),
    )


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.remove_file")
def remove_file(request: HttpRequest, pk: UUID, file_id: UUID) -> HttpResponse:
    """Take one of its files out of a draft; the page offers to put it back."""
    invoice, file = reach.draft_file(request.user, pk, file_id)
    services.remove_file(invoice=invoice, file=file, by=request.user, at=clock.now())
    return _to_files(invoice)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.put_file_back")
def put_file_back(request: HttpRequest, pk: UUID, file_id: UUID) -> HttpResponse:
    """Undo that."""
    _, file = reach.draft_file(request.user, pk, file_id)
    return _with_files(
        request,
        pk,
        lambda invoice: services.put_file_back(invoice=invoice, file=file, by=request.user, at=clock.now()),
    )


def _with_files(request: HttpRequest, pk: UUID, act: Callable[[Invoice], object]) -> HttpResponse:
    """The draft after its files changed, or its page with why they did not."""
    invoice = _mine(request, pk)
    try:
        act(invoice)
    except RuleBroken as problem:
        if problem.code == "discarded":
            raise
        invoice = _mine(request, pk)
        if not invoice.is_editable:
            raise
        context = sheets.draft(invoice, on=clock.today()) | _files_forms() | problem_of(problem)
        return render(request, "billing/draft.html", context, status=problem.status)
    return _to_files(invoice)


def _to_files(invoice: Invoice) -> HttpResponse:
    return redirect(f"{reverse('billing:draft', args=[invoice.pk])}#resultado")


def _files_forms() -> dict[str, object]:
    return {"form": forms.InvoiceFilesForm(), "uploads": forms.InvoiceUploadsForm(), "problem": None}


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.submit")
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send it to review; the answer is the page with its folio."""
    invoice = services.submit_invoice(invoice=_mine(request, pk), by=request.user, at=clock.now())
    return redirect("billing:submitted", folio=invoice.folio)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.discard")
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Drop a draft."""
    services.discard_draft(invoice=_mine(request, pk), by=request.user, at=clock.now())
    messages.success(request, "Descartamos el borrador. Sus órdenes quedaron otra vez por facturar.")
    return redirect("billing:orders")


@requires(P.SEE_OWN_BILLING)
@require_safe
def submitted(request: HttpRequest, folio: str) -> HttpResponse:
    """Proof that it arrived: folio, what happens next, when; may be reopened any time."""
    invoice = _visible(request, folio)
    return render(request, "billing/submitted.html", pages.submitted(invoice, on=clock.today()))


@requires(P.SEE_OWN_BILLING)
@require_safe
def invoice(request: HttpRequest, folio: str) -> HttpResponse:
    """Follow one invoice: state, sum, papers, decisions, payment, complement."""
    page = pages.own_invoice(_visible(request, folio), user=request.user, at=clock.now())
    return render(request, "billing/invoice.html", page)


def _visible(request: HttpRequest, folio: str) -> Invoice:
    return reach.own_invoice(request.user, folio)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.sheet")
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The assistant's data as a PDF to take to one's invoicing system (N3)."""
    document = services.issue_invoice_sheet(invoice=_mine(request, pk), by=request.user, at=clock.now())
    return redirect("papers:document", document.pk)


@requires(P.BILL_ORDERS)
@require_safe
def draft_data(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """The same data as a file: CSV, JSON, or an XML that an invoicing system stamps."""
    invoice, at = _mine(request, pk), clock.now()
    if kind not in sheets.FILES:
        raise Http404
    content, name, media = sheets.file(sheets.sheet(invoice, on=clock.date_in(at)), kind, at=at)
    record_export(name="draft", model=Invoice, file=kind, by=request.user, at=at)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media, headers=headers)
