"""Transfers that leave a batch: one by one before its lock, all together as long as nobody has its file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING

from portal.treasury import rules
from portal.treasury.models import BatchApproval, Payable, PaymentBatch, Transfer, TransferItem
from portal.treasury.registry import Hears, PayableKind, payable_kind
from portal.treasury.services.batch_news import ask_approvers, tell_preparer
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User


def release_transfers(
    *, batch: PaymentBatch, transfers: Sequence[Transfer], reason: str, by: User | None, at: datetime
) -> None:
    """Withdraw transfers of a locked-for-update batch: their payables wait again, the batch adds up anew.

    A batch that loses its last transfer is cancelled; one that people said yes to loses all of them or none, and keeps
    the total they read. Part of its caller's act, which records the audit event.
    """
    rules.BATCH.check(batch.state, rules.BatchState.CANCELLED, rules.LOCKED)
    pending = batch.transfers.filter(state=rules.TransferState.PENDING)
    left = list(pending.exclude(pk__in=[transfer.pk for transfer in transfers]).order_by("pk"))
    if batch.locked_at is None:
        batch.total, batch.count = sum((row.amount for row in left), Decimal(0)), len(left)
    if not left:
        work.settle(thing=batch, by=None)
        batch.state, batch.cancelled_by, batch.cancelled_at = rules.BatchState.CANCELLED, by, at
        batch.cancel_reason = reason
    batch.save(update_fields=["total", "count", "state", "cancelled_by", "cancelled_at", "cancel_reason"])
    for transfer in transfers:
        rules.TRANSFER.check(transfer.state, rules.TransferState.WITHDRAWN)
        transfer.state, transfer.reason = rules.TransferState.WITHDRAWN, reason
        transfer.save(update_fields=["state", "reason"])
        free_payables(
            transfer=transfer, state=rules.PayableState.OPEN, reason=reason, tell=attrgetter("released"), by=by, at=at
        )


def shrink_batch(
    *, batch: PaymentBatch, leaving: Sequence[Transfer], reason: str, by: User | None, at: datetime
) -> None:
    """Take transfers out of a batch that is not locked: who said yes said it to another total, and is asked again.

    Its preparer is told, here as the payables are back in their list. Part of its caller's act, which is recorded.
    """
    release_transfers(batch=batch, transfers=leaving, reason=reason, by=by, at=at)
    voided = BatchApproval.objects.filter(batch=batch, voided_at=None).update(voided_at=at)
    ended = batch.state == rules.BatchState.CANCELLED
    tell_preparer(batch=batch, what="cancelled" if ended else "shrunk", by=by, at=at)
    if voided and not ended:
        ask_approvers(batch=batch, but=by, at=at)


def free_payables(
    *,
    transfer: Transfer,
    state: rules.PayableState,
    reason: str,
    tell: Callable[[PayableKind], Hears],
    by: User | None,
    at: datetime,
) -> None:
    """The payables of a transfer wait again, as `open` or as `rejected` (the bank did not pay).

    `tell` picks which handler of its kind hears of each.
    """
    payables = list(Payable.objects.select_for_update().filter(transfer=transfer).order_by("pk"))
    TransferItem.objects.filter(transfer=transfer, live=True).update(live=False)
    for payable in payables:
        rules.PAYABLE.check(payable.state, state)
        payable.state, payable.transfer, payable.reason, payable.paid_at = state, None, reason, None
        payable.waiting_since = at
        payable.save(update_fields=["state", "transfer", "reason", "paid_at", "waiting_since"])
        tell(payable_kind(payable.kind))(payable=payable, transfer=transfer, reason=reason, by=by, at=at)
