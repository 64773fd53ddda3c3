"""A change of account taken back by its owner before money could follow it (N10)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from portal import queue
from portal.errors import Conflict
from portal.history.services import record
from portal.treasury import rules
from portal.treasury.models import AccountDecision, BankAccount
from portal.treasury.services.locks import hold_treasury
from portal.treasury.services.telling import tell_owner
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User

State = rules.AccountState


@transaction.atomic
def cancel_change(*, account: BankAccount, by: User, at: datetime) -> BankAccount:
    """Stop a change of account in review or while its hold runs; the account before it is the one of record again, in
    review where the bank returned a payment to it meanwhile.

    Tells every address of the owner. Raises Conflict when the hold is over, or nothing can be stopped any more.
    """
    hold_treasury()
    account = BankAccount.objects.select_for_update(of=("self",)).select_related("party").get(pk=account.pk)
    queue.refuse_decided(AccountDecision.open_about(account), rules.OWNER_WAITS)
    state, hold_ended = State(account.state), account.usable_from
    if not rules.can_stop(state=state, is_change=account.is_change, usable_from=hold_ended, at=at):
        raise Conflict(rules.CANNOT_STOP, code="cannot_stop")
    rules.ACCOUNT.check(account.state, State.STOPPED, rules.CANNOT_STOP)
    work.settle(thing=account, by=None)
    account.state, account.usable_from, account.replaced_at = State.STOPPED, None, at
    account.save(update_fields=["state", "usable_from", "replaced_at"])
    before = BankAccount.objects.select_for_update().get(changes=account)
    if state == State.VALIDATED and before.state == State.REPLACED:
        _restore_account(before)
    paid_before = before.state == State.VALIDATED
    tell_owner(account=account, kind="treasury/account_change_stopped", at=at, before=before, paid_before=paid_before)
    record(
        action="treasury.account_change_stopped",
        subject=account,
        by=by,
        at=at,
        party_id=account.party_id,
        details={
            "last4": account.last4,
            "hold_until": hold_ended.isoformat() if hold_ended else "",
            "before": before.last4,
        },
    )
    return account


def _restore_account(before: BankAccount) -> None:
    """The account that the change had replaced counts again: it was judged before, so nobody judges it anew.

    Unless a payment to it came back since: then somebody has to.
    """
    judged = before.reviews.filter(round=before.round).count() >= before.reviews_needed
    target = State.VALIDATED if judged else State.IN_REVIEW
    rules.ACCOUNT.check(before.state, target, rules.CANNOT_STOP)
    before.state, before.replaced_at = target, None
    before.save(update_fields=["state", "replaced_at"])
