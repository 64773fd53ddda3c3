"""What is owed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from portal.history.services import record
from portal.treasury import rules
from portal.treasury.models import Payable


@transaction.atomic
def open_payable(
    *,
    party: Any,
    amount: Decimal,
    currency: str,
    kind: str,
    subject: models.Model,
    reference: str,
    due_on: date,
    due_rule: str,
    by: Any,
    at: datetime,
    liability: str = "physician_payable",
    purpose: str = rules.Purpose.DIGITAL_ORDERS,
) -> Payable:
    """Owe `amount` (in `currency`, more than zero) to a party for one subject; the same kind and subject again
    gives the payable that stands. `liability` is the ledger account the payment will debit; `reference` is what
    people read (a folio), `due_rule` the rule that gave `due_on` (the text of a `RuleRef`).
    """
    rules.check_amount(amount, currency)
    owed = {"party": party, "amount": amount, "currency": currency, "reference": reference}
    when = {"due_on": due_on, "due_rule": due_rule}
    how = {"liability": liability, "purpose": purpose, "opened_by": by, "opened_at": at}
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
