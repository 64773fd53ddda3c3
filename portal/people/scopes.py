"""Whose things a role of the desk reaches: the one place that decides what a grant that names an insurer opens.

A row is within reach where its insurer is named by a grant of today that gives one of the permissions, or where such a
grant names none. What hangs on a party and on no insurer (a bank account, the paper of an RFC) is within reach of the
insurers that the apps say that party works for (`registry.register_reach`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from portal.access import ROLES, Permission, Role
from portal.people import registry

if TYPE_CHECKING:
    from portal.people.models import User


def insurers_of(user: User, *permissions: Permission) -> frozenset[UUID] | None:
    """The insurers that today's grants of any of these permissions name; None where one of them names none: all."""
    held = [grant for grant in user.live_grants if ROLES[Role(grant.role)] & {*permissions}]
    named = frozenset(grant.scope_id for grant in held if grant.scope_id is not None)
    return named if len(named) == len({grant.scope_id for grant in held}) else None


def within(user: User, path: str, *permissions: Permission) -> Q:
    """Rows whose insurer (its key stands at `path`) these permissions reach; everything where no grant names one."""
    named = insurers_of(user, *permissions)
    return Q() if named is None else Q(**{f"{path}__in": named})


def within_party(user: User, path: str, *permissions: Permission) -> Q:
    """Rows of a party (its key stands at `path`) that works for an insurer which these permissions reach."""
    named = insurers_of(user, *permissions)
    return Q() if named is None else of_party(path, named)


def of_party(path: str, insurers: Collection[UUID]) -> Q:
    """Rows of a party (its key stands at `path`) that works for one of these insurers."""
    seen = Q(pk__in=[])
    for parties in registry.reached_by(insurers):
        seen |= Q(**{f"{path}__in": parties})
    return seen
