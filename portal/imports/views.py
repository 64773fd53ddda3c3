"""The page of one import: what came, what is wrong, its totals; applied or cancelled there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal import clock
from portal.access import signed_in
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.history.services import record_export
from portal.imports import selectors, services
from portal.imports.forms import HeadingsForm, TotalsForm
from portal.imports.models import ImportRun
from portal.once.decorators import once_only


def _user(request: HttpRequest) -> Any:
    return request.user


def _run(request: HttpRequest, pk: UUID) -> ImportRun:
    """The run, if this person may take in its kind; anybody else finds nothing."""
    rows = ImportRun.objects.visible_to(_user(request)).select_related("sender", "file", "read_by", "closed_by")
    return get_object_or_404(rows, pk=pk)


def _run_applied_here(request: HttpRequest, pk: UUID) -> ImportRun:
    """The same, unless its kind has a page of its own, with its own question before it is applied."""
    found = _run(request, pk)
    if found.spec.page:
        raise Http404
    return found


def _page(request: HttpRequest, run: ImportRun, form: TotalsForm | None = None, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    forms = {
        "form": form or TotalsForm(layout=run.spec.layout, initial=run.declared),
        "headings_form": HeadingsForm(layout=run.spec.layout, headings=run.headings),
    }
    context = selectors.run_page(run) | forms | more
    return render(request, "imports/run.html", context, status=status)


@signed_in
@require_safe
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The first rows, the totals and every row error of a file that was read."""
    found = _run(request, pk)
    if found.own_page and not found.headings:
        return redirect(found.own_page)
    return _page(request, found)


@signed_in
@require_POST
@once_only("imports.apply")
def apply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the good rows of a file in; those of a long one by the drain, which tells when it is done."""
    found, user = _run_applied_here(request, pk), _user(request)
    try:
        applied = services.apply_or_ask(run=found, by=user, at=clock.now())
    except RuleBroken as problem:
        return _page(request, _run(request, pk), refusal=problem.message, status=problem.status)
    if applied.is_open:
        return redirect("imports:run", pk=pk)
    messages.success(request, "Archivo aplicado.")
    return redirect(applied.spec.done(applied))


@signed_in
@require_POST
@once_only("imports.correct_totals")
def totals(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct what was announced; the file need not be chosen again."""
    found, user = _run_applied_here(request, pk), _user(request)
    layout = found.spec.layout
    form = TotalsForm(request.POST, layout=layout)
    if form.is_valid():
        try:
            declared = layout.typed(form.cleaned_data["rows"], form.amounts)
            services.correct_totals(run=found, declared=declared, by=user, at=clock.now())
            return redirect("imports:run", pk=pk)
        except RuleBroken as problem:
            refuse(form, problem)
    return _page(request, _run(request, pk), form, status=422)


@signed_in
@require_POST
@once_only("imports.headings")
def headings(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say which foreign heading is which column; remembered for the sender's next files."""
    found, user = _run(request, pk), _user(request)
    form = HeadingsForm(request.POST, layout=found.spec.layout, headings=found.headings)
    if form.is_valid():
        try:
            services.say_headings(run=found, said=form.cleaned_data, by=user, at=clock.now())
            return redirect("imports:run", pk=pk)
        except RuleBroken as problem:
            refuse(form, problem)
    return _page(request, _run(request, pk), headings_form=form, status=422)


@signed_in
@require_POST
@once_only("imports.cancel")
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Drop a file that was read; nothing of it entered."""
    found, user = _run(request, pk), _user(request)
    services.cancel_run(run=found, by=user, at=clock.now())
    messages.success(request, "Cancelaste el archivo: no entró nada. Puedes subirlo otra vez.")
    return redirect(found.spec.start)


@signed_in
@require_safe
def errors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every error of a run as a file, to mend them beside the table."""
    found = _run(request, pk)
    record_export(name=f"import-errors:{found.pk}", model=ImportRun, by=request.user, at=clock.now())
    return _file(selectors.errors_file(found), "errores")


@signed_in
@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The headings of a kind as an empty table."""
    spec = selectors.spec_for(_user(request), kind)
    if spec is None:
        raise Http404
    return _file(selectors.template_file(spec), f"plantilla-{spec.purpose}")


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response
