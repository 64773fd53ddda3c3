"""Keeping what a form held for an hour, for its person only; nothing of it is an act, so no event is recorded."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction

from portal.resume import rules
from portal.resume.models import KeptForm


@transaction.atomic
def keep(*, user_id: UUID, action: str, page: str, fields: rules.Fields, at: datetime) -> KeptForm:
    """Keep a form that goes to `action` and stands on `page`; a later one of the same address takes its place.

    `at` is real time. Five a person at most: the oldest go.
    """
    made, _new = KeptForm.objects.update_or_create(
        user_id=user_id,
        action=action,
        defaults={"page": page, "fields": json.dumps(fields), "kept_at": at, "expires_at": at + rules.LIFE},
    )
    newest = KeptForm.objects.filter(user_id=user_id).order_by("-kept_at", "-pk").values("pk")[: rules.MAX_PER_PERSON]
    KeptForm.objects.filter(user_id=user_id).exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()
    return made


def forget(*, user_id: UUID, action: str) -> None:
    """It was sent."""
    KeptForm.objects.filter(user_id=user_id, action=action).delete()


def sweep(*, at: datetime) -> int:
    """Delete what is older than an hour (`at` is real time). Returns how many went."""
    return KeptForm.objects.filter(expires_at__lte=at).delete()[0]
