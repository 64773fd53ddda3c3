"""Schemes of references at the desk: every contract's terms with a worked example."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from memberships import services
from memberships.forms import ChangeSchemeForm, ExampleForm, NewSchemeForm
from memberships.listings import SCHEMES
from memberships.models import ReferenceScheme
from memberships.rules.schemes import Example, example_of
from portal import clock
from portal.access import Permission as P
from portal.access import may, requires
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.listing import answer
from portal.once.decorators import once_only

UNPROCESSABLE, _DAYS = 422, timedelta(days=5)


def _crumbs(*last: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Cobranza", reverse("treasury:deposits")), *last]


@requires(P.SEE_COLLECTIONS)
@require_safe
def schemes(request: HttpRequest) -> HttpResponseBase:
    """Every scheme of references, those in use first."""
    context = {"crumbs": _crumbs(("Esquemas", "")), "adds": may(request.user, P.MATCH_DEPOSITS)}
    return answer(request, SCHEMES, "memberships/desk/schemes.html", context)


@requires(P.MATCH_DEPOSITS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.add_scheme")
def add_scheme(request: HttpRequest) -> HttpResponse:
    """A scheme of another contract; it is switched on once its example was looked at."""
    user: Any = request.user
    form, status = NewSchemeForm(request.POST or None), 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                made = services.add_scheme(**form.cleaned_data, by=user, at=clock.now())
                messages.success(request, "Esquema agregado. Compara su ejemplo con el del contrato y enciéndelo.")
                return redirect("memberships:scheme", pk=made.pk)
            except RuleBroken as problem:
                refuse(form, problem)
                status = problem.status
    crumbs = _crumbs(("Esquemas", reverse("memberships:schemes")), ("Nuevo", ""))
    return render(request, "memberships/desk/add_scheme.html", {"form": form, "crumbs": crumbs}, status=status)


@requires(P.SEE_COLLECTIONS)
@require_safe
def scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """One scheme: its terms, and a reference worked out of an amount and a day."""
    return _page(request, get_object_or_404(ReferenceScheme, pk=pk))


@requires(P.MATCH_DEPOSITS)
@require_http_methods(["POST"])
@once_only("memberships.change_scheme")
def change_scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """Change it for the slips to come."""
    user: Any = request.user
    found, form, status = get_object_or_404(ReferenceScheme, pk=pk), ChangeSchemeForm(request.POST), UNPROCESSABLE
    if form.is_valid():
        try:
            services.change_scheme(scheme=found, **form.cleaned_data, by=user, at=clock.now())
            messages.success(request, "Guardado. Vale para las fichas que se hagan desde ahora.")
            return redirect("memberships:scheme", pk=pk)
        except RuleBroken as problem:
            refuse(form, problem)
            status = problem.status
    return _page(request, found, form, status=status)


def _page(
    request: HttpRequest, found: ReferenceScheme, form: ChangeSchemeForm | None = None, *, status: int = 200
) -> HttpResponse:
    asked = {"importe": Decimal("350.00"), "hasta": clock.today() + _DAYS}
    example = ExampleForm(request.GET if "importe" in request.GET else asked)
    if example.is_valid():
        asked = example.cleaned_data
    context = {
        "scheme": found,
        "slips": found.slips.count(),
        "example_form": example,
        "example": _example(example, found, **asked),
        "form": form or ChangeSchemeForm(initial={name: getattr(found, name) for name in ChangeSchemeForm.base_fields}),
        "changes": may(request.user, P.MATCH_DEPOSITS),
        "crumbs": _crumbs(("Esquemas", reverse("memberships:schemes")), (found.label, "")),
    }
    return render(request, "memberships/desk/scheme.html", context, status=status)


def _example(form: ExampleForm, found: ReferenceScheme, *, importe: Decimal, hasta: Any) -> Example | None:
    """The worked reference; None where the day or the amount cannot stand in one, which the form then says."""
    try:
        return example_of(
            found.rules,
            prefix=found.prefix,
            length=found.number_length,
            year=clock.today().year,
            amount=importe,
            until=hasta,
        )
    except RuleBroken as problem:
        refuse(form, problem)
        return None
