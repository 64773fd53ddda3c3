"""Bank accounts, ledger and batches as pure rules: states, who holds the ball, three people, holds and sums."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from portal.errors import Conflict, RuleBroken
from portal.money import round_money

CURRENCIES = [("MXN", "MXN"), ("CLP", "CLP")]
ENTRY_MIN_LINES = 2


class Purpose(StrEnum):
    """What an account is for (C5). Traditional orders and surgical fees carry their own account per errand."""

    DIGITAL_ORDERS = "digital_orders"


class AccountState(StrEnum):
    """The life of a bank account (domain 2.6)."""

    CAPTURED = "captured"
    IN_REVIEW = "in_review"
    VALIDATED = "validated"
    REJECTED = "rejected"
    REPLACED = "replaced"


class Decision(StrEnum):
    """What a reviewer says of an account."""

    APPROVED = "approved"
    REJECTED = "rejected"


class PayableState(StrEnum):
    """The life of an amount owed; `rejected` = the bank sent it back and it waits for another batch."""

    OPEN = "open"
    SCHEDULED = "scheduled"
    PAID = "paid"
    REJECTED = "rejected"


class BatchState(StrEnum):
    """The life of a payment batch; it is locked from `approved` on."""

    PREPARED = "prepared"
    APPROVED = "approved"
    EXPORTED = "exported"
    POSTED = "posted"
    CANCELLED = "cancelled"


class TransferState(StrEnum):
    """The life of a transfer; `withdrawn` = it left before the lock (cancelled batch or changed account)."""

    PENDING = "pending"
    PAID = "paid"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Ball(StrEnum):
    """Who has to move."""

    YOU = "you"
    US = "us"
    BANK = "bank"
    NOBODY = "nobody"


PURPOSE_LABELS = {Purpose.DIGITAL_ORDERS: "Órdenes de atención digitales"}
DECISION_LABELS = {Decision.APPROVED: "Aprobó", Decision.REJECTED: "Rechazó"}
ACCOUNT_LABELS = {
    AccountState.CAPTURED: "Falta que la envíes",
    AccountState.IN_REVIEW: "La está revisando una persona",
    AccountState.VALIDATED: "Validada",
    AccountState.REJECTED: "No quedó registrada",
    AccountState.REPLACED: "Reemplazada",
}
PAYABLE_LABELS = {
    PayableState.OPEN: "Por pagar",
    PayableState.SCHEDULED: "En un lote",
    PayableState.PAID: "Pagado",
    PayableState.REJECTED: "El banco lo devolvió",
}
BATCH_LABELS = {
    BatchState.PREPARED: "Espera autorización",
    BatchState.APPROVED: "Autorizado y cerrado",
    BatchState.EXPORTED: "Enviado al banco",
    BatchState.POSTED: "Pagado y contabilizado",
    BatchState.CANCELLED: "Cancelado",
}
TRANSFER_LABELS = {
    TransferState.PENDING: "Sin respuesta del banco",
    TransferState.PAID: "Pagada",
    TransferState.REJECTED: "Devuelta por el banco",
    TransferState.WITHDRAWN: "Salió del lote",
}

ACCOUNT_TRANSITIONS: Mapping[AccountState, frozenset[AccountState]] = {
    AccountState.CAPTURED: frozenset({AccountState.IN_REVIEW, AccountState.REPLACED}),
    AccountState.IN_REVIEW: frozenset({AccountState.VALIDATED, AccountState.REJECTED}),
    AccountState.VALIDATED: frozenset({AccountState.REPLACED}),
    AccountState.REJECTED: frozenset(),
    AccountState.REPLACED: frozenset(),
}
PAYABLE_TRANSITIONS: Mapping[PayableState, frozenset[PayableState]] = {
    PayableState.OPEN: frozenset({PayableState.SCHEDULED}),
    PayableState.SCHEDULED: frozenset({PayableState.OPEN, PayableState.PAID, PayableState.REJECTED}),
    PayableState.PAID: frozenset(),
    PayableState.REJECTED: frozenset({PayableState.SCHEDULED}),
}
BATCH_TRANSITIONS: Mapping[BatchState, frozenset[BatchState]] = {
    BatchState.PREPARED: frozenset({BatchState.APPROVED, BatchState.CANCELLED}),
    BatchState.APPROVED: frozenset({BatchState.EXPORTED}),
    BatchState.EXPORTED: frozenset({BatchState.POSTED}),
    BatchState.POSTED: frozenset(),
    BatchState.CANCELLED: frozenset(),
}
TRANSFER_TRANSITIONS: Mapping[TransferState, frozenset[TransferState]] = {
    TransferState.PENDING: frozenset({TransferState.PAID, TransferState.REJECTED, TransferState.WITHDRAWN}),
    TransferState.PAID: frozenset(),
    TransferState.REJECTED: frozenset(),
    TransferState.WITHDRAWN: frozenset(),
}
ACCOUNT_BALL: Mapping[AccountState, Ball] = {
    AccountState.CAPTURED: Ball.YOU,
    AccountState.IN_REVIEW: Ball.US,
    AccountState.VALIDATED: Ball.NOBODY,
    AccountState.REJECTED: Ball.YOU,
    AccountState.REPLACED: Ball.NOBODY,
}
BATCH_BALL: Mapping[BatchState, Ball] = {
    BatchState.PREPARED: Ball.US,
    BatchState.APPROVED: Ball.US,
    BatchState.EXPORTED: Ball.BANK,
    BatchState.POSTED: Ball.NOBODY,
    BatchState.CANCELLED: Ball.NOBODY,
}

State = TypeVar("State", bound=StrEnum)


def choices(labels: Mapping[State, str]) -> list[tuple[str, str]]:
    """Django choices from a label table."""
    return [(str(state), label) for state, label in labels.items()]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry: debit positive, credit negative, in `currency`; `party` None = the house's own account."""

    code: str
    amount: Decimal
    currency: str
    party: UUID | None = None


def check_entry(lines: Iterable[Line]) -> None:
    """An entry has two lines or more, none zero, whole CLP, and sums to zero per currency; otherwise ValueError."""
    lines = list(lines)
    if len(lines) < ENTRY_MIN_LINES:
        raise ValueError("an entry has two lines or more")
    sums: dict[str, Decimal] = {}
    for line in lines:
        if line.amount == 0:
            raise ValueError("a line is never zero")
        if line.amount != round_money(line.amount, line.currency):
            raise ValueError(f"{line.amount} has more decimals than {line.currency}")
        sums[line.currency] = sums.get(line.currency, Decimal(0)) + line.amount
    if any(sums.values()):
        raise ValueError(f"an entry sums to zero per currency, not {sums}")


def check_amount(amount: Decimal, currency: str) -> None:
    """An amount owed is more than zero and has the currency's decimals; otherwise ValueError (a bug of the caller)."""
    if amount <= 0 or amount != round_money(amount, currency):
        raise ValueError(f"{amount} {currency} cannot be owed")


def cannot_reverse_reversal() -> RuleBroken:
    """A reversal is final."""
    return RuleBroken("Ese asiento ya es una reversa y no se revierte. Registra un asiento nuevo.", code="is_reversal")
