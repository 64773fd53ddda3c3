"""An RFC that somebody took wrongly is given to its owner: what the other had there ends at once (AC-11)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from portal import clock
from portal.access import Role
from portal.errors import RuleBroken
from portal.history.services import record
from portal.notices.services import notify
from portal.people import registry, rules, selectors
from portal.people.models import ApiToken, Grant, Party, RfcCode, RfcProof, SignInIdentifier, User
from portal.people.services.grants import end_grant, enter_person, grant_role
from portal.people.services.profile import end_sessions_of, end_tokens_of

WHY = "El RFC pasó a su dueño"
GONE = (
    "El RFC con el que te registraste resultó ser de otra persona, que lo acreditó. Lo que hacías con él terminó. Si "
    "crees que es un error, escríbenos."
)


def check_owner(*, party: Party, email: str, at: datetime) -> User | None:
    """The account that will own this RFC, if there is one. Raises RuleBroken for who cannot be its owner."""
    if not party.rfc or party.kind != Party.Kind.PERSON:
        raise RuleBroken(
            "Ese RFC no es de una persona: los datos de una organización se cambian en Credenciales.",
            code="not_a_person",
            field="rfc",
        )
    user = selectors.person_by_email(rules.clean_email(email))
    if user is None:
        return None
    if not user.is_active or user.is_back_office or user.grants.in_force(on=clock.date_in(at)).exists():
        raise RuleBroken(
            "Ese correo ya tiene un perfil cerrado, de la mesa o con otro RFC. Pide otro correo a su dueño.",
            code="owner_has_a_role",
            field="email",
        )
    return user


@transaction.atomic
def hand_over(*, party: Party, email: str, name: str, asked_by: User, confirmed_by: User, at: datetime) -> User:
    """Give a party to the owner of its RFC: grants, sessions, tokens and whatever rooms registered end; it is proved.

    Both people are told. Two people decide: who calls checks it too (proofs), the history names both.
    """
    party = Party.objects.select_for_update().get(pk=party.pk)
    owner = check_owner(party=party, email=email, at=at)
    if asked_by.pk == confirmed_by.pk or party.grants.filter(user__in=[asked_by, confirmed_by]).exists():
        raise RuleBroken("Lo confirma otra persona de Administración, ajena a ese RFC.", code="second_administrator")
    role = _role_in(party)
    before = _end_what_stands(party, by=confirmed_by, at=at)
    registry.tell_moved(party=party, by=confirmed_by, at=at)
    party.name, party.zip_code, party.fiscal_regime = name.upper(), "", ""
    party.rfc_proof, party.rfc_proved_at, party.rfc_proved_by = RfcProof.MOVED, at, confirmed_by
    party.rfc_moved_at = at
    party.save()
    RfcCode.objects.filter(rfc=party.rfc).delete()
    owner = owner or enter_person(email=email, name=name, by=asked_by, at=at)
    SignInIdentifier.objects.create(user=owner, kind=SignInIdentifier.Kind.RFC, canonical=party.rfc)
    grant_role(user=owner, party=party, role=role, by=asked_by, confirmed_by=confirmed_by, at=at)
    _tell_owners(before, party, at=at)
    record(
        action="people.rfc_moved",
        subject=party,
        by=confirmed_by,
        at=at,
        party_id=party.pk,
        details={"asked_by": str(asked_by.pk), "to": str(owner.pk), "from": [str(one) for one in before]},
    )
    return owner


def _role_in(party: Party) -> Role:
    """What its owner becomes: what whoever claimed its RFC was, otherwise what one becomes who signs up by an RFC."""
    claiming = sorted(rules.claiming_roles("rfc"))
    held = Grant.objects.filter(party=party, role__in=claiming).order_by("pk").last()
    return Role(held.role if held else claiming[0])


def _end_what_stands(party: Party, *, by: User, at: datetime) -> list[UUID]:
    """Grants, sessions, tokens and the RFC as a name to sign in with; whose they were."""
    named = SignInIdentifier.objects.filter(canonical=party.rfc)
    grants = list(
        Grant.objects.in_force(on=clock.date_in(at)).filter(party=party).select_related("user").order_by("pk")
    )
    users = {grant.user_id: grant.user for grant in grants} | {one.user_id: one.user for one in named}
    named.delete()
    Grant.objects.filter(party=party, is_withheld=True).update(
        is_withheld=False
    )  # whom the other invited is not theirs
    for grant in grants:
        end_grant(grant=grant, by=by, at=at, reason=WHY)
    for token in ApiToken.objects.select_for_update().filter(party=party, ended_at=None).order_by("pk"):
        token.ended_at = clock.real_now()
        token.save(update_fields=["ended_at"])
        record(action="people.token_ended", subject=token, by=by, at=at, reason=WHY, party_id=party.pk)
    for user in users.values():
        end_sessions_of(user)
        end_tokens_of(user=user, by=by, at=at, reason=WHY, only_own=True)
    return sorted(users)


def _tell_owners(before: list[UUID], party: Party, *, at: datetime) -> None:
    notify(
        user_ids=before,
        kind="security_changed",
        key=f"rfc_moved:{party.pk}:{at.isoformat()}",
        context={"what": GONE},
        url=reverse("help:contact"),
        at=at,
    )
