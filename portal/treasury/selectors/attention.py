"""What an approver looks at first in a batch that waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from portal.calendars.rules import months_before
from portal.rulebook.selectors import rule_on
from portal.treasury import rules
from portal.treasury.models import PaymentBatch, Transfer
from portal.treasury.rules import attention

TWELVE_MONTHS = 12
_UNDER_WAY = (rules.BatchState.PREPARED, rules.BatchState.APPROVED, rules.BatchState.EXPORTED)
Payee = tuple[UUID, str]
"""A party and what its account is for."""


@dataclass(frozen=True, slots=True)
class Attention:
    """A transfer that is looked at first, and why."""

    transfer: Transfer
    reasons: list[attention.Reason]


def look_first(batch: PaymentBatch, transfers: Sequence[Transfer], *, on: date) -> list[Attention]:
    """Of a batch that waits to be authorised: what to look at first, the gravest first. Constant in queries."""
    if batch.state != rules.BatchState.PREPARED:
        return []
    going = [row for row in transfers if row.state == rules.TransferState.PENDING]
    last, largest = _deposits_before(going, on=on)
    elsewhere = _paid_elsewhere(batch, going)
    facing = [
        attention.Facing(
            key=row.pk,
            payee=frozenset(name for name in (str(row.party_id), row.rfc, row.clabe_index) if name),
            amount=row.amount,
            currency=row.currency,
            account=row.clabe_index,
            last_account=before[0] if (before := last.get(_payee(row))) else "",
            last4=before[1] if before else "",
            largest=largest.get(_payee(row)),
            elsewhere=tuple(elsewhere.get(row.party_id, ())),
        )
        for row in going
    ]
    factor = int(rule_on(attention.UNUSUAL_FACTOR, on=on).value)
    by_key = {row.pk: row for row in going}
    return [Attention(by_key[key], reasons) for key, reasons in attention.look_first(facing, factor=factor)]


def _payee(row: Transfer) -> Payee:
    return row.party_id, row.account.purpose


def _deposits_before(
    going: Sequence[Transfer], *, on: date
) -> tuple[dict[Payee, tuple[str, str]], dict[Payee, Decimal]]:
    """Where each payee's last deposit went (CLABE's index and last digits), and their largest of twelve months."""
    paid = Transfer.objects.filter(state=rules.TransferState.PAID, party__in={row.party_id for row in going})
    newest = paid.order_by("party_id", "account__purpose", "-paid_on", "-pk").distinct("party_id", "account__purpose")
    last = {
        (party, purpose): (index, last4)
        for party, purpose, index, last4 in newest.values_list("party_id", "account__purpose", "clabe_index", "last4")
    }
    lately = Q(paid_on__gte=months_before(on, TWELVE_MONTHS))
    most = paid.filter(lately, currency__in={row.currency for row in going}).values_list("party_id", "account__purpose")
    return last, {
        (party, purpose): top for party, purpose, top in most.annotate(top=Max("amount")).order_by("party_id")
    }


def _paid_elsewhere(batch: PaymentBatch, going: Sequence[Transfer]) -> dict[Any, list[str]]:
    """Other batches that pay the same parties and whose answer is still to come, by party."""
    rows = Transfer.objects.filter(
        state=rules.TransferState.PENDING, party__in={row.party_id for row in going}, batch__state__in=_UNDER_WAY
    )
    found: dict[Any, list[str]] = {}
    for row in rows.exclude(batch=batch).select_related("batch").order_by("batch__prepared_at", "pk"):
        found.setdefault(row.party_id, []).append(str(row.batch))
    return found
