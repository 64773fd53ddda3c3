"""Slips: what somebody is given to pay with at a shop or a bank; its months, its number, how it is paid. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from memberships.rules.dues import first_of_next_month
from portal.errors import Conflict, RuleBroken
from portal.money import ZERO
from portal.states import Ball, Machine, Stand
from portal.treasury.rules.matching import Result as MatchResult

MOVED = "Esta ficha ya cambió: se pagó, se canceló o se devolvió. Recarga la página para ver cómo quedó."


class SlipState(StrEnum):
    """Where a slip stands."""

    ISSUED = "issued"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PAID = "paid"
    PAID_LATE = "paid_late"
    REFUNDED = "refunded"


_ENDS = (SlipState.CANCELLED, SlipState.PAID, SlipState.PAID_LATE)
_BACK = (SlipState.ISSUED, SlipState.EXPIRED, SlipState.REFUNDED)
SLIP = Machine(
    SlipState,
    {
        SlipState.ISSUED: Stand(
            label="Por pagar", tone="warn", to=(SlipState.EXPIRED, *_ENDS), ball=Ball.YOU, next="Págala"
        ),
        # A shop or a bank may still take it: then it is paid late.
        SlipState.EXPIRED: Stand(
            label="Vencida", tone="error", to=_ENDS, ball=Ball.YOU, next="Haz otra ficha, o paga esta si te la reciben"
        ),
        # Waiting again where the deposit that paid a part of it was undone.
        SlipState.CANCELLED: Stand(label="Cancelada", tone="neutral", to=(SlipState.ISSUED, SlipState.EXPIRED)),
        SlipState.PAID: Stand(label="Pagada", tone="ok", to=_BACK),
        SlipState.PAID_LATE: Stand(label="Pagada después de su fecha", tone="ok", to=_BACK),
        # Paid again where the bank returned the transfer that gave it back.
        SlipState.REFUNDED: Stand(label="Devuelta", tone="neutral", to=(SlipState.PAID, SlipState.PAID_LATE)),
    },
    moved=MOVED,
)
OPEN = frozenset({SlipState.ISSUED, SlipState.EXPIRED})
PAID = frozenset({SlipState.PAID, SlipState.PAID_LATE})
MOST_OPEN = 12  # slips of one family that wait to be paid in time
MADE, MADE_WINDOW = 20, 3600  # slips that one person may ask for, and in how many seconds


@dataclass(frozen=True, slots=True)
class Month:
    """One month that a slip pays: its first day, None for the first charge, which has no month yet; amount in MXN.

    `price` is what the whole month costs where credit or an earlier slip pays a part of it.
    """

    period: date | None
    amount: Decimal
    price: Decimal | None = None

    @property
    def whole(self) -> Decimal:
        """What the month costs, whatever pays it."""
        return self.amount if self.price is None else self.price

    def less(self, part: Decimal) -> Month:
        """The same month, of which something else pays a part."""
        return replace(self, amount=self.amount - part, price=self.whole) if part else self


@dataclass(frozen=True, slots=True)
class PaidMonth:
    """A month that a slip named, its price there, and the deposit that paid that slip: its value date and its end."""

    period: date
    price: Decimal
    paid_on: date
    expires_on: date
    taken_back_on: date | None = None


def kept_prices(paid: Iterable[PaidMonth]) -> dict[date, Decimal]:
    """What months cost because a slip named them, paid in time or before they began; the first slip counts.

    One that was taken back keeps the price of the months that had begun by then (domain 2.10).
    """
    found: dict[date, Decimal] = {}
    for one in paid:
        stood = one.taken_back_on is None or one.period < one.taken_back_on
        if stood and one.paid_on <= max(one.period, one.expires_on):
            found.setdefault(one.period, one.price)
    return found


def left_to_pay(months: Sequence[Month], *, credit: Decimal, named: Collection[date | None]) -> list[Month]:
    """What credit does not pay of months, in their order; none that an open slip names already."""
    found = []
    for one in months:
        part = min(credit, one.amount)
        credit -= part
        if part < one.amount and one.period not in named:
            found.append(one.less(part))
    return found


def months_to_pay(
    owed: Sequence[Month], *, count: int, following: Sequence[Month], last_period: date, waiting: Sequence[str] = ()
) -> list[Month]:
    """The first `count` months: what is owed, oldest first, then those that follow, none after `last_period`.

    `waiting`: the folios of slips that are open already. Raises RuleBroken where there is nothing to pay, or not so
    many months.
    """
    ahead = [one for one in following if one.period is not None and one.period <= last_period]
    found = [*owed, *ahead]
    if not found:
        cure = f" Paga la ficha {waiting[0]}, que ya está hecha." if waiting else ""
        raise RuleBroken(f"Esta membresía no tiene nada que pagar con una ficha.{cure}", code="nothing_to_pay")
    if not 1 <= count <= len(found):
        raise RuleBroken(
            f"Elige de 1 a {len(found)} mensualidades: no se pagan más por adelantado.",
            code="months_ahead",
            field="months",
        )
    return found[:count]


def following_months(first: date, *, price: Any, until: date) -> list[Month]:
    """The months from `first` to `until`, each at the price of its first day (`price(day)`)."""
    found, period = [], first
    while period <= until:
        found.append(Month(period, price(period)))
        period = first_of_next_month(period)
    return found


def own_number(folio: str, *, length: int) -> str:
    """The number of ours that a slip's reference carries, digits only: a one, its year and its number in it.

    Raises RuleBroken for a folio whose number no longer fits.
    """
    _prefix, year, number = folio.split("-")
    if len(number.lstrip("0")) > length - 3:
        raise RuleBroken("Los números de ficha de este año se acabaron. Avisa a quien administra.", code="numbers_over")
    return f"1{year[2:]}{number.lstrip('0').zfill(length - 3)}"


def expires_on(made_on: date, days: int) -> date:
    """The last day on which a slip is in time."""
    return made_on + timedelta(days=days)


def told(reference: str) -> str:
    """A reference in groups of four, as people copy it."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def paid_state(on: date, *, expires: date) -> SlipState:
    """How a slip is paid by money of a value date."""
    return SlipState.PAID if on <= expires else SlipState.PAID_LATE


