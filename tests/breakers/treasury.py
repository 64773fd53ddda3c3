"""What breaks the constraints of treasury."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import models

from portal.treasury import rules
from portal.treasury import services as treasury
from portal.treasury.models import BatchApproval, BatchBarred, LedgerAccount, PaymentBatch, Transfer
from tests.breakers import Breaker, changed, copied, itself, same
from tests.factories import people
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY
from tests.guards import guards_asleep


def validated() -> models.Model:
    return a.validated(a.physician())


def account_review() -> models.Model:
    return a.validated(a.physician()).reviews.get()


def payee() -> Any:
    """A physician whose account can be paid."""
    made = a.physician()
    a.validated(made, NOW - timedelta(days=10))
    return made


def batch() -> models.Model:
    return treasury.prepare_batch(payables=[a.payable(payee())], by=a.desk().preparer, at=NOW)


def chilean_batch() -> models.Model:
    made = batch()
    with guards_asleep(PaymentBatch):
        PaymentBatch.objects.update(currency="CLP")
    return made


def chilean_transfer() -> models.Model:
    made = transfer()
    with guards_asleep(Transfer):
        Transfer.objects.update(currency="CLP")
    return made


def locked() -> Any:
    return a.locked(payee(), a.desk())


def approval() -> models.Model:
    return BatchApproval.objects.get(batch=locked())


def bar() -> models.Model:
    return BatchBarred.objects.create(batch=batch(), user=people.reviewer())


def transfer() -> Any:
    return Transfer.objects.get(batch=locked())


def item() -> models.Model:
    return transfer().items.get()


def bank_file() -> models.Model:
    desk = a.desk()
    return treasury.export_bank_file(batch=a.locked(payee(), desk), by=desk.preparer, at=NOW)


def ledger_account() -> models.Model:
    return LedgerAccount.objects.create(code="bank", currency="MXN", party=None)


def entry() -> models.Model:
    return treasury.post_entry(
        kind="t",
        subject=a.operator(),
        by=None,
        at=NOW,
        on=TODAY,
        lines=[rules.Line("bank", Decimal("1.00"), "MXN"), rules.Line("care_expense", Decimal("-1.00"), "MXN")],
    )


def payable() -> models.Model:
    return a.payable(a.physician())


def _another_transfer(row: models.Model) -> Transfer:
    """A second transfer of the same batch, so that only the payable is the same."""
    first = row.transfer  # type: ignore[attr-defined]
    return copied(first, {"number": 99, "tracking": "SEGUNDA", "account": a.validated(a.physician())})


BREAKERS: dict[str, Breaker] = {
    # treasury: accounts
    "validated_account_has_usable_from": changed(validated, usable_from=None),
    "usable_after_decision": changed(validated, usable_from=NOW - timedelta(days=9)),
    "review_rejects_with_reason": changed(account_review, decision="rejected", reason=""),
    # treasury: ledger (MO-01, MO-02)
    "one_ledger_account": same(ledger_account),
    "one_entry_per_subject": same(entry),
    "entry_does_not_reverse_itself": Breaker(entry, itself("reverses_id")),
    # treasury: batches, transfers, answers of the bank (MO-05, MO-09)
    "payable_state_known": changed(payable, state="lost", without=("payable_scheduled_with_transfer",)),
    "payable_cancelled_says_why": changed(payable, state="cancelled", cancelled_at=NOW),
    "batch_state_known": changed(batch, state="lost", without=("batch_locked_by_state",)),
    "batch_folio_at_lock": changed(batch, folio="LP-2020-000001"),
    "batch_cancelled_who_and_when": changed(batch, cancelled_at=NOW, without=("batch_cancelled_says_why",)),
    "batch_total_positive": changed(batch, total=Decimal("0.00")),
    "batch_clp_whole": changed(chilean_batch, total=Decimal("1.50")),
    "transfer_clp_whole": changed(chilean_transfer, amount=Decimal("1.50")),
    "batch_needs_approval": changed(batch, approvals_needed=0),
    "one_approval_per_person": same(approval),
    "one_bar_per_person": same(bar),
    "one_transfer_per_account": same(transfer, number=99, tracking="OTRA"),
    "one_transfer_per_number": same(transfer, tracking="OTRA", state="withdrawn"),
    "transfer_positive": changed(transfer, amount=Decimal("0.00")),
    "one_live_transfer_per_payable": Breaker(item, lambda row: {"transfer": _another_transfer(row)}, twin=True),
    "one_item_per_payable": same(item, live=False),
    "bank_file_downloaded_who_and_when": changed(bank_file, downloads=1),
    "bank_file_sent_after_download": Breaker(bank_file, lambda row: {"sent_by": row.exported_by, "sent_at": NOW}),
    "transfer_item_positive": changed(item, amount=Decimal("-1.00")),
}
