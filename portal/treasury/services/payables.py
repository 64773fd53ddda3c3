"""What is owed, and what is owed no more."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models, transaction

from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.treasury import registry, rules
from portal.treasury.models import LedgerTransaction, Payable
from portal.treasury.services.ledger import reverse_entry
from portal.treasury.services.locks import hold_treasury

if TYPE_CHECKING:
    from portal.people.models import Party, User

State = rules.PayableState


@transaction.atomic
def open_payable(
    *,
    party: Party,
    amount: Decimal,
    currency: str,
    kind: str,
    subject: models.Model,
    reference: str,
    due_on: date,
    due_rule: str,
    by: User | None,
    at: datetime,
) -> Payable:
    """Owe `amount` (in `currency`, more than zero) to a party for one subject; the same kind and subject again
    gives the payable that stands. `kind` is one that an app declared (`PayableKind`): it says to what account it is
    paid and what its payment debits. `reference` is what people read (a folio), `due_rule` the rule that gave `due_on`
    (the text of a `RuleRef`). Raises Conflict when it was owed and cancelled.
    """
    rules.check_amount(amount, currency)
    declared = registry.payable_kind(kind)
    owed = {"party": party, "amount": amount, "currency": currency, "reference": reference}
    when = {"due_on": due_on, "due_rule": due_rule, "opened_at": at, "waiting_since": at}
    how = {"liability": declared.liability, "purpose": declared.purpose, "opened_by": by}
    subject_key = {"kind": kind, "subject_type": subject._meta.label_lower, "subject_id": str(subject.pk)}
    payable, fresh = Payable.objects.get_or_create(**subject_key, defaults=owed | when | how)
    if not fresh:
        if payable.state == State.CANCELLED:
            raise Conflict(rules.OWED_NO_MORE, code="payable_cancelled")
        return payable
    record(
        action="treasury.payable_opened",
        subject=payable,
        by=by,
        at=at,
        party_id=party.pk,
        details={"kind": kind, "amount": str(amount), "currency": currency, "reference": reference},
    )
    return payable


@transaction.atomic
def cancel_payable(*, payable: Payable, reason: str, by: User | None, at: datetime) -> Payable:
    """Cancel an amount owed that waits to be paid: the entry that booked it is reversed, on the day of `at`.

    The app that owes it calls this, and says who may; an app that locks rows of its own holds the treasury first
    (`hold_treasury`). Cancelling again changes nothing. Raises RuleBroken without a reason, Conflict once it is in a
    batch or paid, ValueError when the debt was never booked (a bug of the caller).
    """
    hold_treasury()
    payable = Payable.objects.select_for_update().get(pk=payable.pk)
    if payable.state == State.CANCELLED:
        return payable
    rules.PAYABLE.check(payable.state, State.CANCELLED, rules.CANNOT_CANCEL)
    reason = reason.strip()
    if not reason:
        raise RuleBroken("Escribe por qué ya no se debe.", code="reason_missing", field="reason")
    reverse_entry(entry=_entry_of_payable(payable), by=by, at=at, on=clock.date_in(at), reason=reason)
    payable.state, payable.reason = State.CANCELLED, reason[:300]
    payable.cancelled_by, payable.cancelled_at = by, at
    payable.save(update_fields=["state", "reason", "cancelled_by", "cancelled_at"])
    record(
        action="treasury.payable_cancelled",
        subject=payable,
        by=by,
        at=at,
        reason=reason,
        party_id=payable.party_id,
        details={"amount": str(payable.amount), "currency": payable.currency, "reference": payable.reference},
    )
    return payable


def _entry_of_payable(payable: Payable) -> LedgerTransaction:
    """The entry by which it is owed."""
    kind = registry.payable_kind(payable.kind)
    of_subject = LedgerTransaction.objects.filter(subject_type=payable.subject_type, subject_id=payable.subject_id)
    entry = of_subject.filter(kind=kind.entry).first()
    if entry is None:
        raise ValueError(f"the debt of {payable.reference} was never booked as «{kind.entry}»")
    return entry
