"""The desk's people: who they are, what they may do, and the changes that administrators make."""

from __future__ import annotations

from collections.abc import Iterable
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
from config.desk.forms import OFFERED, GrantDecisionForm, GrantForm, ReasonForm
from config.desk.listings import PEOPLE
from config.desk.selectors import insurer_choices
from config.desk.services import ask_for_role
from portal import clock, identifiers
from portal.access import (
    CLASH_LABELS,
    CONFLICTS,
    PERMISSION_LABELS,
    ROLE_LABELS,
    Clash,
    Role,
    RoleConflict,
    may,
    requires,
)
from portal.access import Permission as P
from portal.design import dates
from portal.design.asking import FIELD, Question, asks
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.history.selectors import timeline
from portal.listing import answer
from portal.once.decorators import once_only
from portal.people import selectors, services
from portal.people.models import Grant, GrantProposal, User

# How a line of the table of conflicts looks on a page.
NOTES = {Clash.REFUSED: "error", Clash.COUNTERSIGNED: "warn", Clash.TOLD: "info"}


OF_ACCOUNT = "account_%s"  # a role is asked for with a reason on the same page


@requires(P.SEE_PEOPLE)
@require_GET
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody with an account; what waits for a second administrator stands above."""
    manages = may(request.user, P.MANAGE_PEOPLE)
    open_ones = selectors.open_proposals() if manages else []
    notes = _asked_notes(open_ones)
    proposals = [(one, one.in_words, notes[one.pk], *_grant_questions(one, notes[one.pk])) for one in open_ones]
    return answer(request, PEOPLE, "desk/people.html", {"proposals": proposals})


@requires(P.SEE_PEOPLE)
@require_GET
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: identifiers, permissions, sessions, what happened."""
    return _show(request, get_object_or_404(User, pk=pk))


@requires(P.MANAGE_PEOPLE, fresh=True)
@require_POST
def propose_grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a role of staff."""
    user, form = get_object_or_404(User, pk=pk), GrantForm(request.POST, insurers=insurer_choices())
    if form.is_valid():
        try:
            ask_for_role(user=user, **form.cleaned_data, by=request.user, at=clock.now())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, "Solicitud enviada: la confirma otra persona de Administración.")
            return redirect("desk:person", pk=pk)
    return _show(request, user, status=422, grant=form)


def _note(line: RoleConflict, told: str) -> dict[str, str]:
    """A line of the table of conflicts as a note: what it does, of which roles, and what their union could do."""
    return {"kind": NOTES[line.kind], "title": f"{CLASH_LABELS[line.kind]}: {told}", "text": line.could}


def _listed(roles: Iterable[Role]) -> str:
    return ", ".join(ROLE_LABELS[role] for role in roles)


def _asked_notes(proposals: list[GrantProposal]) -> dict[UUID, list[dict[str, str]]]:
    """What roles that were asked for conflict with by now, for who confirms them."""
    found = selectors.asked_conflicts(proposals, on=clock.today())
    return {
        pk: [_note(line, f"ya tiene {ROLE_LABELS[held]}") for held, line in conflicts]
        for pk, conflicts in found.items()
    }


def _possible_notes(user: User) -> list[dict[str, str]]:
    """What each role that may be asked for would conflict with, for who asks."""
    found = selectors.possible_conflicts(user, OFFERED, on=clock.today())
    return [
        _note(line, f"{_listed(asked)}, con {_listed(sorted({one for held in asked.values() for one in held}))}")
        for line, asked in found.items()
    ]


def _held_notes(user: User) -> list[dict[str, str]]:
    """What a person holds today although the table of conflicts does not let it go together."""
    lines = {line.code: line for line in CONFLICTS}
    rows = selectors.conflicting_grants(on=clock.today()).filter(user=user).order_by("since", "pair")
    return [
        _note(lines[code], f"{_listed([Role(first), Role(second)])}, desde el {dates.short(since)}")
        for first, second, code, since in rows.values_list("other_role", "role", "conflict", "since")
    ]


def _powers(user: User) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the union of a person's roles may do, by where: each role, since when, and in words what it adds."""
    told = []
    for party, gives in selectors.powers_of(user, on=clock.today()):
        adds: dict[Grant, list[str]] = {}
        for one, grant in gives:
            adds.setdefault(grant, []).append(PERMISSION_LABELS[one])
        items = [
            (f"{grant.in_words}, desde el {dates.short(grant.since)}", ". ".join(added) + ".")
            for grant, added in adds.items()
        ]
        told.append((str(party), items))
    return told


