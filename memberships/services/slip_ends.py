"""Slips that end without being paid: somebody's wish, the end of a membership, a deposit that was undone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from memberships.models import Membership, Slip, SlipLine
from memberships.rules import MembershipState
from memberships.rules.slips import OPEN, SLIP, SlipState
from portal.history.services import record

if TYPE_CHECKING:
    from portal.people.models import User

ENDED = "La membresía terminó."
SHORT = "Contaba con saldo a favor que se devuelve."


def end_slips(*, membership: Membership, by: User | None, at: datetime) -> int:
    """Cancel what a membership that ended could still be paid with; how many. Part of the act that ended it.

    A slip that pays others too, which stand, stays: its part for the one that ended becomes its credit.
    """
    named = SlipLine.objects.filter(membership=membership).values("slip")
    rows = Slip.objects.select_for_update(of=("self",)).filter(pk__in=named, state__in=OPEN).order_by("pk")
    return len([end_slip(slip=slip, reason=ENDED, by=by, at=at) for slip in rows if is_over(slip)])


def is_over(slip: Slip) -> bool:
    """Whether every membership that a slip pays has ended."""
    return not slip.lines.exclude(membership__state=MembershipState.CANCELLED).exists()


def end_slip(*, slip: Slip, by: User | None, at: datetime, reason: str = "") -> Slip:
    """Cancel a slip that its caller holds. Raises Conflict for one that is not open."""
    SLIP.check(slip.state, SlipState.CANCELLED)
    slip.state = SlipState.CANCELLED.value
    slip.save(update_fields=["state"])
    record(action="memberships.slip_cancelled", subject=slip, party_id=slip.party_id, by=by, at=at, reason=reason)
    return slip
