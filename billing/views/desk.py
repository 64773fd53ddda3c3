"""The desk's side of billing: review invoices and complements, take orders in."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from billing import forms, listings, questions, queues, rules, services
from billing.models import CareOrder, Complement, Invoice
from billing.selectors import clean as lane
from billing.selectors import desk_pages, reach
from billing.views.shared import status_of
from portal import clock, queue
from portal.access import Permission as P
from portal.access import may, requires
from portal.design.asking import FIELD, Question, asks
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.imports import selectors as imports
from portal.listing import answer
from portal.once.decorators import once_only
from portal.papers.keeping import KeptFile
from portal.work import selectors as work
from portal.work.asked import asked_of
from portal.work.registry import Queue


def _invoice(request: HttpRequest, folio: str) -> Invoice:
    return reach.desk_invoice(request.user, folio)


@requires(P.REVIEW_INVOICES)
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """Invoices at the desk, the oldest waiting first."""
    return answer(request, listings.REVIEWS, "billing/desk/reviews.html", {"crumbs": []})


@requires(P.REVIEW_INVOICES)
@require_safe
def review(request: HttpRequest, folio: str) -> HttpResponse:
    """What fails first, facts against facts, the papers beside, the decision in sight."""
    return _review(request, _invoice(request, folio))


def _review(request: HttpRequest, invoice: Invoice, *, status: int = 200, **bound: forms.Form) -> HttpResponse:
    """The page again: `returning`, `rejecting` or `cancelled_form` came back with what was typed."""
    page = desk_pages.review(invoice, user=request.user, asked=asked_of(request), at=clock.now())
    told = {
        "returning": forms.ReasonsForm(auto_id="devolver_%s"),
        "rejecting": forms.ReasonsForm(auto_id="rechazar_%s"),
        "cancelled_form": forms.CancelledForm(),
    } | bound
    offered = {"returning": told["returning"], "rejecting": told["rejecting"]}
    page["ways"] = desk_pages.ways(invoice, **offered) if page["is_open"] else []
    return render(request, "billing/desk/review.html", page | told, status=status)


@requires(P.REVIEW_INVOICES)
@require_POST
@once_only("billing.accept")
def accept(request: HttpRequest, folio: str) -> HttpResponse:
    """Accept and go to the next one."""
    invoice = _invoice(request, folio)
    services.accept_invoice(invoice=invoice, by=request.user, at=clock.now(), undo_for=queue.undo_time())
    _say(request, f"Aceptaste {folio}. Quedó por pagar.")
    return _to_next(request, queues.INVOICES, invoice)


@requires(P.REVIEW_INVOICES)
@require_safe
def clean(request: HttpRequest) -> HttpResponse:
    """Invoices in which the machine found nothing, a line each."""
    return render(request, "billing/desk/clean.html", lane.lane(request.user, at=clock.now()))


@requires(P.REVIEW_INVOICES)
@require_POST
@once_only("billing.accept_unopened")
def accept_unopened(request: HttpRequest, folio: str) -> HttpResponse:
    """Accept one by its line, and stay at the lane."""
    invoice = _invoice(request, folio)
    services.accept_unopened(invoice=invoice, by=request.user, at=clock.now(), undo_for=queue.undo_time())
    _say(request, f"Aceptaste {folio}. Quedó por pagar.")
    return redirect("billing:clean")


def _say(request: HttpRequest, sentence: str) -> None:
    """What a decision did; while it can be undone nothing was done yet, and the bar says what was decided."""
    if not queue.undo_time():
        messages.success(request, sentence)


def _to_next(request: HttpRequest, of: Queue, decided: Invoice | Complement, *, last: str = "") -> HttpResponse:
    """What waits after this one in the filter it was opened from, or before it; after the last one the list, or its own
    page where `last` names it.
    """
    asked, at = asked_of(request), clock.now()
    around = work.standing(of.name, decided, user=request.user, at=at, asked=asked)
    stays = last and not (around.next or around.previous)
    return redirect(last, pk=decided.pk) if stays else redirect(around.onwards)


def _read(request: HttpRequest) -> list[str]:
    """What a physician will read of what was marked and typed."""
    return rules.read_sentences(request.POST.getlist("reasons"), request.POST.get("note", ""))


def _with_reasons(
    request: HttpRequest, folio: str, service: Callable[..., Invoice], said: str, *, where: str
) -> HttpResponse:
    """Run `service` with the reasons typed; what is missing comes back beside its field, nothing typed is lost."""
    invoice = _invoice(request, folio)
    form = forms.ReasonsForm(request.POST, auto_id=f"{where}_%s")
    try:
        if form.is_valid():
            service(invoice=invoice, **form.cleaned_data, by=request.user, at=clock.now(), undo_for=queue.undo_time())
            _say(request, said.format(folio=folio))
            return _to_next(request, queues.INVOICES, invoice)
    except RuleBroken as problem:
        if problem.field not in form.fields:
            raise
        form.add_error(problem.field, problem.message)
    opened = {"returning": form} if where == "devolver" else {"rejecting": form}
    return _review(request, invoice, status=UNPROCESSABLE, **opened)


@requires(P.REVIEW_INVOICES)
@require_POST
@asks(lambda request, folio: questions.return_invoice(_invoice(request, folio), _read(request)))
@once_only("billing.return")
def give_back(request: HttpRequest, folio: str) -> HttpResponse:
    """Return it with every reason at once."""
    said = "Devolviste {folio}. El médico ya tiene los motivos."
    return _with_reasons(request, folio, services.return_invoice, said, where="devolver")


@requires(P.REVIEW_INVOICES)
@require_POST
@asks(lambda request, folio: questions.reject_invoice(_invoice(request, folio), _read(request)))
@once_only("billing.reject")
def reject(request: HttpRequest, folio: str) -> HttpResponse:
    """Reject it; its orders are free again."""
    said = "Rechazaste {folio}. Sus órdenes quedaron libres."
    return _with_reasons(request, folio, services.reject_invoice, said, where="rechazar")


@requires(P.REVIEW_INVOICES)
@require_POST
@asks(lambda request, folio: questions.cancel_invoice(_invoice(request, folio)))
@once_only("billing.cancel")
def cancel(request: HttpRequest, folio: str) -> HttpResponse:
    """The physician cancelled it at the SAT after it was accepted: it is not paid any more."""
    invoice, form = _invoice(request, folio), forms.CancelledForm(request.POST)
    if not form.is_valid():
        return _review(request, invoice, status=UNPROCESSABLE, cancelled_form=form)
    services.cancel_invoice(invoice=invoice, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
    messages.success(request, f"Marcaste {folio} como cancelada. Ya no se paga y el médico lo sabe.")
    return redirect("billing:review", folio=folio)


@requires(P.REVIEW_INVOICES)
@require_safe
def complements(request: HttpRequest) -> HttpResponse:
    """Complements at the desk, and paid invoices whose complement is overdue."""
    return answer(request, listings.COMPLEMENTS, "billing/desk/complements.html", {"crumbs": []})


@requires(P.REVIEW_INVOICES)
@require_safe
def overdue(request: HttpRequest) -> HttpResponse:
    """Paid invoices whose complement's date is gone, the oldest first (N11)."""
    crumbs = [("Complementos", reverse("billing:complements")), ("Vencidos", "")]
    return answer(request, listings.OVERDUE, "billing/desk/overdue.html", {"crumbs": crumbs})


