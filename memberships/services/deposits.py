"""What treasury tells of deposits: one that was matched is a payment of its family, one undone is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from memberships.models import DuesPayment, Membership
from memberships.rules import Means
from memberships.services.payments import receive_payment, take_back
from memberships.services.slips import pay_slip, unpay_slip
from portal.treasury.selectors import shares_beside

if TYPE_CHECKING:
    from portal.people.models import User
    from portal.treasury.models import Allocation, AllocationShare

SLIPS = "FP-"
UNDONE = "Se deshizo la asignación del depósito."


def hear_matched(*, allocation: Allocation, shares: Sequence[AllocationShare], by: User | None, at: datetime) -> None:
    """Take each part of a deposit for a payment of the slip or the family whose folio it names, by its value date."""
    movement = allocation.movement
    means = Means.STORE if movement.account.cleared else Means.BANK
    for share in shares:
        if share.key.startswith(SLIPS):
            pay_slip(share=share, movement=movement, means=means, by=by, at=at, result=allocation.result)
            continue
        receive_payment(
            membership=Membership.objects.dues().get(folio=share.key),
            amount=share.amount,
            value_on=movement.on,
            source=share,
            means=means,
            by=by,
            at=at,
        )


def hear_undone(*, allocation: Allocation, shares: Sequence[AllocationShare], by: User, at: datetime) -> None:
    """Take back the payments that a deposit had brought, from today on."""
    del allocation
    for share in shares:
        if share.key.startswith(SLIPS):
            unpay_slip(share=share, others=shares_beside(share), reason=UNDONE, by=by, at=at)
            continue
        payment = DuesPayment.objects.select_related("membership").get(
            source_type=share._meta.label_lower, source_id=str(share.pk), taken_back_on=None
        )
        take_back(payment=payment, reason=UNDONE, by=by, at=at)
