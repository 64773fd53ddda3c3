"""What the books say: balances, movements, whether they are whole (MO-03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from portal.treasury.models import (
    LedgerLine,
)

PAYMENT = "payment"  # the kind of the entry that pays a transfer


def balance(*, code: str, currency: str, party: Any = None, on: date | None = None) -> Decimal:
    """Sum of an account's lines (debits positive), of one party or of all, up to a date included."""
    lines = LedgerLine.objects.filter(account__code=code, currency=currency)
    if party is not None:
        lines = lines.filter(account__party=party)
    if on is not None:
        lines = lines.filter(transaction__on__lte=on)
    return lines.aggregate(total=Sum("amount"))["total"] or Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Movements:
    """An account of a party over some days: what stood before, each line with its transaction, what stands after.

    Debits positive, as in the books, in one currency.
    """

    opening: Decimal
    lines: tuple[LedgerLine, ...]

    @property
    def closing(self) -> Decimal:
        """What stands after the last line."""
        return self.opening + sum((line.amount for line in self.lines), Decimal("0.00"))


def movements(*, code: str, currency: str, party_ids: Sequence[UUID], first: date, until: date) -> Movements:
    """Lines of an account from `first` to `until` (local dates, both included), by date then as they were written."""
    lines = LedgerLine.objects.filter(account__code=code, account__party__in=party_ids, currency=currency)
    before = lines.filter(transaction__on__lt=first).aggregate(total=Sum("amount"))["total"]
    found = lines.filter(transaction__on__range=(first, until)).select_related("transaction__reverses")
    return Movements(before or Decimal("0.00"), tuple(found.order_by("transaction__on", "transaction__at", "pk")))


def books_are_whole() -> bool:
    """Whether every currency of the ledger sums to zero (MO-03); `invariants` asks the rest at night."""
    return not unbalanced_currencies()


def unbalanced_currencies() -> list[str]:
    """Currencies that do not sum to zero, by name: one sum, cheap enough for the health page."""
    sums = LedgerLine.objects.values("currency").annotate(total=Sum("amount")).order_by("currency")
    return [row["currency"] for row in sums if row["total"]]
