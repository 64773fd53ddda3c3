"""What an adult with an own account lets the titular see, and takes back (AC-05)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from memberships.models import Member, Share
from memberships.models.people import SHARE_LABELS
from memberships.selectors.family import shares_of
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.services import record

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def set_shares(
    *, chosen: Mapping[UUID, Collection[str]], shown: Mapping[UUID, Collection[str]], by: User, at: datetime
) -> int:
    """Let the titulars of one's families see just what was chosen, by stay; answers how many things changed.

    Raises RuleBroken for a stay that is not the person's to share, or a datum that nobody shares; Conflict where what
    the page had `shown` is not what is shared any more.
    """
    offers = {one.member.pk: one for one in shares_of(by, on=clock.date_in(at))}
    if not set(chosen) <= set(offers) or not all(set(what) <= set(SHARE_LABELS) for what in chosen.values()):
        raise RuleBroken(
            "Eso no se puede compartir. Abre la página otra vez y elige de la lista.", code="share_unknown"
        )
    list(Member.objects.select_for_update().filter(pk__in=chosen).order_by("pk"))  # two windows, one after the other
    changed = 0
    for pk, what in chosen.items():
        member = offers[pk].member
        live = {one.what: one for one in Share.objects.filter(member=member, ended_at=None)}
        if set(shown.get(pk, ())) != set(live):
            raise Conflict(
                "Lo que compartes cambió en otra ventana. Abre la página otra vez para ver cómo quedó.",
                code="shares_moved",
            )
        gone = [one.pk for slug, one in live.items() if slug not in what]
        changed += Share.objects.filter(pk__in=gone).update(ended_at=at)
        fresh = [Share(member=member, what=slug, by=by, since=at) for slug in what if slug not in live]
        changed += len(Share.objects.bulk_create(fresh))
        record(action="memberships.shares_set", subject=member, by=by, at=at, details={"shared": sorted(what)})
    return changed
