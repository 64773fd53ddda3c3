"""One transfer taken out of a batch by who may authorise it, before its lock: the rest goes on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from portal import clock
from portal.history.services import record
from portal.people.selectors import acts_for
from portal.treasury import rules, selectors
from portal.treasury.models import PaymentBatch, Transfer
from portal.treasury.services.locks import hold_treasury
from portal.treasury.services.release import shrink_batch
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def withdraw_transfer(*, transfer: Transfer, reason: str, by: User, at: datetime) -> PaymentBatch:
    """Take one transfer out of a batch before its lock: approvals lapse, its payables wait again with `reason`.

    Raises RuleBroken for whoever may not authorise the batch (its preparer, a reviewer of what it pays, whom it pays),
    without a reason, and for the last transfer; Conflict once it is locked or the transfer left.
    """
    hold_treasury()
    batch = PaymentBatch.objects.select_for_update().get(pk=transfer.batch_id)
    transfer = Transfer.objects.select_for_update().get(pk=transfer.pk)
    rules.TRANSFER.check(transfer.state, rules.TransferState.WITHDRAWN, rules.BATCH_MOVED)
    rules.check_not_paid(own=acts_for(by, *selectors.paid_parties(batch), on=clock.date_in(at)))
    rules.check_approver(
        by=by.pk,
        preparer=batch.prepared_by_id,
        earlier=(),
        barred=selectors.barred_from(batch),
        what=selectors.called(batch),
    )
    left = batch.transfers.filter(state=rules.TransferState.PENDING).exclude(pk=transfer.pk).count()
    rules.check_withdrawal(locked=batch.locked_at is not None, left=left)
    reason = rules.check_withdrawal_reason(reason)
    work.settle(thing=batch, by=by)
    shrink_batch(batch=batch, leaving=[transfer], reason=reason, by=by, at=at)
    record(
        action="treasury.transfer_withdrawn",
        subject=batch,
        by=by,
        at=at,
        reason=reason,
        party_id=transfer.party_id,
        details={
            "number": transfer.number,
            "amount": str(transfer.amount),
            "total": str(batch.total),
            "count": batch.count,
        },
    )
    return batch
