"""Reading notices: one's own only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Case, Q, QuerySet, Value, When

from portal.access import ROLES, WORKSPACE_LABELS, WORKSPACES, Workspace, workspaces_of
from portal.notices import rules
from portal.notices.models import DailyDigest, MailPreference, Notice
from portal.prepared import prepared
from portal.work.registry import queues

ARRIVED = "work_arrived"  # about one queue, which stands in one workspace


def unread_count(user: Any) -> int:
    """How many notices wait in a person's inbox, counted up to 100 (one query on a partial index)."""
    return len(_unread(user.pk))


@prepared
def _unread(user_id: UUID) -> QuerySet[Notice, Any]:
    # Django writes a count of a hundred as two queries, one in the other.
    return Notice.objects.filter(user_id=user_id, read_at=None, in_inbox=True).order_by().values_list("pk")[:100]


OWN, OWN_LABEL = "perfil", "De tu perfil"  # what is of no workspace: the person's own security, mails, lists


def shelves(user: Any) -> list[tuple[str, str]]:
    """(name, label) of the parts of an inbox: the workspaces of who has several, then what is of none."""
    own = workspaces_of(user.roles)
    return [*((place.value, WORKSPACE_LABELS[place]) for place in own), (OWN, OWN_LABEL)] if len(own) > 1 else []


def _kinds_in(user: Any, place: Workspace) -> list[str]:
    """The notices that are about this person's work in a workspace."""
    held: frozenset[str] = frozenset().union(*(ROLES[role] for role in WORKSPACES[place] & user.roles))
    return [kind for kind, row in rules.KINDS.items() if row.audience & held and kind != ARRIVED]


def _on_shelf(user: Any, shelf: str) -> Q:
    """What of the inbox stands on one of its shelves: all of it for no name, nothing for one that is not theirs."""
    if not shelf:
        return Q()
    named = Q(pk__in=[])
    for place in (place for place in workspaces_of(user.roles) if shelf in {place.value, OWN}):
        named |= Q(kind__in=_kinds_in(user, place))
        for queue in queues():
            if queue.workspace == place:
                named |= Q(kind=ARRIVED, key__startswith=f"work:{queue.name}:")
    return ~named if shelf == OWN else named


def inbox(user: Any, *, shelf: str = "") -> QuerySet[Notice]:
    """A person's inbox, or one of its `shelves`; `standing` says what is unread, which comes first."""
    standing = Case(When(read_at=None, then=Value(rules.UNREAD)), default=Value(rules.READ))
    return Notice.objects.filter(_on_shelf(user, shelf), user_id=user.pk, in_inbox=True).annotate(standing=standing)


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
