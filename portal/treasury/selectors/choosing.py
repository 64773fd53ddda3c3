"""What can be paid now, and what waits, why, until when and whom to ask: the page that prepares a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from portal import clock
from portal.access import Permission
from portal.people.selectors import parties_of, people_with, who_reaches
from portal.text import listed
from portal.treasury import registry, rules
from portal.treasury.models import BankAccount, Payable

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 500
MOST_NAMES = 3
OWN = "Es un pago tuyo o de quien te encarga sus cobros: lo prepara otra persona"
REVIEWED = "Tú la revisaste: la paga otra persona"
NOBODY = "nadie más tiene ese permiso: pide a quien administra que alguien lo tenga"


@dataclass(frozen=True, slots=True)
class Choice:
    """A payable on the page that prepares a batch.

    `wait` says why it cannot be chosen, `until` when that ends (where a date is known), `since` how long it lasts
    already, `ask` whom to ask; the others say when it is due.
    """

    payable: Payable
    account: BankAccount | None
    wait: str
    until: datetime | None = None
    since: datetime | None = None
    ask: str = ""
    is_late: bool = False
    is_today: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """Which of what is owed is asked for: due on these days, in this currency; nothing asked is everything."""

    begins: date | None = None
    ends: date | None = None
    currency: str = ""

    @property
    def is_one_day(self) -> bool:
        """Whether it is asked for by a single day."""
        return self.begins is not None and self.begins == self.ends

    def rows(self) -> list[Payable]:
        """Those of them that wait, by due date and payee, the `MOST` that are due first."""
        rows = Payable.objects.waiting().select_related("party")
        if self.begins:
            rows = rows.filter(due_on__gte=self.begins)
        if self.ends:
            rows = rows.filter(due_on__lte=self.ends)
        if self.currency:
            rows = rows.filter(currency=self.currency)
        return list(rows.order_by("due_on", "party__name", "pk")[:MOST])


EVERYTHING = Due()


def choices_for_batch(*, by: User, at: datetime, due: Due = EVERYTHING) -> tuple[list[Choice], list[Choice]]:
    """(selectable, waiting with the reason) payables for this preparer, by due date and payee. Constant in queries.

    No more than the `MOST` that are due first, as the page says: the others come up once those are in a batch.
    """
    payables = due.rows()
    parties = {payable.party_id for payable in payables}
    accounts = {
        (row.party_id, row.purpose): row
        for row in BankAccount.objects.validated().filter(party__in=parties).order_by("pk")
    }
    in_review = BankAccount.objects.filter(state=rules.AccountState.IN_REVIEW, party__in=parties).order_by("pk")
    reviewing = {(row.party_id, row.purpose): row for row in in_review}
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
            waiting.append(_held(payable, account, reviewing.get(key), wait))
    ready, aside = _without_reviewed(ready, by=by)
    return ready, _with_whom_to_ask(waiting, aside, by=by, on=today)


def _held(payable: Payable, account: BankAccount | None, reviewing: BankAccount | None, wait: rules.Wait) -> Choice:
    until = account.usable_from if account and wait == rules.Wait.ON_HOLD else None
    since = reviewing.returned_at or reviewing.submitted_at if reviewing and wait == rules.Wait.IN_REVIEW else None
    return Choice(payable, account, rules.WAIT_LABELS[wait], until, since)


def _without_reviewed(ready: list[Choice], *, by: User) -> tuple[list[Choice], list[Choice]]:
    """Set aside what is this person's own, and what they reviewed (MO-05)."""
    own = set(parties_of(by))
    aside = [Choice(row.payable, row.account, OWN) for row in ready if row.payable.party_id in own]
    ready = [row for row in ready if row.payable.party_id not in own]
    mine = registry.barred_by_person([row.payable for row in ready]).get(by.pk, set())
    aside += [Choice(row.payable, row.account, REVIEWED) for row in ready if row.payable.pk in mine]
    return [row for row in ready if row.payable.pk not in mine], aside


def _with_whom_to_ask(waiting: Sequence[Choice], aside: Sequence[Choice], *, by: User, on: date) -> list[Choice]:
    """Each with whom to ask: a reviewer who reaches the payee's account, another preparer; asked for where needed."""
    told = {
        rules.WAIT_LABELS[rules.Wait.NO_ACCOUNT]: lambda row: f"a {row.payable.party.name}: falta que la registre",
        rules.WAIT_LABELS[rules.Wait.ON_HOLD]: lambda row: "a nadie: el plazo termina solo",
    }
    reviewed = {row.payable.party_id for row in waiting if row.since}
    reviewers = who_reaches(reviewed, Permission.REVIEW_ACCOUNTS, on=on) if reviewed else {}
    preparers = people_with(Permission.PREPARE_PAYMENTS, on=on).exclude(pk=by.pk)[:MOST_NAMES] if aside else ()
    said = [
        replace(row, ask=told[row.wait](row) if row.wait in told else _names(reviewers.get(row.payable.party_id, ())))
        for row in waiting
    ]
    return said + [replace(row, ask=_names(preparers)) for row in aside]


def _names(people: Iterable[User]) -> str:
    """Whom to ask: up to three of these people."""
    names = [str(one) for one in people][:MOST_NAMES]
    return f"a {listed(names)}" if names else NOBODY
