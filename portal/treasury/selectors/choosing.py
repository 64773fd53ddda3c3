"""What can be paid now, and what waits and why: the page that prepares a batch (MO-05, MO-06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from portal import clock
from portal.people.selectors import parties_of
from portal.treasury import registry, rules
from portal.treasury.models import (
    BankAccount,
    Payable,
)

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 500
OWN = "Es un pago tuyo o de quien te encarga sus cobros: lo prepara otra persona"


@dataclass(frozen=True, slots=True)
class Choice:
    """A payable on the page that prepares a batch; `wait` says why it cannot be chosen, the rest when it is due."""

    payable: Payable
    account: BankAccount | None
    wait: str
    until: datetime | None = None
    is_late: bool = False
    is_today: bool = False


def choices_for_batch(*, by: User, at: datetime) -> tuple[list[Choice], list[Choice]]:
    """(selectable, waiting with the reason) payables for this preparer, by due date. Query count is constant.

    No more than the `MOST` that are due first, as the page says: the others come up once those are in a batch.
    """
    payables = list(Payable.objects.waiting().select_related("party").order_by("due_on", "pk")[:MOST])
    accounts = {
        (row.party_id, row.purpose): row
        for row in BankAccount.objects.validated().filter(party__in={p.party_id for p in payables}).order_by("pk")
    }
    reviewing = set(
        BankAccount.objects.filter(state=rules.AccountState.IN_REVIEW, party__in={p.party_id for p in payables})
        .order_by("pk")
        .values_list("party_id", "purpose")
    )
    ready, waiting, today = [], [], clock.date_in(at)
    for payable in payables:
        key = (payable.party_id, payable.purpose)
        account = accounts.get(key)
        wait = rules.why_waits(
            validated_from=account.usable_from if account else None, in_review=key in reviewing, at=at
        )
        if wait is None:
            late, last_day = payable.due_on < today, payable.due_on == today
            ready.append(Choice(payable, account, "", is_late=late, is_today=last_day))
        else:
            until = account.usable_from if account and wait == rules.Wait.ON_HOLD else None
            waiting.append(Choice(payable, account, rules.WAIT_LABELS[wait], until))
    return _without_reviewed(ready, waiting, by=by)


def _without_reviewed(ready: list[Choice], waiting: list[Choice], *, by: User) -> tuple[list[Choice], list[Choice]]:
    """Set aside what is this person's own, and what they reviewed (MO-05)."""
    own = set(parties_of(by))
    waiting += [Choice(row.payable, row.account, OWN) for row in ready if row.payable.party_id in own]
    ready = [row for row in ready if row.payable.party_id not in own]
    mine = registry.barred_payables([row.payable for row in ready], person=by.pk)
    aside = [
        Choice(row.payable, row.account, "Tú la revisaste: la paga otra persona")
        for row in ready
        if row.payable.pk in mine
    ]
    return [row for row in ready if row.payable.pk not in mine], waiting + aside