def _grant_questions(proposal: GrantProposal, notes: list[dict[str, str]]) -> tuple[Question, Question]:
    """Before a role of the desk is confirmed, and before it is refused."""
    role, back = proposal.in_words, reverse("desk:people")
    action = reverse("desk:decide_grant", args=[proposal.pk])
    who, asked = str(proposal.user), f"Lo pidió {proposal.proposed_by}."
    said = [f"{one['title']}. {one['text']}" for one in notes]
    said += [f"Solo verá y atenderá lo de {proposal.scope}."] if proposal.scope else []
    said += [f"Motivo: «{proposal.reason.rstrip('.')}»."] if proposal.reason else []
    return (
        Question(
            id=f"confirmar_{proposal.pk}",
            title=f"¿Dar a {who} el permiso de {role}?",
            kind="primary",
            text=" ".join([asked, *said, "Lo puede usar desde la siguiente página que abra."]),
            label="Confirmar permiso",
            name="decision",
            value="confirm",
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
            value="refuse",
            action=action,
            back=back,
            keep="Dejarlo por confirmar",
        ),
    )


def _grant_question(request: HttpRequest, pk: UUID) -> Question:
    proposal = get_object_or_404(GrantProposal, pk=pk)
    confirming, refusing = _grant_questions(proposal, _asked_notes([proposal])[proposal.pk])
    return refusing if request.POST[FIELD] == refusing.id else confirming


@requires(P.MANAGE_PEOPLE, fresh=True)
@require_POST
@asks(_grant_question)
def decide_grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm or refuse a role that another administrator asked for."""
    proposal, form = get_object_or_404(GrantProposal, pk=pk), GrantDecisionForm(request.POST)
    if not form.is_valid():  # no word at all refuses nobody: the request would have to be made again
        raise RuleBroken("Elige con los botones si lo confirmas o lo rechazas.", code="no_decision", field="decision")
    accept = form.cleaned_data["decision"] == "confirm"
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
        title=f"¿Cerrar el perfil de {user}?",
        label="Cerrar perfil",
        text="Sus sesiones terminan en este momento y no vuelve a entrar hasta que alguien lo abra.",
        action=reverse("desk:set_account", args=[user.pk]),
        back=reverse("desk:person", args=[user.pk]),
    )


@requires(P.MANAGE_PEOPLE, fresh=True)
@require_POST
@asks(lambda request, pk: _close_question(get_object_or_404(User, pk=pk)))
@once_only("desk.set_account")
def set_account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close an account (its sessions end at once) or open it again."""
    user, form = get_object_or_404(User, pk=pk), ReasonForm(request.POST, auto_id=OF_ACCOUNT)
    if not form.is_valid():
        return _show(request, user, status=422, account=form)
    act = services.enable_person if user.disabled_at else services.disable_person
    act(user=user, by=request.user, at=clock.now(), reason=form.cleaned_data["reason"])
    messages.success(request, "El perfil quedó abierto." if user.disabled_at else "El perfil quedó cerrado.")
    return redirect("desk:person", pk=pk)


def _show(request: HttpRequest, user: User, status: int = 200, **bound: forms.Form) -> HttpResponse:
    on, manages = clock.today(), may(request.user, P.MANAGE_PEOPLE) and request.user.pk != user.pk
    grants = user.grants.select_related("party", "scope", "granted_by").order_by("-since", "-pk")
    context: dict[str, Any] = {
        "person": user,
        "identifiers": [
            (capfirst(one.get_kind_display()), _shown(one)) for one in user.identifiers.order_by("kind", "pk")
        ],
        "grants": [(grant, grant.in_words, grant.holds(on=on)) for grant in grants],
        "powers": _powers(user),
        "conflicts": _held_notes(user),
        "sessions": list(UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")[:20]),
        "events": [
            {"title": words.act(event.action), "reason": event.reason, "at": event.at, "by": event.by}
            for event in timeline(user).order_by("-pk")[:20]
        ],
        "manages": manages,
        "possible": _possible_notes(user) if manages else [],
        "grant_form": bound.get("grant") or GrantForm(insurers=insurer_choices()),
        "account_form": bound.get("account", ReasonForm(auto_id=OF_ACCOUNT)),
        "closing": _close_question(user),
        "crumbs": [("Personas", reverse("desk:people")), (str(user), "")],
    }
    return render(request, "desk/person.html", context, status=status)


def _shown(one: Any) -> str:
    return one.canonical if one.kind == "email" else identifiers.mask(one.kind, one.typed)
