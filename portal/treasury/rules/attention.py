"""What an approver looks at first in a batch: each transfer beside what its payee got before. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from portal.money import format_money
from portal.text import listed

UNUSUAL_FACTOR = "batch.unusual_factor"
LARGEST = 5


class Why(StrEnum):
    """Why a transfer is looked at first, the gravest first."""

    ACCOUNT_CHANGED = "account_changed"
    FIRST_DEPOSIT = "first_deposit"
    SAME_PAYEE = "same_payee"
    UNUSUAL_AMOUNT = "unusual_amount"
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class Facing:
    """A transfer beside what its payee got before.

    `payee`: what they are known by (party, RFC, CLABE). `account` and `last_account`: the CLABE, blindly, and the one
    of their last deposit (empty: none yet), which ended in `last4`. `largest`: their largest deposit in twelve months.
    `elsewhere`: other batches that pay them and that the bank has not answered, by name.
    """

    key: UUID
    payee: frozenset[str]
    amount: Decimal
    currency: str
    account: str
    last_account: str = ""
    last4: str = ""
    largest: Decimal | None = None
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with its sentence."""

    why: Why
    text: str


def look_first(rows: Sequence[Facing], *, factor: int) -> list[tuple[UUID, list[Reason]]]:
    """Transfers that are looked at first with their reasons, the gravest first, then the largest.

    `factor`: how many times their largest deposit of twelve months is more than usual. The largest five are told where
    there are more than five.
    """
    known = Counter(name for row in rows for name in row.payee)
    by_amount = sorted(rows, key=lambda row: (-row.amount, row.key))
    largest = {row.key for row in by_amount[:LARGEST]} if len(rows) > LARGEST else set()
    found = []
    for row in by_amount:
        reasons = [*_account(row), *_payee(row, known), *_amount(row, factor)]
        if row.key in largest:
            reasons.append(Reason(Why.LARGEST, f"Es una de las {LARGEST} mayores del lote."))
        if reasons:
            found.append((row.key, reasons))
    order = list(Why)
    return sorted(found, key=lambda one: order.index(one[1][0].why))


def _account(row: Facing) -> list[Reason]:
    if not row.last_account:
        return [Reason(Why.FIRST_DEPOSIT, "Es su primer depósito: la cuenta bancaria es nueva para nosotros.")]
    if row.last_account != row.account:
        said = f"Cambió de cuenta bancaria: su último depósito fue a la que termina en {row.last4}."
        return [Reason(Why.ACCOUNT_CHANGED, said)]
    return []


def _payee(row: Facing, known: Counter[str]) -> list[Reason]:
    if any(known[name] > 1 for name in row.payee):
        return [Reason(Why.SAME_PAYEE, "El lote le paga dos veces: otra transferencia va a la misma persona o CLABE.")]
    if row.elsewhere:
        said = f"También le paga, sin respuesta del banco todavía: {listed(row.elsewhere)}."
        return [Reason(Why.SAME_PAYEE, said)]
    return []


def _amount(row: Facing, factor: int) -> list[Reason]:
    if row.largest is None or row.amount <= factor * row.largest:
        return []
    most = format_money(row.largest, row.currency)
    said = f"Es más de {factor} veces su depósito más grande en doce meses, que fue de {most}."
    return [Reason(Why.UNUSUAL_AMOUNT, said)]
