"""A transfer that the bank had paid and that came back: the books, what is owed, and the account (MO-02, MO-09)."""

from __future__ import annotations

from datetime import date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from portal.design import dates
from portal.history.services import record
from portal.papers import services as papers
from portal.treasury import registry, rules
from portal.treasury.models import BankAccount, LedgerTransaction, Payable, Transfer
from portal.treasury.selectors import PAYMENT, folios_of
from portal.treasury.services.accounts import take_out_of_open_batches
from portal.treasury.services.ledger import reverse_entry
from portal.treasury.services.release import free_payables
from portal.treasury.services.telling import tell_people_paid

if TYPE_CHECKING:
    from portal.people.models import User

State = rules.AccountState
VOIDED = "El banco devolvió esta transferencia después de pagarla."


def take_back(*, transfer: Transfer, row: dict[str, str], by: User, at: datetime) -> None:
    """Part of importing a bank answer: reverse the entry, let what was paid wait again, have the account reviewed anew.

    `row` is an answer's; the transfer is locked, paid and in its caller's transaction.
    """
    assert transfer.paid_on is not None  # a paid transfer has its date, by constraint
    reason, folios = row["reason"] or "El banco no dijo por qué.", folios_of(transfer)
    on = date.fromisoformat(row["on"])
    steps = registry.no_longer(Payable.objects.filter(transfer=transfer).order_by("pk"))
    entry = LedgerTransaction.objects.get(
        kind=PAYMENT, subject_type=transfer._meta.label_lower, subject_id=str(transfer.pk)
    )
    reverse_entry(entry=entry, by=by, at=at, on=on, reason=reason)
    rules.TRANSFER.check(transfer.state, rules.TransferState.RETURNED)
    transfer.state, transfer.returned_on, transfer.reason = rules.TransferState.RETURNED, on, reason
    transfer.save(update_fields=["state", "returned_on", "reason"])
    free_payables(
        transfer=transfer,
        state=rules.PayableState.OPEN,
        reason=f"Regresó el pago del {dates.short(transfer.paid_on)}: {reason}"[:300],
        tell=attrgetter("returned"),
        by=by,
        at=at,
    )
    if transfer.advice is not None and transfer.advice.is_in_force:
        papers.void_document(document=transfer.advice, reason=VOIDED, by=by, at=at)
    _review_account_anew(transfer, by=by, at=at)
    tell_people_paid(transfer=transfer, kind="treasury/payment_returned", folios=folios, steps=steps, at=at)


def _review_account_anew(transfer: Transfer, *, by: User, at: datetime) -> None:
    """The account goes back to the reviewers; one that a change replaced is judged when the change is taken back."""
    account = BankAccount.objects.select_for_update().get(pk=transfer.account_id)
    if account.state not in {State.VALIDATED, State.REPLACED}:
        return
    account.round, account.returned_at = account.round + 1, at
    if account.state == State.VALIDATED:
        rules.ACCOUNT.check(account.state, State.IN_REVIEW)
        account.state = State.IN_REVIEW
        take_out_of_open_batches(old=account, reason="El banco devolvió un pago a esta cuenta bancaria.", by=by, at=at)
    account.save(update_fields=["round", "returned_at", "state"])
    record(
        action="treasury.account_reopened",
        subject=account,
        by=by,
        at=at,
        reason=transfer.reason,
        party_id=account.party_id,
        details={"last4": account.last4, "state": str(account.state), "round": account.round},
    )
