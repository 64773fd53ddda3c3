"""Calls on the desk's people: who they are, what they may do, and what two administrators change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from config.desk import auditing, dossier, story, words
from config.desk.forms import GrantDecisionForm, GrantForm, ReasonForm, StoryForm
from config.desk.listings import CHANGED_AND_PAID, CONFLICTING, EVENTS, PEOPLE, READINGS, SAMPLE, UNDONE, UNTASKED
from config.desk.selectors import insurer_choices
from config.desk.services import ask_for_role, open_story
from portal import clock
from portal.access import CONFLICTS, PERMISSION_LABELS, STAFF_ROLES, Clash, Role
from portal.access import Permission as P
from portal.api.answers import Answer, Instant, With
from portal.api.calls import Asked, acts, at, gives, lists, shows
from portal.api.door import addresses
from portal.design.forms import Form, TextField
from portal.history import selectors as history
from portal.history.models import AuditEvent
from portal.people import rules, selectors, services
from portal.people.listings import CREDENTIALS
from portal.people.models import Grant, GrantProposal, User

READ, WRITE = "portal:read", "portal:write"


class GrantTold(Answer):
    """A role of a person in a party, since and until (not included)."""

    id = s.IntegerField()
    role = s.ChoiceField(sorted(Role))
    party = s.CharField()
    insurer = s.CharField(allow_null=True)
    since = s.DateField()
    until = s.DateField(allow_null=True)


class PowerTold(Answer):
    """One thing that a person may do today, in words, in a party, since when and by which role."""

    permission = s.ChoiceField(sorted(P))
    words = s.CharField()
    party = s.CharField()
    insurer = s.CharField(allow_null=True)
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
        rows = user.grants.select_related("party", "scope").order_by("-since", "-pk")
        could = {line.code: line.could for line in CONFLICTS}
        held = selectors.conflicting_grants(on=on).filter(user=user).order_by("since", "pair")
        return With(
            user,
            may=[
                With(grant, permission=one, words=PERMISSION_LABELS[one], party=str(party), insurer=_of(grant))
                for party, gives in selectors.powers_of(user, on=on)
                for one, grant in gives
            ],
            conflicts=[
                {**one, "could": could[one["conflict"]]}
                for one in held.values("kind", "role", "other_role", "conflict")
            ],
            grants=[With(one, party=one.party.name, insurer=_of(one)) for one in rows],
        )


def _of(held: Grant | GrantProposal) -> str | None:
    """The one insurer that a role names."""
    return None if held.scope is None else str(held.scope)


class ProposalTold(Answer):
    """A role of staff that an administrator asked for, why, and what it conflicts with by now; another one decides."""

    id = s.UUIDField()
    person = s.UUIDField(source="user_id")
    name = s.CharField()
    role = s.ChoiceField(sorted(STAFF_ROLES))
    insurer = s.CharField(allow_null=True)
    reason = s.CharField()
    conflicts = ConflictTold(many=True)
    asked_by = s.CharField()
    asked_at = Instant(source="proposed_at")
    state = s.ChoiceField(rules.PROPOSAL.values)
    decided_at = Instant(allow_null=True)

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
            insurer=_of(one),
            asked_by=str(one.proposed_by),
            conflicts=[
                {"kind": line.kind, "role": one.role, "other_role": held, "could": line.could}
                for held, line in found[one.pk]
            ],
        )
        for one in proposals
    ]


class ChangeTold(Answer):
    """A datum of an act: what stood before ("" where nothing was recorded) and what stands after."""

    what = s.CharField()
    before = s.CharField()
    after = s.CharField()


class ActTold(Answer):
    """One act of the record, in words, with what it changed."""

    id = s.IntegerField()
    uid = s.UUIDField()
    at = Instant()
    action = s.CharField()
    words = s.CharField()
    by = s.CharField()
    subject_type = s.CharField()
    subject_id = s.CharField()
    reason = s.CharField()
    changes = ChangeTold(many=True)

    def view(self, found: AuditEvent) -> With:
        """With the words of its page."""
        by = str(found.by) if found.by else "El sistema"
        return With(found, words=words.act(found.action), by=by, changes=auditing.changes(found))


class ThingsTold(Answer):
    """What a person has of one kind: how many, and the newest, each a row of texts below the same heads."""

    title = s.CharField()
    count = s.IntegerField()
    heads = s.ListField(child=s.CharField())
    rows = s.ListField(child=s.ListField(child=s.CharField()))


class LineTold(Answer):
    """Something that happened or waits: what, when, and one more thing about it."""

    what = s.CharField()
    when = Instant(allow_null=True)
    more = s.CharField()


class StoryTold(Answer):
    """One person's whole story: whether they get in and why not, what they have, what waits for whom, what was sent."""

    why = s.CharField(source="way_in.why")
    cured_by_mail = s.BooleanField(source="way_in.by_mail")
    things = ThingsTold(many=True)
    waits = LineTold(many=True)
    ours = LineTold(many=True)
    mails = LineTold(many=True)
    entries = LineTold(many=True)
    messages = LineTold(many=True)

    def view(self, found: User) -> story.Story:
        """As it stands now."""
        return story.tell(found, at=clock.now())


