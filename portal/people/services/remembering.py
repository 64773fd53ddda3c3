"""«Recordar usuario»: a random handle in a cookie stands for what was typed; it opens nothing (AU-11)."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from portal import clock
from portal.history.services import record
from portal.people import rules, selectors
from portal.people.models import RememberedName, SignInIdentifier, User


@transaction.atomic
def remember_name(*, by: User, typed: str, at: datetime) -> str:
    """The cookie's value for what this person typed to come in: 90 real days. Forgets what expired meanwhile."""
    identifier = SignInIdentifier.objects.get(user=by, canonical=selectors.canonical_identifier(typed))
    handle, now = secrets.token_urlsafe(32), clock.real_now()
    RememberedName.objects.filter(identifier__user=by, expires_at__lte=now).delete()
    RememberedName.objects.create(
        identifier=identifier, digest=rules.digest(handle), created_at=now, expires_at=now + rules.REMEMBERED_LIFE
    )
    record(action="people.name_remembered", subject=by, by=by, at=at)
    return handle


@transaction.atomic
def forget_name(*, handle: str, at: datetime) -> None:
    """This browser remembers nobody any more; an unknown handle changes nothing."""
    known = RememberedName.objects.filter(digest=rules.digest(handle)).select_related("identifier__user").first()
    if known is None:
        return
    known.delete()
    record(action="people.name_forgotten", subject=known.identifier.user, by=None, at=at)
