"""Where people stand with the IMSS, in a few words; the family's page asks it too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from memberships.models import ImssCheck, ImssConstancia
from memberships.rules import imss
from portal.access import Permission

if TYPE_CHECKING:
    from portal.people.models import User


def imss_steps(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Where each of these people stands with the IMSS, in a few words; one query."""
    asked = list(person_ids)
    known = {one.person_id: one for one in ImssCheck.objects.filter(person__in=asked)}
    found = {}
    for pk in asked:
        check = known.get(pk) or ImssCheck(ticked=[])
        path = imss.path_of(rights=check.rights, clinic=check.clinic, has_card=check.has_card)
        found[pk] = imss.step_told(path, ticked=check.ticked)
    return found


def imss_files(person_ids: Iterable[UUID]) -> list[UUID]:
    """The IMSS's own constancia of each of these people who has one, as stored files."""
    live = ImssConstancia.objects.filter(person__in=list(person_ids), replaced_at=None)
    return list(live.order_by("person", "pk").values_list("file_id", flat=True))


def reads_imss(user: User) -> bool:
    """Whether somebody reads the IMSS's constancia of anybody: it says CURP and NSS, which other desks see masked."""
    return bool({Permission.AFFILIATE, Permission.SEE_AUDIT} & user.permissions)