def unpaid_state(on: date, *, expires: date) -> SlipState:
    """Where a slip stands again once its payment was undone."""
    return SlipState.ISSUED if on <= expires else SlipState.EXPIRED


def spread(amount: Decimal, lines: Sequence[tuple[Any, Decimal]]) -> dict[Any, Decimal]:
    """How money goes to the memberships of a slip's lines (whose, amount), in order; what is left to the first."""
    found: dict[Any, Decimal] = {}
    left = amount
    for whose, owed in lines:
        if part := min(left, owed):
            found[whose] = found.get(whose, ZERO) + part
            left -= part
    if left:
        found[lines[0][0]] = found.get(lines[0][0], ZERO) + left
    return found


def rest_of(amount: Decimal, lines: Sequence[tuple[Any, Month]]) -> list[tuple[Any, Month]]:
    """What of a slip's lines an amount leaves unpaid, the last ones first."""
    left, found = amount, []
    for whose, month in lines:
        part = min(left, month.amount)
        left -= part
        if part < month.amount:
            found.append((whose, month.less(part)))
    return found


def check_may_pay(*, complete: bool, cancelled: bool) -> None:
    """A slip is for a membership that stands. Raises Conflict."""
    if not complete or cancelled:
        raise Conflict("Esta membresía no recibe pagos: no está completa o ya se canceló.", code="not_payable")


def check_one_titular(parties: Collection[Any]) -> None:
    """A slip is one titular's. Raises Conflict."""
    if len(parties) > 1:
        raise Conflict(
            "Esas membresías son de titulares distintos. Haz una ficha para cada una.", code="several_titulars"
        )


def check_room(open_slips: int) -> None:
    """A family has few slips to pay at a time. Raises Conflict."""
    if open_slips >= MOST_OPEN:
        raise Conflict(
            f"Esta membresía ya tiene {open_slips} fichas por pagar. Paga o cancela una antes de hacer otra.",
            code="slips_open",
        )


def check_as_matched(state: str, *, result: str, amount: Decimal, asked: Decimal) -> None:
    """What the system matched by itself stands as the match said: open and of its amount, or paid. Raises Conflict."""
    holds = state in PAID if result == MatchResult.DOUBLE else state in OPEN and amount == asked
    if not holds:
        raise Conflict(MOVED, code="slip_moved")


class Outcome(StrEnum):
    """What a deposit did to a slip beside paying it, as its family is told."""

    PLAIN = ""
    SHORT = "short"
    OVER = "over"
    DOUBLE = "double"
    CLOSED = "closed"


def outcome_of(state: str, *, amount: Decimal, asked: Decimal) -> Outcome:
    """What a deposit of an amount does to a slip that stood so."""
    if state in PAID:
        return Outcome.DOUBLE
    if state not in OPEN:
        return Outcome.CLOSED
    if amount == asked:
        return Outcome.PLAIN
    return Outcome.SHORT if amount < asked else Outcome.OVER


@dataclass(frozen=True, slots=True)
class SlipNews:
    """What a family is told of a slip in the message of its payment; `rest` and `rest_code`: the slip for the rest."""

    outcome: Outcome
    folio: str
    rest: str = ""
    rest_code: str = ""

    @property
    def text(self) -> str:
        """In words; nothing where it was simply paid."""
        again = f"Paga el resto con la ficha {self.rest}." if self.rest else "Haz otra ficha para pagar el resto."
        return {
            Outcome.PLAIN: "",
            Outcome.SHORT: f"Llegó menos que el importe de la ficha {self.folio}. {again}",
            Outcome.OVER: f"Llegó más que el importe de la ficha {self.folio}. Lo que sobra queda a tu favor.",
            Outcome.DOUBLE: f"La ficha {self.folio} ya estaba pagada. Lo que llegó queda a tu favor.",
            Outcome.CLOSED: f"La ficha {self.folio} ya no estaba por pagar. Lo que llegó queda a tu favor.",
        }[self.outcome]
