"""Credentials of machines and people for the API: shown once, stored hashed, with scopes and an end. Real time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.notices.services import notify
from portal.people import rules, selectors
from portal.people.models import ApiToken, Party, User
from portal.people.services.grants import enter_person, grant_role
from portal.zones import MEXICO_CITY


@transaction.atomic
def issue_token(
    *, name: str, user: User, party: Party, scopes: Iterable[str], expires_at: datetime, by: User, at: datetime
) -> tuple[ApiToken, str]:
    """(the token's row, its secret, shown once). `expires_at` is real time. Raises RuleBroken for scopes or life."""
    chosen = rules.check_scopes(scopes, life=expires_at - clock.real_now())
    return _issue(name=name, user=user, party=party, factor="", scopes=chosen, expires_at=expires_at, by=by, at=at)


def _issue(
    *,
    name: str,
    user: User,
    party: Party | None,
    factor: str,
    scopes: list[str],
    expires_at: datetime,
    by: User,
    at: datetime,
) -> tuple[ApiToken, str]:
    secret, party_id = f"cauce_{secrets.token_urlsafe(32)}", party.pk if party else None
    token = ApiToken.objects.create(
        name=name,
        user=user,
        party=party,
        factor=factor,
        digest=rules.digest(secret),
        scopes=scopes,
        issued_by=by,
        created_at=clock.real_now(),
        expires_at=expires_at,
    )
    record(action="people.token_issued", subject=token, by=by, at=at, details={"scopes": scopes}, party_id=party_id)
    return token, secret


@transaction.atomic
def give_own_token(
    *, name: str, scopes: Iterable[str], until: date, factor: str, by: User, at: datetime
) -> tuple[ApiToken, str]:
    """A person's own credential for the API: (its row, its secret, shown once). Call right after a fresh proof.

    It opens what the person may do at the moment of each call, and what their session proved (`factor`) stays with it.
    `until` is its last local day; one that acts on payments lives 15 minutes whatever the day (AU-08). The person is
    told. Raises RuleBroken for scopes or life, Conflict while another one of that name lives.
    """
    User.objects.select_for_update().get(pk=by.pk)
    _free_name(by.api_tokens.filter(name=name, party=None))
    chosen = set(scopes)
    ends = clock.real_now() + rules.ACTING_TOKEN_LIFE if rules.ACTING_SCOPE in chosen else _end_of(until)
    checked = rules.check_scopes(chosen, life=ends - clock.real_now(), own=True)
    token, secret = _issue(name=name, user=by, party=None, factor=factor, scopes=checked, expires_at=ends, by=by, at=at)
    notify(
        user_ids=[by.pk],
        kind="security_changed",
        key=f"own_token:{token.pk}",
        url=reverse("people:own_tokens"),
        at=at,
        context={"what": f"Hiciste la credencial «{name}» para la API. Si no fuiste tú, termínala y cambia tu clave."},
    )
    return token, secret


def _free_name(namesakes: QuerySet[ApiToken]) -> None:
    """End those past their date, so that their name serves again; under the lock. Raises Conflict while one lives."""
    held = namesakes.filter(ended_at=None)
    held.filter(expires_at__lte=clock.real_now()).update(ended_at=F("expires_at"))
    if held.exists():
        raise Conflict(
            "Ya hay una credencial con ese nombre. Termínala antes, o ponle otro nombre.",
            code="name_used",
            field="name",
        )


def _end_of(day: date) -> datetime:
    """Midnight after a local day."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(MEXICO_CITY))


@transaction.atomic
def give_credential(
    *, party: Party, name: str, email: str, person: str, scopes: Iterable[str], until: date, by: User, at: datetime
) -> tuple[ApiToken, str]:
    """A credential for an organisation's system, and whoever answers for it: (its row, its secret, shown once).

    `until` is its last local day. None acts on payments: that is each person's own (MO-05). Raises RuleBroken for
    scopes, life or a person who may not hold it, Conflict while another one of that name lives.
    """
    Party.objects.select_for_update().get(pk=party.pk)
    _free_name(party.api_tokens.filter(name=name))
    chosen = set(scopes)
    ends = _end_of(until)
    rules.check_scopes(chosen, life=ends - clock.real_now())
    user = _who_answers(party, email, person, roles=rules.roles_of(chosen), by=by, at=at)
    return issue_token(name=name, user=user, party=party, scopes=chosen, expires_at=ends, by=by, at=at)


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
