"""A family joins by itself: plan, you, family, check answers; each step is kept, the last one ends at the payment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from memberships import forms, selectors, services
from memberships.models import Member, Membership
from memberships.rules.joining import NewPerson
from memberships.sign_up import PRIVACY
from portal import clock
from portal.access import Permission as P
from portal.access import public, requires
from portal.design.forms import Form, tried
from portal.once.decorators import once_only
from portal.people import selectors as people

_STEPS = (
    ("Plan", "join", "memberships/join.html"),
    ("Tus datos", "join_you", "memberships/join_you.html"),
    ("Tu familia", "join_family", "memberships/join_family.html"),
    ("Revisa y termina", "join_check", "memberships/join_check.html"),
)


def _show(request: HttpRequest, step: int, form: Form | None, *, status: int = 200, **more: Any) -> HttpResponse:
    """A step's page; steps of before are led to."""
    steps = [(label, reverse(f"memberships:{name}")) for label, name, _page in _STEPS]
    context = {"form": form, "steps": steps, "step": step, "crumbs": [], **more}
    return render(request, _STEPS[step - 1][2], context, status=status)


def _begin_first(request: HttpRequest) -> HttpResponse:
    """The first step's page, for whoever has begun nothing or has finished meanwhile."""
    plans, status = selectors.offered_plans(on=clock.today()), 409 if request.method == "POST" else 200
    return _show(request, 1, forms.PlanChoiceForm(), status=status, plans=plans)


@public("Quien quiere afiliarse ve primero los planes, y luego se registra o entra.")
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.join")
def join(request: HttpRequest) -> HttpResponse:
    """Step 1: sign-up or sign-in, then the plan; what was begun goes on (2.12)."""
    plans = selectors.offered_plans(on=clock.today())
    user: Any = request.user
    if not user.is_authenticated:
        return render(request, "memberships/join_door.html", {"plans": plans, "crumbs": []})
    draft = selectors.draft_of(user)
    first = {"plan": str(draft.plan_id)} if draft else {"plan": request.GET.get("plan", "")}
    form = forms.PlanChoiceForm(request.POST if request.method == "POST" else None, initial=first)
    status = 200
    if form.is_bound:
        status = tried(form, lambda: services.begin_joining(plan=form.cleaned_data["plan"], by=user, at=clock.now()))
        if not status:
            return redirect("memberships:join_you")
    return _show(request, 1, form, status=status, plans=plans)


def _draft(request: HttpRequest) -> Membership | None:
    return selectors.draft_of(request.user)  # type: ignore[arg-type]  # who may enter is signed in


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.join_you")
def join_you(request: HttpRequest) -> HttpResponse:
    """Step 2: who joins, by RFC or CURP, and where they live."""
    draft, user = _draft(request), request.user
    if draft is None:
        return _begin_first(request)
    keeps = selectors.keeps_identity(user, draft)
    form = forms.JoinerForm(
        request.POST if request.method == "POST" else None,
        initial=selectors.joining_initial(user, draft),
        keeps_identity=keeps,
    )
    status = 200
    if form.is_bound:
        status = tried(form, lambda: _keep_you(form, draft, user, keeps=keeps))
        if not status:
            return redirect("memberships:join_family")
    known = selectors.own_person(user) if keeps else None
    return _show(request, 2, form, status=status, known=selectors.person_facts(known) if known else [])


def _keep_you(form: forms.JoinerForm, draft: Membership, user: Any, *, keeps: bool) -> None:
    person: NewPerson | None = None if keeps else form.joiner()
    services.keep_titular(draft=draft, person=person, contact=form.contact(user.email), by=user, at=clock.now())


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.join_family")
def join_family(request: HttpRequest) -> HttpResponse:
    """Step 3: everybody else, one by one; nobody else is fine too."""
    draft = _draft(request)
    if draft is None:
        return _begin_first(request)
    if draft.titular is None:
        return redirect("memberships:join_you")
    form = forms.RelativeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = tried(
            form,
            lambda: services.add_to_draft(draft=draft, person=form.person(), by=request.user, at=clock.now()),
        )
        if not status:
            messages.success(request, "Agregamos a esa persona.")
            return redirect("memberships:join_family")
    return _show(request, 3, form, status=status, relatives=selectors.relatives_of(draft))


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_POST
@once_only("memberships.join_drop")
def join_drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take somebody out again, before the family has joined."""
    drafts = Membership.objects.drafts_of(request.user)
    found = get_object_or_404(Member.objects.select_related("membership", "person"), pk=pk, membership__in=drafts)
    name = found.person.as_printed
    services.drop_from_draft(member=found, by=request.user, at=clock.now())
    messages.success(request, f"Quitamos a {name}.")
    return redirect("memberships:join_family")


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.join_check")
def join_check(request: HttpRequest) -> HttpResponse:
    """Step 4: check answers and the privacy notice; then the first payment."""
    draft, text = _draft(request), people.latest_text(PRIVACY)
    if draft is None:
        return _begin_first(request)
    if draft.titular is None or text is None:
        return redirect("memberships:join_you")
    form = forms.AgreeForm(request.POST if request.method == "POST" else None, text=text)
    status = 200
    if form.is_bound:
        status = tried(form, lambda: services.finish_joining(draft=draft, text=text, by=request.user, at=clock.now()))
        if not status:
            messages.success(request, "Tu familia quedó afiliada. Falta el primer pago para que esté cubierta.")
            return redirect("memberships:make_slip", pk=draft.pk)
    answers = selectors.joining_answers(draft)
    price = selectors.price_on(draft.plan, on=clock.today())
    return _show(request, 4, form, status=status, answers=answers, text=text, price=price)