class Proposals(Answer):
    """What waits for a second administrator, the oldest first."""

    proposals = ProposalTold(many=True)


class EndForm(Form):
    """Why a role ends."""

    reason = TextField(label="Motivo", max_length=500, required=False)


def _person(asked: Asked, pk: UUID) -> User:
    return get_object_or_404(User, pk=pk)


def _grant(asked: Asked, pk: UUID, grant: int) -> Grant:
    return get_object_or_404(Grant, pk=grant, user_id=pk)


def _proposal(asked: Asked, pk: UUID) -> GrantProposal:
    return get_object_or_404(GrantProposal, pk=pk)


def send_way_in(*, user: User, by: User, at: datetime) -> User:
    """Mail a new one-time secret to the person."""
    services.send_way_in(user=user, by=by, at=at)
    return user


def _act(asked: Asked, pk: int) -> AuditEvent:
    return get_object_or_404(history.events(), pk=pk)


def _dossier(asked: Asked, folio: str) -> Any:
    if not dossier.exists(folio):
        raise Http404
    return dossier.answer(folio, by=asked.by, at=clock.now())


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
    at("mesa/credenciales/", "credentials", lists(CREDENTIALS, "Credenciales de sistemas", scope=READ)),
    at("mesa/auditoria/", "audit", lists(EVENTS, "Los actos registrados", scope=READ)),
    at("mesa/auditoria/lecturas/", "readings", lists(READINGS, "Las lecturas registradas", scope=READ)),
    at("mesa/auditoria/permisos/", "conflicts", lists(CONFLICTING, "Quién tiene permisos que chocan", scope=READ)),
    at("mesa/auditoria/muestra/", "sample", lists(SAMPLE, "Una muestra de actos, con su semilla", scope=READ)),
    at("mesa/auditoria/deshechos/", "undone", lists(UNDONE, "Actos que alguien deshizo", scope=READ)),
    at(
        "mesa/auditoria/cuentas/",
        "changed",
        lists(CHANGED_AND_PAID, "Cuentas bancarias cambiadas y pagadas en 30 días", scope=READ),
    ),
    at("mesa/auditoria/sin-tarea/", "untasked", lists(UNTASKED, "Lecturas que ninguna tarea explica", scope=READ)),
    at(
        "mesa/auditoria/actos/<int:pk>/",
        "act",
        shows(_act, "Un acto, con lo que cambió", scope=READ, permission=P.SEE_AUDIT, answers=ActTold),
    ),
    at(
        "mesa/auditoria/expedientes/<str:folio>/",
        "dossier",
        gives(
            _dossier,
            "Todo lo que hay de un folio, en un ZIP",
            scope=READ,
            permission=P.SEE_AUDIT,
            media="application/zip",
            fresh=True,
        ),
    ),
    at(
        "mesa/personas/<uuid:pk>/",
        "person",
        shows(_person, "Una persona y sus permisos", scope=READ, permission=P.SEE_PEOPLE, answers=PersonTold),
    ),
    at(
        "mesa/personas/<uuid:pk>/permisos/",
        "propose_grant",
        acts(
            ask_for_role,
            "Pedir un permiso de la mesa para una persona",
            takes=GrantForm,
            given=lambda _asked, _thing: {"insurers": insurer_choices()},
            answers=ProposalTold,
            status=201,
            example={"role": "support", "insurer": "", "reason": "Cubre a quien está de vacaciones."},
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
    at(
        "mesa/personas/<uuid:pk>/historia/",
        "story",
        acts(
            open_story,
            "Abrir la historia de una persona, con su motivo",
            scope=WRITE,
            permission=P.SEE_PEOPLE,
            find=_person,
            thing="user",
            takes=StoryForm,
            answers=StoryTold,
            example={"reason": "Escribió en QS-2026-000007: no puede entrar."},
        ),
    ),
    at(
        "mesa/personas/<uuid:pk>/acceso/",
        "send_way_in",
        acts(
            send_way_in,
            "Mandarle otra vez el correo para entrar",
            scope=WRITE,
            permission=P.SEE_PEOPLE,
            find=_person,
            thing="user",
            answers=PersonTold,
        ),
    ),
    at("mesa/personas/<uuid:pk>/cerrar/", "close_account", acts(close, "Cerrar un perfil", **_ACCOUNT)),
    at("mesa/personas/<uuid:pk>/abrir/", "open_account", acts(reopen, "Abrir otra vez un perfil", **_ACCOUNT)),
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
            takes=GrantDecisionForm,
            answers=ProposalTold,
            example={"decision": "confirm"},
            **_ACT,
        ),
    ),
)
app_name = "desk_api"
urlpatterns = addresses(RESOURCES)
