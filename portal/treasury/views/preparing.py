"""Preparing a batch: what falls due, what can be paid and what waits, who could authorise it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from portal import clock
from portal.access import Permission, requires
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.treasury import selectors, services
from portal.treasury.forms import BatchForm, due_asked
from portal.treasury.models import Payable


@requires(Permission.PREPARE_PAYMENTS)
@require_GET
def agenda(request: HttpRequest) -> HttpResponse:
    """What falls due in four weeks; each day leads to its payments, chosen."""
    at = clock.now()
    days = selectors.agenda(at=at)
    context = {
        "late": selectors.late_told(days),
        "agenda": selectors.agenda_told(days, on=clock.date_in(at)) if days else None,
        "crumbs": [("Pagos", reverse("treasury:batches")), ("Agenda", "")],
    }
    return render(request, "treasury/agenda.html", context)


@requires(Permission.PREPARE_PAYMENTS)
@require_http_methods(["GET", "POST"])
@once_only("treasury.prepare_batch")
def new_batch(request: HttpRequest) -> HttpResponse:
    """What can be paid now, what waits and why; choosing makes a batch. A day of the agenda comes chosen."""
    due = due_asked(request.GET, on=clock.today())
    ready, waiting = selectors.choices_for_batch(by=request.user, at=clock.now(), due=due)
    form = BatchForm(request.POST or None, choices=[str(row.payable.pk) for row in ready])
    if request.method == "POST" and form.is_valid():
        chosen = Payable.objects.visible_to(request.user).filter(pk__in=form.cleaned_data["payables"])
        try:
            made = services.prepare_batch(payables=chosen.order_by("pk"), by=request.user, at=clock.now())
            return redirect("treasury:batch", pk=made.pk)
        except RuleBroken as refusal:
            refuse(form, refusal)
            return _new_page(request, form, ready, waiting, due=due, status=refusal.status)
    return _new_page(request, form, ready, waiting, due=due, status=422 if form.is_bound else 200)


def _new_page(
    request: HttpRequest, form: BatchForm, ready: Any, waiting: Any, *, due: selectors.Due, status: int
) -> HttpResponse:
    is_a_day = due != selectors.EVERYTHING
    of_the_day = {str(row.payable.pk) for row in ready if is_a_day}
    chosen = {*request.POST.getlist("payables")} if form.is_bound else of_the_day
    payables = [row.payable for row in ready]
    return render(
        request,
        "treasury/new_batch.html",
        {
            "form": form,
            "ready": ready,
            "waiting": waiting,
            "due": due if is_a_day else None,
            "authorising": selectors.who_authorises(payables, by=request.user, at=clock.now()),
            "nouns": ("pago", "pagos"),
            "most": selectors.MOST_CHOICES if len(ready) + len(waiting) == selectors.MOST_CHOICES else 0,
            "choices": [(row, str(row.payable.pk) in chosen) for row in ready],
            "crumbs": [("Pagos", reverse("treasury:batches")), ("Preparar lote", "")],
        },
        status=status,
    )