@requires(P.REVIEW_INVOICES)
@require_safe
def complement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One complement with its chain and findings."""
    return _complement_page(request, _complement(request, pk), forms.ComplementDecisionForm())


def _complement(request: HttpRequest, pk: UUID) -> Complement:
    return reach.complement(request.user, pk)


def _complement_page(request: HttpRequest, found: Complement, form: forms.Form, *, status: int = 200) -> HttpResponse:
    page = desk_pages.complement(found, user=request.user, asked=asked_of(request), at=clock.now())
    page |= {"form": form, "ways": desk_pages.complement_ways(found, page, form=form)}
    return render(request, "billing/desk/complement.html", page, status=status)


def _complement_question(request: HttpRequest, pk: UUID) -> Question:
    found = _complement(request, pk)
    cancels = questions.cancel_complement(found)
    return cancels if request.POST[FIELD] == cancels.id else questions.reject_complement(found)


@requires(P.REVIEW_INVOICES)
@require_POST
@asks(_complement_question)
@once_only("billing.decide_complement")
def decide_complement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept, reject or mark as cancelled."""
    found = _complement(request, pk)
    form = forms.ComplementDecisionForm(request.POST)
    try:
        if form.is_valid():
            return _decide(request, found, **form.cleaned_data)
    except RuleBroken as problem:
        if problem.field not in form.fields:
            raise
        form.add_error(problem.field, problem.message)
    return _complement_page(request, found, form, status=UNPROCESSABLE)


