"""Calls on the desk's people: who they are, what they may do, and what two administrators change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from config.desk.listings import PEOPLE
from config.desk.people import GrantForm, ReasonForm
from portal.access import STAFF_ROLES, Role
from portal.access import Permission as P
from portal.api.answers import Answer, Instant, With
from portal.api.calls import Asked, acts, at, lists, shows
from portal.api.door import addresses
from portal.design.forms import Form, TextField
from portal.errors import RuleBroken
from portal.people import selectors, services
from portal.people.models import Grant, GrantProposal, User

READ, WRITE = "portal:read", "portal:write"


class GrantTold(Answer):
    """A role of a person in a party, since and until (not included)."""

    id = s.IntegerField()
    role = s.ChoiceField(sorted(Role))
    party = s.CharField()
    since = s.DateField()
    until = s.DateField(allow_null=True)


class PersonTold(Answer):
    """A person with an account, and their roles of today and before, the newest first."""

    id = s.UUIDField()
    name = s.CharField()
    email = s.CharField()
    created_at = Instant()
    disabled_at = Instant(allow_null=True)
    grants = GrantTold(many=True)

    def view(self, found: User) -> With:
        """As they stand now."""
        user = User.objects.get(pk=found.pk)
        rows = user.grants.select_related("party").order_by("-since", "-pk")
        return With(user, grants=[With(one, party=one.party.name) for one in rows])


class ProposalTold(Answer):
    """A role of the desk that an administrator asked for; another one decides."""

    id = s.UUIDField()
    person = s.UUIDField(source="user_id")
    name = s.CharField()
    role = s.ChoiceField(sorted(STAFF_ROLES))
    asked_by = s.CharField()
    asked_at = Instant(source="proposed_at")
    decided_at = Instant(allow_null=True)
    accepted = s.BooleanField(allow_null=True)

    def view(self, found: GrantProposal) -> With:
        """With the names of both."""
        return With(found, name=str(found.user), asked_by=str(found.proposed_by))


class Proposals(Answer):
    """What waits for a second administrator, the oldest first."""

    proposals = ProposalTold(many=True)


class DecisionForm(Form):
    """The second administrator's word."""

    decision = forms.ChoiceField(label="Decisión", choices=[("confirm", "Confirmar"), ("refuse", "Rechazar")])


class EndForm(Form):
    """Why a role ends."""

    reason = TextField(label="Motivo", max_length=500, required=False)


def _person(asked: Asked, pk: UUID) -> User:
    return get_object_or_404(User, pk=pk)


def _grant(asked: Asked, pk: UUID, grant: int) -> Grant:
    return get_object_or_404(Grant, pk=grant, user_id=pk)


def _proposal(asked: Asked, pk: UUID) -> GrantProposal:
    return get_object_or_404(GrantProposal, pk=pk)


def propose(*, user: User, role: str, by: User, at: datetime) -> GrantProposal:
    """Ask for a role of the desk."""
    operator = selectors.operator()
    if operator is None:
        raise RuleBroken("Falta la organización que opera el portal. Créala antes de dar permisos de la mesa.")
    return services.propose_grant(user=user, party=operator, role=Role(role), by=by, at=at)


def decide(*, proposal: GrantProposal, decision: str, by: User, at: datetime) -> GrantProposal:
    """Confirm or refuse a role that another administrator asked for."""
    services.decide_grant(proposal=proposal, accept=decision == "confirm", by=by, at=at)
    proposal.refresh_from_db()
    return proposal


def end(*, grant: Grant, reason: str, by: User, at: datetime) -> User:
    """End a role; it counts from the person's next request."""
    services.end_grant(grant=grant, reason=reason, by=by, at=at)
    return grant.user


def close(*, user: User, reason: str, by: User, at: datetime) -> User:
    """Close an account; its sessions end at once."""
    services.disable_person(user=user, reason=reason, by=by, at=at)
    return user


def reopen(*, user: User, reason: str, by: User, at: datetime) -> User:
    """Open a closed account again."""
    services.enable_person(user=user, reason=reason, by=by, at=at)
    return user


_ACT: dict[str, Any] = {"scope": WRITE, "permission": P.MANAGE_PEOPLE, "fresh": True}
_ON_PERSON: dict[str, Any] = {**_ACT, "find": _person, "thing": "user"}
_ACCOUNT: dict[str, Any] = {
    **_ON_PERSON,
    "takes": ReasonForm,
    "answers": PersonTold,
    "example": {"reason": "Dejó de trabajar aquí."},
}

RESOURCES = (
    at("mesa/personas/", "people", lists(PEOPLE, "Personas", scope=READ)),
    at(
        "mesa/personas/<uuid:pk>/",
        "person",
        shows(_person, "Una persona y sus permisos", scope=READ, permission=P.SEE_PEOPLE, answers=PersonTold),
    ),
    at(
        "mesa/personas/<uuid:pk>/permisos/",
        "propose_grant",
        acts(
            propose,
            "Pedir un permiso de la mesa para una persona",
            takes=GrantForm,
            answers=ProposalTold,
            status=201,
            example={"role": "support"},
            **_ON_PERSON,
        ),
    ),
    at(
        "mesa/personas/<uuid:pk>/permisos/<int:grant>/terminar/",
        "end_grant",
        acts(
            end,
            "Terminar un permiso",
            find=_grant,
            thing="grant",
            takes=EndForm,
            answers=PersonTold,
            example={"reason": "Cambió de función."},
            **_ACT,
        ),
    ),
    at("mesa/personas/<uuid:pk>/cerrar/", "close_account", acts(close, "Cerrar una cuenta", **_ACCOUNT)),
    at("mesa/personas/<uuid:pk>/abrir/", "open_account", acts(reopen, "Abrir otra vez una cuenta", **_ACCOUNT)),
    at(
        "mesa/permisos/",
        "grants",
        shows(
            lambda asked: {"proposals": selectors.open_proposals()},
            "Permisos por confirmar",
            scope=READ,
            permission=P.MANAGE_PEOPLE,
            answers=Proposals,
        ),
    ),
    at(
        "mesa/permisos/<uuid:pk>/decidir/",
        "decide_grant",
        acts(
            decide,
            "Confirmar o rechazar un permiso que pidió otra persona",
            find=_proposal,
            thing="proposal",
            takes=DecisionForm,
            answers=ProposalTold,
            example={"decision": "confirm"},
            **_ACT,
        ),
    ),
)
app_name = "desk_api"
urlpatterns = addresses(RESOURCES)
