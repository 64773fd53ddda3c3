"""Credentials of machines: shown once, stored hashed, with scopes and an end. Real time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from portal import clock
from portal.history.services import record
from portal.people import rules
from portal.people.models import ApiToken, Party, User


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
def end_token(*, token: ApiToken, by: User, at: datetime) -> None:
    """The credential opens nothing from the next request on."""
    ApiToken.objects.filter(pk=token.pk, ended_at=None).update(ended_at=clock.real_now())
    record(action="people.token_ended", subject=token, by=by, at=at, party_id=token.party_id)


def touch_token(*, token: ApiToken) -> None:
    """Note the day of use, once a day; not an audited act. Only for requests that may write."""
    today = clock.real_now().date()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
