"""Calls on the desk's people: who they are, what they may do, and what two administrators change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from config.desk.listings import CONFLICTING, PEOPLE
from config.desk.people import GrantForm, ReasonForm
from portal import clock
from portal.access import CONFLICTS, PERMISSION_LABELS, STAFF_ROLES, Clash, Role
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


class PowerTold(Answer):
    """One thing that a person may do today, in words, in a party, since when and by which role."""

    permission = s.ChoiceField(sorted(P))
    words = s.CharField()
    party = s.CharField()
    since = s.DateField()
    role = s.ChoiceField(sorted(Role))


class ConflictTold(Answer):
    """A role that conflicts with another one that the person holds: how, and what the two could do in one hand."""

    kind = s.ChoiceField(sorted(Clash))
    role = s.ChoiceField(sorted(Role))
    other_role = s.ChoiceField(sorted(Role))
    could = s.CharField()


class PersonTold(Answer):
    """A person with an account: what they may do today, which roles conflict, and their roles of today and before."""

    id = s.UUIDField()
    name = s.CharField()
    email = s.CharField()
    created_at = Instant()
    disabled_at = Instant(allow_null=True)
    may = PowerTold(many=True)
    conflicts = ConflictTold(many=True)
    grants = GrantTold(many=True)

    def view(self, found: User) -> With:
        """As they stand now, the newest role first."""
        user, on = User.objects.get(pk=found.pk), clock.today()
        rows = user.grants.select_related("party").order_by("-since", "-pk")
        could = {line.code: line.could for line in CONFLICTS}
        held = selectors.conflicting_grants(on=on).filter(user=user).order_by("since", "pair")
        return With(
            user,
            may=[
                With(grant, permission=one, words=PERMISSION_LABELS[one], party=str(party))
                for party, gives in selectors.powers_of(user, on=on)
                for one, grant in gives
            ],
            conflicts=[
                {**one, "could": could[one["conflict"]]}
                for one in held.values("kind", "role", "other_role", "conflict")
            ],
            grants=[With(one, party=one.party.name) for one in rows],
        )


class ProposalTold(Answer):
    """A role of staff that an administrator asked for, why, and what it conflicts with by now; another one decides."""

    id = s.UUIDField()
    person = s.UUIDField(source="user_id")
    name = s.CharField()
    role = s.ChoiceField(sorted(STAFF_ROLES))
    reason = s.CharField()
    conflicts = ConflictTold(many=True)
    asked_by = s.CharField()
    asked_at = Instant(source="proposed_at")
    decided_at = Instant(allow_null=True)
    accepted = s.BooleanField(allow_null=True)

    def view(self, found: GrantProposal | With) -> With:
        """With the names of both, and what it conflicts with."""
        return found if isinstance(found, With) else _told([found])[0]


def _told(proposals: list[GrantProposal]) -> list[With]:
    """Each with its names and what it conflicts with: of all of them one query."""
    found = selectors.asked_conflicts(proposals, on=clock.today())
    return [
        With(
            one,
            name=str(one.user),
            asked_by=str(one.proposed_by),
            conflicts=[
                {"kind": line.kind, "role": one.role, "other_role": held, "could": line.could}
                for held, line in found[one.pk]
            ],
        )
        for one in proposals
    ]


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


def propose(*, user: User, role: str, reason: str, by: User, at: datetime) -> GrantProposal:
    """Ask for a role of staff."""
    operator = selectors.operator()
    if operator is None:
        raise RuleBroken("Falta la organización que opera el portal. Créala antes de dar permisos de la mesa.")
    return services.propose_grant(user=user, party=operator, role=Role(role), reason=reason, by=by, at=at)


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
    at("mesa/auditoria/permisos/", "conflicts", lists(CONFLICTING, "Quién tiene permisos que chocan", scope=READ)),
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
            example={"role": "support", "reason": "Cubre a quien está de vacaciones."},
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
            lambda asked: {"proposals": _told(selectors.open_proposals())},
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
