"""Reading notices: one's own only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from portal.notices import rules
from portal.notices.models import DailyDigest, MailPreference, Notice

INBOX_PAGE = 50


def unread_count(user: Any) -> int:
    """How many notices wait in a person's inbox, counted up to 100 (one query on a partial index)."""
    unread = Notice.objects.filter(user_id=user.pk, read_at=None, in_inbox=True).order_by()
    return len(unread.values_list("pk")[:100])  # Django writes a count of a hundred as two queries, one in the other


def inbox(user: Any, *, before: UUID | None = None) -> list[Notice]:
    """A page of the inbox, newest first; `before` is the last notice shown (another person's gives an empty page)."""
    notices = Notice.objects.filter(user_id=user.pk, in_inbox=True)
    if before is not None:
        last = notices.filter(pk=before).first()
        if last is None:
            return []
        notices = notices.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))
    return list(notices.order_by("-created_at", "-pk")[: INBOX_PAGE + 1])


def own_notice(user: Any, notice_id: UUID) -> Notice | None:
    """One notice of the person's inbox."""
    return Notice.objects.filter(user_id=user.pk, in_inbox=True, pk=notice_id).first()


def wants_digest(user: Any) -> bool:
    """Whether this person gets one mail a day instead of one a notice."""
    return DailyDigest.objects.filter(user_id=user.pk).exists()


def mail_choices(user: Any) -> list[tuple[str, str, bool]]:
    """(kind, what it tells, by mail?) for the preferences form: only what this person can ever be told."""
    silent = set(MailPreference.objects.filter(user_id=user.pk).values_list("kind", flat=True))
    return [(kind, row.label, kind not in silent) for kind, row in _told(user)]


def subjects(user: Any) -> list[str]:
    """What this person is told about, as apps group it, each once."""
    return list(dict.fromkeys(row.group for _, row in _told(user)))


def _told(user: Any) -> list[tuple[str, rules.NoticeKind]]:
    optional = [(kind, row) for kind, row in rules.KINDS.items() if row.is_optional]
    return [(kind, row) for kind, row in optional if not row.audience or row.audience & user.permissions]
