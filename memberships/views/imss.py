"""The guide of the IMSS, a page a person; and the desk's page of its links (S1.6-S1.17)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from memberships import forms, selectors, services
from memberships.models import CoveredPerson, ImssSource, Member
from memberships.rules.family import Datum
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.once.decorators import once_only


def _person(request: HttpRequest, pk: UUID) -> CoveredPerson:
    """Somebody of one's own families whose steps one may see today (AC-05)."""
    user: Any = request.user
    joined = Member.objects.joined().values("person")
    found = get_object_or_404(CoveredPerson.objects.of_member(user).filter(pk__in=joined), pk=pk)
    if not selectors.may_see(user, found, Datum.IMSS, clock.today()).visible:
        raise Http404
    return found


def _show(
    request: HttpRequest,
    person: CoveredPerson,
    form: forms.ImssForm | None = None,
    papers: forms.ImssPapersForm | None = None,
) -> HttpResponse:
    shown = selectors.imss_page(request.user, person, at=clock.now())  # type: ignore[arg-type]
    check = shown["check"]
    context = shown | {
        "person": person,
        "form": form or forms.ImssForm(initial=forms.ImssForm.told(check)),
        "papers": papers or forms.ImssPapersForm(initial={"ticked": check.ticked}),
        "crumbs": [("Mi membresía", reverse("memberships:home")), (f"IMSS: {person.as_printed}", "")],
    }
    return render(request, "memberships/imss.html", context, status=UNPROCESSABLE if form or papers else 200)


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.imss")
def imss(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Three questions about the constancia, and the path that they lead to."""
    person, user = _person(request, pk), request.user
    if request.method != "POST":
        return _show(request, person)
    form = forms.ImssForm(request.POST)
    if not form.is_valid():
        return _show(request, person, form)
    services.keep_imss_answers(person=person, **form.answers(), by=user, at=clock.now())
    return redirect("memberships:imss", pk=pk)


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_POST
@once_only("memberships.imss_papers")
def imss_papers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tick the papers that are together."""
    person, user = _person(request, pk), request.user
    form = forms.ImssPapersForm(request.POST)
    if not form.is_valid():
        return _show(request, person, papers=form)
    services.tick_imss_papers(person=person, ticked=form.cleaned_data["ticked"], by=user, at=clock.now())
    messages.success(request, "Guardamos tus papeles.")
    return redirect("memberships:imss", pk=pk)


@requires(P.AFFILIATE)
@require_safe
def imss_sources(request: HttpRequest) -> HttpResponse:
    """The IMSS's links and telephone, each with the day somebody last tried it."""
    return _show_sources(request)


def _show_sources(request: HttpRequest, form: forms.ImssSourceForm | None = None, *, of: int = 0) -> HttpResponse:
    rows = [
        (
            one,
            form
            if form and one.pk == of
            else forms.ImssSourceForm(
                initial={"value": one.value, "checked_on": clock.today()}, auto_id=f"id_{one.code}_%s"
            ),
        )
        for one in selectors.imss_sources()
    ]
    crumbs = [("Afiliaciones", reverse("memberships:affiliations")), ("Páginas y teléfonos", "")]
    context = {"rows": rows, "crumbs": crumbs}
    return render(request, "memberships/desk/imss.html", context, status=UNPROCESSABLE if form else 200)


@requires(P.AFFILIATE)
@require_POST
@once_only("memberships.imss_source")
def imss_source(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct one of them, with the day it was tried."""
    found, user = get_object_or_404(ImssSource, pk=pk), request.user
    form = forms.ImssSourceForm(request.POST, auto_id=f"id_{found.code}_%s")
    if form.is_valid():
        try:
            services.set_imss_source(source=found, **form.cleaned_data, by=user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            messages.success(request, f"Guardado: {found.label}.")
            return redirect("memberships:imss_sources")
    return _show_sources(request, form, of=pk)
