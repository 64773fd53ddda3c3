"""Reading notices."""

from __future__ import annotations

from typing import Any

from portal.notices.models import Notice


def unread_count(user: Any) -> int:
    """How many notices wait in a person's inbox, counted up to 100 (one index-only query)."""
    return Notice.objects.filter(user_id=user.pk, read_at=None, in_inbox=True)[:100].count()
