"""One live secret a person and purpose: whoever asks for another ends the one before (AU-01, AU-07)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from portal import clock
from portal.people.models import OneTimeSecret, User


def replace_secret(*, user: User, purpose: str, digest: str, life: timedelta) -> OneTimeSecret:
    """The new secret's row; two requests at once follow each other. Call inside a transaction. Real time."""
    now = clock.real_now()
    User.objects.select_for_update().filter(pk=user.pk).first()
    user.secrets.filter(purpose=purpose, used_at=None).update(used_at=now)
    return OneTimeSecret.objects.create(
        user=user, purpose=purpose, digest=digest, created_at=now, expires_at=now + life
    )


# Stands for whoever has no account, so that whatever is asked of them costs what it costs for a person (AU-03).
NOBODY = UUID(int=0)


@contextmanager
def kept_if(keep: bool) -> Iterator[None]:
    """Do the same work whoever it is for, and take it back where nothing may come of it: time tells no account (AU-03).

    One statement ends it either way. Inside a transaction; audit events stay outside, their numbers have no gaps.
    """
    mark = transaction.savepoint()
    yield
    (transaction.savepoint_commit if keep else transaction.savepoint_rollback)(mark)
