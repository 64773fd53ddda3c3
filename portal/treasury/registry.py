"""What the verticals tell treasury at start (their `apps.ready()`), so that the floor never knows their names.

`kind` is the payable's kind ("invoice", …).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import UUID

if TYPE_CHECKING:
    from portal.treasury.models import Payable, Transfer


class AdviceLine(TypedDict):
    """One invoice on a payment advice, as the physician reads it. Amounts as text in the currency's decimals."""

    folio: str
    concept: str
    amount: str


OnPaid = Callable[..., None]
OnRejected = Callable[..., None]
Barred = Callable[[Sequence["Payable"]], Iterable[UUID]]
AdviceLines = Callable[[Sequence["Payable"]], list[AdviceLine]]

_paid: dict[str, list[OnPaid]] = {}
_rejected: dict[str, list[OnRejected]] = {}
_returned: dict[str, list[OnRejected]] = {}
_scheduled: dict[str, list[OnPaid]] = {}
_released: dict[str, list[OnRejected]] = {}
_barred: dict[str, Barred] = {}
_advice: dict[str, AdviceLines] = {}
_own_words: set[str] = set()


def _add(table: dict[str, list[Any]], kind: str, handler: Any) -> None:
    if handler not in table.setdefault(kind, []):
        table[kind].append(handler)


def on_paid(kind: str, handler: OnPaid) -> None:
    """`handler(*, payable, transfer, by, at)` runs in the posting's transaction, once per paid payable."""
    _add(_paid, kind, handler)


def on_rejected(kind: str, handler: OnRejected) -> None:
    """`handler(*, payable, transfer, reason, by, at)` when the bank did not pay; the payable waits again."""
    _add(_rejected, kind, handler)


def on_returned(kind: str, handler: OnRejected) -> None:
    """`handler(*, payable, transfer, reason, by, at)` when what was paid came back; it waits again."""
    _add(_returned, kind, handler)


def on_scheduled(kind: str, handler: OnPaid) -> None:
    """`handler(*, payable, transfer, by, at)` when a payable enters a batch."""
    _add(_scheduled, kind, handler)


def on_released(kind: str, handler: OnRejected) -> None:
    """`handler(*, payable, transfer, reason, by, at)` when a payable left a batch before its lock."""
    _add(_released, kind, handler)


def register_barred(kind: str, people: Barred) -> None:
    """`people(payables) -> user ids` that may neither prepare nor approve a batch with them (MO-05): its reviewers."""
    _barred[kind] = people


def register_advice_lines(kind: str, lines: AdviceLines) -> None:
    """`lines(payables) -> [AdviceLine]` for the payment advice."""
    _advice[kind] = lines


def register_own_words(kind: str) -> None:
    """The vertical tells its people of a payment itself, with what comes next; treasury then sends no second mail."""
    _own_words.add(kind)


def has_own_words(kinds: Iterable[str]) -> bool:
    """Whether every one of these kinds is told by its vertical."""
    return set(kinds) <= _own_words


def tell_paid(*, payable: Payable, transfer: Transfer, by: Any, at: datetime) -> None:
    """Call everybody who asked."""
    for handler in _paid.get(payable.kind, ()):
        handler(payable=payable, transfer=transfer, by=by, at=at)


def tell_rejected(*, payable: Payable, transfer: Transfer, reason: str, by: Any, at: datetime) -> None:
    """Call everybody who asked."""
    for handler in _rejected.get(payable.kind, ()):
        handler(payable=payable, transfer=transfer, reason=reason, by=by, at=at)


def tell_returned(*, payable: Payable, transfer: Transfer, reason: str, by: Any, at: datetime) -> None:
    """Call everybody who asked."""
    for handler in _returned.get(payable.kind, ()):
        handler(payable=payable, transfer=transfer, reason=reason, by=by, at=at)


def tell_scheduled(*, payable: Payable, transfer: Transfer, by: Any, at: datetime) -> None:
    """Call everybody who asked."""
    for handler in _scheduled.get(payable.kind, ()):
        handler(payable=payable, transfer=transfer, by=by, at=at)


def tell_released(*, payable: Payable, transfer: Transfer, reason: str, by: Any, at: datetime) -> None:
    """Call everybody who asked."""
    for handler in _released.get(payable.kind, ()):
        handler(payable=payable, transfer=transfer, reason=reason, by=by, at=at)


def barred_people(payables: Sequence[Payable]) -> set[UUID]:
    """Everybody who reviewed anything among these payables."""
    people: set[UUID] = set()
    for kind, group in _by_kind(payables).items():
        if kind in _barred:
            people |= set(_barred[kind](group))
    return people


def advice_lines(payables: Sequence[Payable]) -> list[AdviceLine]:
    """The lines of an advice; a kind that registered nothing shows its reference and amount."""
    lines: list[AdviceLine] = []
    for kind, group in _by_kind(payables).items():
        if kind in _advice:
            lines += _advice[kind](group)
        else:
            lines += [{"folio": p.reference, "concept": "", "amount": str(p.amount)} for p in group]
    return lines


def _by_kind(payables: Sequence[Payable]) -> dict[str, list[Payable]]:
    groups: dict[str, list[Payable]] = {}
    for payable in payables:
        groups.setdefault(payable.kind, []).append(payable)
    return groups
