"""Credentials of machines: shown once, stored hashed, with scopes and an end. Real time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from portal import clock
from portal.access import Permission, Role
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.people import rules, selectors
from portal.people.models import ApiToken, Party, User
from portal.people.services.grants import enter_person, grant_role
from portal.zones import MEXICO_CITY


@transaction.atomic
def issue_token(
    *, name: str, user: User, party: Party, scopes: Iterable[str], expires_at: datetime, by: User, at: datetime
) -> tuple[ApiToken, str]:
    """(the token's row, its secret, shown once). `expires_at` is real time. Raises RuleBroken for scopes or life."""
    now = clock.real_now()
    chosen = rules.check_scopes(scopes, life=expires_at - now)
    secret = f"cauce_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        name=name,
        user=user,
        party=party,
        digest=rules.digest(secret),
        scopes=chosen,
        issued_by=by,
        created_at=now,
        expires_at=expires_at,
    )
    record(action="people.token_issued", subject=token, by=by, at=at, details={"scopes": chosen}, party_id=party.pk)
    return token, secret


@transaction.atomic
def give_credential(
    *, party: Party, name: str, email: str, person: str, scopes: Iterable[str], until: date, by: User, at: datetime
) -> tuple[ApiToken, str]:
    """A credential for an organisation's system, and whoever answers for it: (its row, its secret, shown once).

    `until` is its last local day; one that acts on payments lives 15 minutes whatever the day (AU-08). Raises
    RuleBroken for scopes, life or a person who may not hold it, Conflict while another one of that name lives.
    """
    Party.objects.select_for_update().get(pk=party.pk)
    if party.api_tokens.filter(name=name, ended_at=None).exists():
        raise Conflict(
            "Ya hay una credencial con ese nombre. Termínala antes, o ponle otro nombre.",
            code="name_used",
            field="name",
        )
    chosen = set(scopes)
    if rules.ACTING_SCOPE in chosen:
        user, ends = _who_acts(party, email), clock.real_now() + rules.ACTING_TOKEN_LIFE
    else:
        ends = datetime.combine(until + timedelta(days=1), time.min, tzinfo=ZoneInfo(MEXICO_CITY))
        rules.check_scopes(chosen, life=ends - clock.real_now())
        user = _who_answers(party, email, person, roles=rules.roles_of(chosen), by=by, at=at)
    return issue_token(name=name, user=user, party=party, scopes=chosen, expires_at=ends, by=by, at=at)


def _who_acts(party: Party, email: str) -> User:
    """Somebody who already prepares or approves payments here."""
    user = selectors.person_by_email(rules.clean_email(email))
    acting = {Permission.PREPARE_PAYMENTS, Permission.APPROVE_PAYMENTS}
    if user is None or not any(party.pk in user.party_ids(permission) for permission in acting):
        raise RuleBroken(
            "Esa persona no prepara ni autoriza pagos en esa organización. Revisa el correo y la organización.",
            code="not_a_payer",
            field="email",
        )
    return user


def _who_answers(party: Party, email: str, name: str, *, roles: list[str], by: User, at: datetime) -> User:
    """Whoever answers for an organisation's system: known or entered now, with the roles its scopes need."""
    if party.is_operator or party.kind != Party.Kind.ORGANISATION:
        raise RuleBroken(
            "Esa credencial es del sistema de otra organización. Elige la suya.", code="not_another", field="party"
        )
    user = selectors.person_by_email(rules.clean_email(email)) or enter_person(email=email, name=name, by=by, at=at)
    held = {grant.role for grant in user.live_grants if grant.party_id == party.pk}
    for role in roles:
        if role not in held:
            grant_role(user=user, party=party, role=Role(role), by=by, at=at)
    return user


@transaction.atomic
def end_token(*, token: ApiToken, by: User, at: datetime) -> None:
    """The credential opens nothing from the next request on. Raises Conflict when it had ended."""
    if not ApiToken.objects.filter(pk=token.pk, ended_at=None).update(ended_at=clock.real_now()):
        raise Conflict("Esa credencial ya había terminado.", code="token_ended")
    record(action="people.token_ended", subject=token, by=by, at=at, party_id=token.party_id)


def touch_token(*, token: ApiToken) -> None:
    """Note the day of use, once a day; not an audited act. Only for requests that may write."""
    today = clock.real_now().date()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
