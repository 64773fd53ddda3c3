"""What is owed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models, transaction

from portal.history.services import record
from portal.treasury import registry, rules
from portal.treasury.models import Payable

if TYPE_CHECKING:
    from portal.people.models import Party, User


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
    (the text of a `RuleRef`).
    """
    rules.check_amount(amount, currency)
    declared = registry.payable_kind(kind)
    owed = {"party": party, "amount": amount, "currency": currency, "reference": reference}
    when = {"due_on": due_on, "due_rule": due_rule}
    how = {"liability": declared.liability, "purpose": declared.purpose, "opened_by": by, "opened_at": at}
    payable, fresh = Payable.objects.get_or_create(
        kind=kind, subject_type=subject._meta.label_lower, subject_id=str(subject.pk), defaults=owed | when | how
    )
    if not fresh:
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
