"""A titular's own family: add somebody, end a stay, invite an adult; and an adult who takes the invitation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from memberships import forms, questions, services
from memberships.models import Member, Membership, titular_is
from memberships.rules.family import INVITED, INVITED_WINDOW
from memberships.selectors.links import offered_by
from portal import clock
from portal.access import Permission as P
from portal.access import requires, signed_in
from portal.design.asking import Question, asks
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.once.decorators import once_only
from portal.once.services import throttle

_HOME = "Mi membresía"


def _stay(request: HttpRequest, pk: UUID) -> Member:
    """Somebody else who is of a family whose titular one is, today."""
    user: Any = request.user
    led = Member.objects.led_by(user, on=clock.today())
    return get_object_or_404(led.select_related("person__party", "membership"), pk=pk)


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.add_member")
def add_member(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody more of one's own family, from today on."""
    user: Any = request.user
    found = get_object_or_404(Membership.objects.dues().exclude(state="draft").filter(titular_is(user)), pk=pk)
    form = forms.RelativeForm(request.POST if request.method == "POST" else None)
    status = UNPROCESSABLE if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            made = services.add_member(membership=found, person=form.person(), by=user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
            status = problem.status
        else:
            messages.success(request, f"Agregamos a {made.person.as_printed}.")
            return redirect("memberships:person", pk=made.person_id)
    crumbs = [(_HOME, reverse("memberships:home")), ("Agregar a una persona", "")]
    return render(request, "memberships/add_member.html", {"form": form, "crumbs": crumbs}, status=status)


def _end_question(request: HttpRequest, pk: UUID) -> Question:
    return questions.end_member(_stay(request, pk))


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_POST
@asks(_end_question)
@once_only("memberships.end_member")
def end_member(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End somebody's stay, asked first."""
    user: Any = request.user
    ended = services.end_member(member=_stay(request, pk), by=user, at=clock.now())
    messages.success(request, f"{ended.person.as_printed} ya no está en tu membresía.")
    return redirect("memberships:home")


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.invite_adult")
def invite_adult(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An adult of one's family gets an own account, by the address that one names."""
    user: Any = request.user
    found = _stay(request, pk)
    form = forms.AdultForm(request.POST if request.method == "POST" else None)
    status = UNPROCESSABLE if form.is_bound else 200
    if form.is_bound and form.is_valid():
        throttle(scope="memberships.invite", key=str(user.pk), limit=INVITED, window=INVITED_WINDOW)
        try:
            services.invite_adult(member=found, email=form.cleaned_data["email"], by=user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
            status = problem.status
        else:
            messages.success(request, "Le mandamos un correo con el paso que sigue.")
            return redirect("memberships:person", pk=found.person_id)
    crumbs = [
        (_HOME, reverse("memberships:home")),
        (found.person.as_printed, reverse("memberships:person", args=[found.person_id])),
        ("Invitar", ""),
    ]
    context = {"form": form, "person": found.person, "crumbs": crumbs}
    return render(request, "memberships/invite_adult.html", context, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.link")
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The invitation that came by mail, opened by whoever has that address: take what is theirs, or leave it."""
    user: Any = request.user
    found = offered_by(token, user)
    if found is None:
        raise Http404
    if request.method == "POST":
        person = services.accept_link(member=found, by=user, at=clock.now())
        messages.success(request, "Listo: esto es lo tuyo en la membresía.")
        return redirect("memberships:person", pk=person.pk)
    return render(request, "memberships/link.html", {"person": found.person, "crumbs": []})
