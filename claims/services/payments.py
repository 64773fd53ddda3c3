"""What treasury tells a decided claim of its money: in a batch, paid, back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from claims.models import Claim, Decision
from claims.rules.states import PAYMENT, PaymentState
from claims.services.telling import tell_family
from portal.history import services as history

if TYPE_CHECKING:
    from portal.people.models import User
    from portal.treasury.models import Payable, Transfer


@transaction.atomic
def note_scheduled(*, payable: Payable, transfer: Transfer, by: User, at: datetime) -> None:
    """The claim's money is in a batch."""
    _move_money(payable, PaymentState.SCHEDULED, "claims.payment_scheduled", by=by, at=at)


@transaction.atomic
def note_waits(*, payable: Payable, transfer: Transfer, reason: str, by: User, at: datetime) -> None:
    """It left its batch, or the bank did not pay it: it waits for the next one."""
    _move_money(payable, PaymentState.PAYABLE, "claims.payment_waits", by=by, at=at, reason=reason)


@transaction.atomic
def note_paid(*, payable: Payable, transfer: Transfer, by: User, at: datetime) -> None:
    """The bank paid: the family is told, and reads every peso on the claim's page."""
    claim = _move_money(payable, PaymentState.PAID, "claims.claim_paid", by=by, at=at, transfer=transfer)
    tell_family(claim=claim, kind="claim_paid", context={}, at=at)


@transaction.atomic
def note_returned(*, payable: Payable, transfer: Transfer, reason: str, by: User, at: datetime) -> None:
    """The bank returned what it had paid: it waits to be paid again, and the family is told why nothing came."""
    claim = _move_money(payable, PaymentState.PAYABLE, "claims.payment_returned", by=by, at=at, reason=reason)
    tell_family(claim=claim, kind="claim_returned", context={}, at=at)


def _move_money(
    payable: Payable,
    target: PaymentState,
    action: str,
    *,
    by: User,
    at: datetime,
    transfer: Transfer | None = None,
    reason: str = "",
) -> Claim:
    found = Decision.objects.values_list("claim", flat=True).get(pk=payable.subject_id)
    claim = Claim.objects.select_for_update(of=("self",)).select_related("affected").get(pk=found)
    PAYMENT.check(claim.payment_state, target)
    claim.payment_state = target
    claim.transfer, claim.paid_on = transfer, transfer.paid_on if transfer else None
    claim.save(update_fields=["payment_state", "transfer", "paid_on"])
    history.record(
        action=action,
        subject=claim,
        by=by,
        at=at,
        reason=reason,
        party_id=claim.affected.party_id,
        details={"folio": claim.folio, "amount": str(payable.amount)},
    )
    return claim
