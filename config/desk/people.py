"""The desk's people: who they are, what they may do, and the changes that administrators make."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_GET, require_POST

from config.desk import words
from config.desk.listings import PEOPLE
from portal import clock, identifiers
from portal.access import ROLE_LABELS, STAFF_ROLES, Role, may, requires
from portal.access import Permission as P
from portal.design.asking import FIELD, Question, asks
from portal.design.forms import Form, TextField, refuse
from portal.errors import RuleBroken
from portal.history.selectors import timeline
from portal.listing import answer
from portal.people import selectors, services
from portal.people.models import Grant, GrantProposal, User


class GrantForm(Form):
    """A desk role to ask for; a second administrator confirms it."""

    role = forms.ChoiceField(
        label="Permiso", choices=[(role.value, ROLE_LABELS[role]) for role in Role if role in STAFF_ROLES]
    )


class ReasonForm(Form):
    """Why an account is closed or opened."""

    reason = TextField(label="Motivo", max_length=500, multiline=True, rows=2)


@requires(P.SEE_PEOPLE)
@require_GET
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody with an account; what waits for a second administrator stands above."""
    manages = may(request.user, P.MANAGE_PEOPLE)
    open_ones = selectors.open_proposals() if manages else []
    proposals = [(one, ROLE_LABELS[Role(one.role)], *_grant_questions(one)) for one in open_ones]
    return answer(request, PEOPLE, "desk/people.html", {"proposals": proposals})


@requires(P.SEE_PEOPLE)
@require_GET
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: identifiers, permissions, sessions, what happened."""
    return _show(request, get_object_or_404(User, pk=pk))


@requires(P.MANAGE_PEOPLE, fresh=True)
@require_POST
def propose_grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a desk role."""
    user, form = get_object_or_404(User, pk=pk), GrantForm(request.POST)
    operator = selectors.operator()
    if operator is None:
        raise RuleBroken("Falta la organización que opera el portal. Créala antes de dar permisos de la mesa.")
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        try:
            services.propose_grant(user=user, party=operator, role=role, by=request.user, at=clock.now())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, "Solicitud enviada: la confirma otra persona de Administración.")
            return redirect("desk:person", pk=pk)
    return _show(request, user, status=422, grant=form)


def _grant_questions(proposal: GrantProposal) -> tuple[Question, Question]:
    """Before a role of the desk is confirmed, and before it is refused."""
    role, back = ROLE_LABELS[Role(proposal.role)], reverse("desk:people")
    action = reverse("desk:decide_grant", args=[proposal.pk])
    who, asked = str(proposal.user), f"Lo pidió {proposal.proposed_by}."
    return (
        Question(
            id=f"confirmar_{proposal.pk}",
            title=f"¿Dar a {who} el permiso de {role}?",
            kind="primary",
            text=f"{asked} Lo puede usar desde la siguiente página que abra.",
            label="Confirmar permiso",
            name="decision",
            value="confirmar",
            action=action,
            back=back,
            keep="Dejarlo por confirmar",
        ),
        Question(
            id=f"rechazar_{proposal.pk}",
            title=f"¿Rechazar el permiso de {role} para {who}?",
            kind="secondary",
            text=f"{asked} Si hace falta después, hay que pedirlo otra vez.",
            label="Rechazar",
            name="decision",
            value="rechazar",
            action=action,
            back=back,
            keep="Dejarlo por confirmar",
        ),
    )


def _grant_question(request: HttpRequest, pk: UUID) -> Question:
    confirming, refusing = _grant_questions(get_object_or_404(GrantProposal, pk=pk))
    return refusing if request.POST[FIELD] == refusing.id else confirming


@requires(P.MANAGE_PEOPLE, fresh=True)
@require_POST
@asks(_grant_question)
def decide_grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm or refuse a role that another administrator asked for."""
    proposal = get_object_or_404(GrantProposal, pk=pk)
    accept = request.POST.get("decision") == "confirmar"
    services.decide_grant(proposal=proposal, accept=accept, by=request.user, at=clock.now())
    messages.success(request, "Permiso confirmado." if accept else "Solicitud rechazada.")
    return redirect("desk:people")


@requires(P.MANAGE_PEOPLE, fresh=True)
@require_POST
def end_grant(request: HttpRequest, pk: UUID, grant: int) -> HttpResponse:
    """End a role; it counts from the person's next request."""
    found = get_object_or_404(Grant, pk=grant, user_id=pk)
    services.end_grant(grant=found, by=request.user, at=clock.now(), reason=request.POST.get("reason", "")[:500])
    messages.success(request, "El permiso terminó.")
    return redirect("desk:person", pk=pk)


def _close_question(user: User) -> Question:
    """Before somebody's account is closed; to open one again nobody is asked."""
    return Question(
        id="cerrar_cuenta",
        title=f"¿Cerrar la cuenta de {user}?",
        label="Cerrar cuenta",
        text="Sus sesiones terminan en este momento y no vuelve a entrar hasta que alguien la abra.",
        action=reverse("desk:set_account", args=[user.pk]),
        back=reverse("desk:person", args=[user.pk]),
    )


@requires(P.MANAGE_PEOPLE, fresh=True)
@require_POST
@asks(lambda request, pk: _close_question(get_object_or_404(User, pk=pk)))
def set_account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close an account (its sessions end at once) or open it again."""
    user, form = get_object_or_404(User, pk=pk), ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, user, status=422, account=form)
    act = services.enable_person if user.disabled_at else services.disable_person
    act(user=user, by=request.user, at=clock.now(), reason=form.cleaned_data["reason"])
    messages.success(request, "La cuenta quedó abierta." if user.disabled_at else "La cuenta quedó cerrada.")
    return redirect("desk:person", pk=pk)


def _show(request: HttpRequest, user: User, status: int = 200, **bound: forms.Form) -> HttpResponse:
    on = clock.today()
    grants = user.grants.select_related("party", "granted_by").order_by("-since", "-pk")
    context: dict[str, Any] = {
        "person": user,
        "identifiers": [
            (capfirst(one.get_kind_display()), _shown(one)) for one in user.identifiers.order_by("kind", "pk")
        ],
        "grants": [
            (grant, ROLE_LABELS[Role(grant.role)], grant.since <= on and (grant.until is None or on < grant.until))
            for grant in grants
        ],
        "sessions": list(UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")[:20]),
        "events": [
            {"title": words.act(event.action), "reason": event.reason, "at": event.at, "by": event.by}
            for event in timeline(user).order_by("-pk")[:20]
        ],
        "manages": may(request.user, P.MANAGE_PEOPLE) and request.user.pk != user.pk,
        "grant_form": bound.get("grant", GrantForm()),
        "account_form": bound.get("account", ReasonForm()),
        "closing": _close_question(user),
        "crumbs": [("Personas", reverse("desk:people")), (str(user), "")],
    }
    return render(request, "desk/person.html", context, status=status)


def _shown(one: Any) -> str:
    return one.canonical if one.kind == "email" else identifiers.mask(one.kind, one.canonical)
