"""What somebody who joins by themselves has typed so far, as its pages show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse

from memberships.models import CoveredPerson, Member, Membership
from memberships.rules import Kinship
from memberships.rules.states import SEX_LABELS, Sex
from portal.access import Permission
from portal.design import dates
from portal.identifiers import mask

if TYPE_CHECKING:
    from portal.people.models import User

_ADDRESS = ("street", "neighbourhood", "zip_code", "municipality", "region")
_IDENTITY = ("given_name", "first_surname", "second_surname", "born_on", "sex", "curp", "rfc", "nss")


def draft_of(user: User) -> Membership | None:
    """What a person began to join and has not finished."""
    rows = Membership.objects.drafts_of(user).select_related("plan", "titular__party")
    return rows.order_by("created_at", "pk").first()


def relatives_of(draft: Membership) -> list[Member]:
    """Everybody of a draft beside its titular, as they were typed."""
    others = draft.members.exclude(kinship=Kinship.TITULAR).select_related("person")
    return list(others.order_by("pk"))


def is_covered_elsewhere(person: CoveredPerson, *, draft: Membership) -> bool:
    """Whether somebody is, or was, of another family or policy: who they are is known there."""
    return _stays_elsewhere(person, draft=draft).exists()


def _stays_elsewhere(person: CoveredPerson, *, draft: Membership) -> QuerySet[Member]:
    return Member.objects.filter(person=person).exclude(membership=draft)


def own_person(user: User) -> CoveredPerson | None:
    """Whoever a member is, where a row of them stands already."""
    parties = user.party_ids(Permission.SEE_OWN_MEMBERSHIP)
    return CoveredPerson.objects.filter(party__in=parties[:1]).first()


def joining_initial(user: User, draft: Membership) -> dict[str, Any]:
    """What the page of one's own data begins with: what was kept, else what signing up told."""
    known = draft.titular or own_person(user)
    told = {row.kind: row.typed for row in user.identifiers.filter(kind__in=["rfc", "curp"])}
    if known is not None:
        told |= {name: getattr(known, name) for name in _IDENTITY}
    return told | {name: getattr(draft, name) for name in ("phone", *_ADDRESS)}


def keeps_identity(user: User, draft: Membership) -> bool:
    """Whether one's names and birth date are known from another family, and are not asked again."""
    known = own_person(user)
    return known is not None and is_covered_elsewhere(known, draft=draft)


def person_facts(person: CoveredPerson) -> list[tuple[str, str]]:
    """Who somebody is, as check answers shows it; identifiers masked."""
    told = [(kind.upper(), mask(kind, value)) for kind in ("rfc", "curp", "nss") if (value := getattr(person, kind))]
    return [
        ("Nombre", person.as_printed),
        ("Nacimiento", dates.short(person.born_on)),
        ("Sexo", SEX_LABELS[Sex(person.sex)]),
        *told,
    ]


def joining_answers(draft: Membership) -> list[tuple[str, str, str]]:
    """Everything that was answered, each with the page that changes it: (question, answer, address)."""
    assert draft.titular is not None
    plan, you, family = (reverse(f"memberships:join{step}") for step in ("", "_you", "_family"))
    address = ", ".join(part for part in (getattr(draft, name) for name in _ADDRESS) if part)
    return [
        ("Plan", draft.plan.name, plan),
        *((label, value, you) for label, value in person_facts(draft.titular)),
        ("Correo", draft.email, ""),
        ("Teléfono", draft.phone, you),
        ("Domicilio", address, you),
        *((one.kinship_label, one.person.as_printed, family) for one in relatives_of(draft)),
    ]
