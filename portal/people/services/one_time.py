"""One live secret a person and purpose: whoever asks for another ends the one before (AU-01, AU-07)."""

from __future__ import annotations

from datetime import timedelta

from portal import clock
from portal.people.models import OneTimeSecret, User


def replace_secret(*, user: User, purpose: str, digest: str, life: timedelta) -> OneTimeSecret:
    """The new secret's row; two requests at once follow each other. Call inside a transaction. Real time."""
    now = clock.real_now()
    User.objects.select_for_update().get(pk=user.pk)
    user.secrets.filter(purpose=purpose, used_at=None).update(used_at=now)
    return OneTimeSecret.objects.create(
        user=user, purpose=purpose, digest=digest, created_at=now, expires_at=now + life
    )
