"""Reading what a person had typed."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from portal.prepared import prepared
from portal.resume import rules
from portal.resume.models import KeptForm


def kept_for(user_id: UUID, *, at: datetime) -> list[tuple[str, rules.Fields]]:
    """(where it goes, what it held) of a person's forms that are not too old at `at` (real time), newest first."""
    rows = KeptForm.objects.filter(user_id=user_id, expires_at__gt=at).order_by("-kept_at", "-pk")
    return [(row.action, json.loads(row.fields)) for row in rows]


def keeps_until(user_id: UUID, *, at: datetime) -> int:
    """Until when (real time, as a stamp) something is kept for this person; 0 for nothing."""
    newest = _last_expiry.first(user_id, at)
    return int(newest.timestamp()) if newest else 0


@prepared
def _last_expiry(user_id: UUID, at: datetime) -> QuerySet[KeptForm, datetime]:
    rows = KeptForm.objects.filter(user_id=user_id, expires_at__gt=at).order_by("-expires_at", "-pk")
    return rows.values_list("expires_at", flat=True)[:1]