def _decide(request: HttpRequest, found: Complement, *, act: str, reason: str) -> HttpResponse:
    at, told = clock.now(), "Guardamos tu decisión y avisamos al médico."
    if act == "cancel":
        services.cancel_complement(complement=found, reason=reason, by=request.user, at=at)
        messages.success(request, told)
        return redirect("billing:complement_review", pk=found.pk)
    services.decide_complement(
        complement=found, accept=act == "accept", reason=reason, by=request.user, at=at, undo_for=queue.undo_time()
    )
    _say(request, told)
    return _to_next(request, queues.COMPLEMENTS_TO_REVIEW, found, last="billing:complement_review")


@requires(P.IMPORT_ORDERS)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Every order that arrived, and its deliveries."""
    return answer(request, listings.DESK_ORDERS, "billing/desk/orders.html", {"crumbs": []})


@requires(P.IMPORT_ORDERS)
@once_only("billing.import_orders")
def import_orders(request: HttpRequest) -> HttpResponse:
    """Read a CSV of orders with its control totals; it is applied on the page of its import."""
    by, at = request.user, clock.now()
    form = forms.OrdersFileForm(request.POST or None, request.FILES or None, insurers=desk_pages.insurer_choices(by))
    kept = KeptFile(form, services.DRAFT, by=by, at=at)
    if request.method == "POST":
        try:
            if form.is_valid():
                asked = {name: form.cleaned_data[name] for name in ("rows", "payable")}
                with kept.upload() as upload:
                    run = services.read_orders_file(
                        insurer_id=form.cleaned_data["insurer"], upload=upload, **asked, by=by, at=at
                    )
                kept.done()
                if run.stood_before:
                    messages.info(request, "Ese archivo ya lo teníamos: aquí está como quedó.")
                return redirect("imports:run", pk=run.pk)
        except RuleBroken as problem:
            refuse(form, problem)
        kept.keep(lambda upload: services.keep_orders_file(upload=upload, by=by, at=at))
    context = {
        "form": form,
        "kept": kept.rows,
        "template": reverse("imports:template", args=[services.KIND]),
        "waiting": imports.waiting(request.user, services.KIND),
        "crumbs": [("Órdenes", reverse("billing:desk_orders")), ("Importar", "")],
    }
    return render(request, "billing/desk/import.html", context, status=status_of(form))


@requires(P.IMPORT_ORDERS)
@require_safe
def delivery(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What became of one delivery, row by row."""
    return render(request, "billing/desk/delivery.html", desk_pages.delivery(reach.delivery(request.user, pk)))


def _order(request: HttpRequest, pk: UUID) -> CareOrder:
    return reach.desk_order(request.user, pk)


@requires(P.IMPORT_ORDERS)
@require_safe
def order(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One order as it arrived, and the way to take it back."""
    found, may_review = _order(request, pk), may(request.user, P.REVIEW_INVOICES)
    shown = desk_pages.order(found, on=clock.today()) | {"may_review": may_review}
    return render(request, "billing/desk/order.html", shown)


@requires(P.IMPORT_ORDERS)
@asks(lambda request, pk: questions.withdraw_order(_order(request, pk)))
@once_only("billing.withdraw")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an order back, with its reason."""
    found = _order(request, pk)
    form = forms.WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_order(order=found, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
            messages.success(request, f"Retiraste la orden {found.account}.")
            return redirect("billing:desk_orders")
        except RuleBroken as problem:
            refuse(form, problem)
    crumbs = [
        ("Órdenes", reverse("billing:desk_orders")),
        (found.account, reverse("billing:desk_order", args=[pk])),
        ("Retirar", ""),
    ]
    context = {"form": form, "order": found, "question": questions.withdraw_order(found), "crumbs": crumbs}
    return render(request, "billing/desk/withdraw.html", context, status=status_of(form))
