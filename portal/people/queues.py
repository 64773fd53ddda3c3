"""What of the room waits for people at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.access import ROLE_LABELS, Permission, Role, Workspace
from portal.people.models import GrantProposal
from portal.people.selectors import grants_to_decide
from portal.work.registry import Queue


def _rows(user: Any, at: datetime) -> QuerySet[GrantProposal]:
    return grants_to_decide(user).select_related("user")


GRANTS = Queue(
    name="people.grants",
    workspace=Workspace.ADMINISTRATION,
    label="Permisos por confirmar",
    permission=Permission.MANAGE_PEOPLE,
    rows=_rows,
    told=False,
    page="desk:people",  # they are decided on the desk's own page, which stands above this room
    since="proposed_at",
    title=lambda row: f"Permiso: {ROLE_LABELS[Role(row.role)]}",
    who=lambda row: row.user.name,
)
