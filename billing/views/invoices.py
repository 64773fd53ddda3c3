"""The invoice assistant and the physician's invoices (N3)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from billing import forms, services
from billing.models import Invoice
from billing.selectors import assistant, listings, pages, reach
from billing.views.shared import problem_of
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.errors import RuleBroken
from portal.listing import answer
from portal.once.decorators import once_only


def _mine(request: HttpRequest, pk: UUID) -> Invoice:
    return reach.draft(request.user, pk)


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
    context = assistant.draft(invoice) | {"form": forms.InvoiceFilesForm(), "problem": None}
    return render(request, "billing/draft.html", context)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.attach")
def attach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Drop the XML and the PDF; the verdict comes with the answer."""
    invoice = _mine(request, pk)
    form = forms.InvoiceFilesForm(request.POST, request.FILES)
    form.is_valid()  # what is wrong with a file is told by the service
    try:
        services.attach_files(
            invoice=invoice, xml=request.FILES.get("xml"), pdf=request.FILES.get("pdf"), by=request.user, at=clock.now()
        )
    except RuleBroken as problem:
        invoice = _mine(request, pk)
        if not invoice.is_editable:
            raise
        context = assistant.draft(invoice) | {"form": form} | problem_of(problem)
        return render(request, "billing/draft.html", context, status=problem.status)
    return redirect(f"{reverse('billing:draft', args=[invoice.pk])}#resultado")


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
    return render(request, "billing/submitted.html", pages.submitted(invoice))


@requires(P.SEE_OWN_BILLING)
@require_safe
def invoice(request: HttpRequest, folio: str) -> HttpResponse:
    """Follow one invoice: state, sum, papers, decisions, payment, complement."""
    return render(request, "billing/invoice.html", pages.invoice(_visible(request, folio)))


def _visible(request: HttpRequest, folio: str) -> Invoice:
    return reach.own_invoice(request.user, folio)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.sheet")
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The assistant's data as a PDF to take to one's invoicing system (N3)."""
    document = services.issue_invoice_sheet(invoice=_mine(request, pk), by=request.user, at=clock.now())
    return redirect("papers:document", document.pk)
