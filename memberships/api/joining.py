"""The calls of a family that joins by itself, step by step as its pages (domain 2.12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from memberships import forms, selectors, services
from memberships.api.family import READ, SOMEBODY, WRITE, StayTold, typed_person
from memberships.models import Member, Membership
from memberships.rules import MEMBERSHIP, Kinship
from memberships.rules.joining import Contact
from memberships.sign_up import PRIVACY
from portal import clock
from portal.access import Permission as P
from portal.api.answers import Answer, Money, With
from portal.api.calls import Asked, acts, at, shows
from portal.people import selectors as people
from portal.people.models import User


class OfferedTold(Answer):
    """A plan that people may join, and what a month costs today (null before its first price)."""

    id = s.UUIDField(source="plan.pk")
    name = s.CharField(source="plan.name")
    benefits = s.ListField(child=s.CharField(), source="plan.benefit_lines")
    price = Money(allow_null=True)


class OffersTold(Answer):
    """Plans that people may join, by name."""

    plans = OfferedTold(many=True)


class JoiningTold(Answer):
    """A family that joins, or has joined: its folio comes at the end; who was typed beside the titular."""

    id = s.UUIDField(source="pk")
    plan = s.CharField(source="plan.name")
    state = s.ChoiceField(MEMBERSHIP.choices)
    folio = s.CharField()
    titular = s.CharField()
    relatives = StayTold(many=True)

    def view(self, found: Any) -> With:
        """As it stands now; an act on somebody of it tells the whole."""
        pk = found.membership_id if isinstance(found, Member) else found.pk
        row = Membership.objects.select_related("plan", "titular").get(pk=pk)
        return With(row, titular=str(row.titular or ""), relatives=selectors.relatives_of(row))


def _draft(asked: Asked) -> Membership:
    if (found := selectors.draft_of(asked.by)) is None:
        raise Http404
    return found


def _of_draft(asked: Asked, pk: UUID) -> Member:
    rows = Member.objects.select_related("membership", "person")
    return get_object_or_404(rows, pk=pk, membership__in=Membership.objects.drafts_of(asked.by))


def keep_you(*, draft: Membership, by: User, at: datetime, **told: Any) -> Membership:
    """Who joins, and how they are reached; whoever is known from another family keeps that identity."""
    identity = {name: told.pop(name) for name in forms.PersonForm.base_fields if name in told}
    person = typed_person(identity, Kinship.TITULAR) if identity else None
    contact = Contact(by.email, **told)
    return services.keep_titular(draft=draft, person=person, contact=contact, by=by, at=at)


def add_relative(*, draft: Membership, by: User, at: datetime, **told: Any) -> Member:
    """Somebody more who joins with the titular."""
    return services.add_to_draft(draft=draft, person=typed_person(told), by=by, at=at)


def drop_relative(*, member: Member, by: User, at: datetime) -> Membership:
    """Take somebody out before the family has joined."""
    draft = member.membership
    services.drop_from_draft(member=member, by=by, at=at)
    return draft


def finish(*, draft: Membership, text: int, consent: bool, by: User, at: datetime) -> Membership:
    """The family has joined: its consent to the notice that was read is kept with it."""
    del text, consent  # the form saw that they are given, and which notice was read
    latest = people.latest_text(PRIVACY)
    assert latest is not None  # the form had it
    return services.finish_joining(draft=draft, text=latest, by=by, at=at)


_OWN: dict[str, Any] = {"scope": WRITE, "permission": P.MANAGE_OWN_MEMBERSHIP}
_JOINS: dict[str, Any] = {**_OWN, "find": _draft, "thing": "draft", "answers": JoiningTold}
_JOINER = {
    "given_name": "Fernanda",
    "first_surname": "Luna",
    "born_on": "1985-05-05",
    "sex": "female",
    "rfc": "LUFE850505AB1",
    "phone": "3312345678",
    "street": "Av. México 10",
    "neighbourhood": "Centro",
    "zip_code": "44100",
    "municipality": "Guadalajara",
    "region": "Jalisco",
}

RESOURCES = (
    at(
        "planes/ofrecidos/",
        "api_offered",
        shows(
            lambda asked: {"plans": selectors.offered_plans(on=clock.date_in(asked.at))},
            "Planes a los que te puedes afiliar",
            scope=READ,
            answers=OffersTold,
        ),
    ),
    at(
        "membresias/afiliarse/",
        "api_joining",
        shows(_draft, "La afiliación que empezaste", answers=JoiningTold, scope=READ, permission=P.SEE_OWN_MEMBERSHIP),
        acts(
            services.begin_joining,
            "Empezar tu afiliación, o cambiar su plan",
            scope=WRITE,
            takes=forms.PlanChoiceForm,
            answers=JoiningTold,
            status=201,
            example={"plan": "0198c0de-0000-7000-8000-000000000000"},
        ),
    ),
    at(
        "membresias/afiliarse/tus-datos/",
        "api_join_you",
        acts(
            keep_you,
            "Decir quién se afilia y dónde vive",
            takes=forms.JoinerForm,
            given=lambda asked, draft: {"keeps_identity": selectors.keeps_identity(asked.by, draft)},
            example=_JOINER,
            **_JOINS,
        ),
    ),
    at(
        "membresias/afiliarse/familia/",
        "api_join_family",
        acts(
            add_relative,
            "Agregar a alguien antes de afiliarte",
            takes=forms.RelativeForm,
            status=201,
            example=SOMEBODY,
            **_JOINS,
        ),
    ),
    at(
        "membresias/afiliarse/familia/<uuid:pk>/quitar/",
        "api_join_drop",
        acts(
            drop_relative,
            "Quitar a alguien antes de afiliarte",
            find=_of_draft,
            thing="member",
            answers=JoiningTold,
            **_OWN,
        ),
    ),
    at(
        "membresias/afiliarse/terminar/",
        "api_join_finish",
        acts(
            finish,
            "Afiliarte: lo que sigue es el primer pago",
            takes=forms.AgreeForm,
            given=lambda _asked, _draft: {"text": people.latest_text(PRIVACY)},
            example={"consent": True, "text": 1},
            **_JOINS,
        ),
    ),
)
