"""Money that came in: where a movement stands, what becomes of a deposit, how one is shared out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from portal.errors import Conflict, RuleBroken
from portal.money import ZERO, format_money
from portal.states import Ball, Machine, Stand
from portal.treasury.rules.outbound import LedgerCode, Line

MOVED_ON = "Este depósito ya cambió: otra persona o el sistema lo atendió. Recarga la página para ver cómo quedó."


class MovementState(StrEnum):
    """Where a movement stands; what went out is only noted."""

    WAITING = "waiting"
    MATCHED = "matched"
    DISCARDED = "discarded"
    OUTGOING = "outgoing"


MOVEMENT = Machine(
    MovementState,
    {
        MovementState.WAITING: Stand(
            label="Por asignar",
            tone="warn",
            to=(MovementState.MATCHED, MovementState.DISCARDED),
            ball=Ball.US,
        ),
        MovementState.MATCHED: Stand(label="Asignado", tone="ok", to=(MovementState.WAITING,)),
        MovementState.DISCARDED: Stand(label="Apartado", tone="neutral", to=(MovementState.WAITING,)),
        MovementState.OUTGOING: Stand(label="Dinero que salió", tone="neutral", begins=True),
    },
    moved=MOVED_ON,
)


class Act(StrEnum):
    """What became of a deposit."""

    MATCHED = "matched"
    SETTLED = "settled"
    DISCARDED = "discarded"


ACT_LABELS = {
    Act.MATCHED: "Asignado",
    Act.SETTLED: "Liquidación de una red de cobro",
    Act.DISCARDED: "Apartado",
}

# --- the books (section D of issue 11) -------------------------------------------------------------------------------

COLLECTIONS_BANK = LedgerCode("collections_bank", "Banco de cobranza")
STORE_CLEARING = LedgerCode("store_clearing", "Por liquidar de la red de tiendas")
UNMATCHED = LedgerCode("unmatched_deposits", "Depósitos por asignar")
OTHER_DEPOSITS = LedgerCode("other_deposits", "Depósitos apartados")
COLLECTION_FEES = LedgerCode("collection_fees", "Comisiones de cobranza")
LEDGER = (COLLECTIONS_BANK, STORE_CLEARING, UNMATCHED, OTHER_DEPOSITS, COLLECTION_FEES)
RECEIVED = "deposit_received"
ENTRIES = {Act.MATCHED: "deposit_matched", Act.SETTLED: "channel_settled", Act.DISCARDED: "deposit_discarded"}


@dataclass(frozen=True, slots=True)
class Portion:
    """What of a deposit goes to one thing of an app: its kind and key there, whose credit it is, on which account."""

    kind: str
    key: str
    party: UUID
    liability: str
    amount: Decimal


def received(*, ledger: str, amount: Decimal, currency: str) -> tuple[Line, Line]:
    """What a deposit brings on the account that it came in to."""
    return Line(ledger, amount, currency), Line(UNMATCHED.code, -amount, currency)


def matched(shares: Sequence[Portion], *, currency: str) -> list[Line]:
    """What shares of a deposit bring: each to its party's credit."""
    total = sum((one.amount for one in shares), ZERO)
    credit: dict[tuple[str, UUID], Decimal] = {}
    for one in shares:
        credit[one.liability, one.party] = credit.get((one.liability, one.party), ZERO) + one.amount
    return [
        Line(UNMATCHED.code, total, currency),
        *(Line(code, -amount, currency, party) for (code, party), amount in credit.items()),
    ]


def discarded(amount: Decimal, *, currency: str) -> tuple[Line, Line]:
    """What setting a deposit aside brings."""
    return Line(UNMATCHED.code, amount, currency), Line(OTHER_DEPOSITS.code, -amount, currency)


def settled(amount: Decimal, *, fee: Decimal, clearing: str, currency: str) -> list[Line]:
    """What a network's lump sum brings: it and what the network kept end what was to be settled."""
    fees = [Line(COLLECTION_FEES.code, fee, currency)] if fee else []
    return [Line(UNMATCHED.code, amount, currency), *fees, Line(clearing, -(amount + fee), currency)]


# --- sharing out -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """What a deposit may pay, as the app that waits for it tells it now.

    `key` is its folio, `since` the day it is of (the oldest is paid first), `owed` what it takes whole: None for a
    party's credit, which takes whatever comes. `href` leads to its page.
    """

    key: str
    title: str
    detail: str
    party: UUID
    since: date
    owed: Decimal | None
    href: str = ""


def oldest_first(amount: Decimal, targets: Iterable[Target]) -> list[tuple[Target, Decimal]]:
    """How a deposit is shared out among what was chosen: each takes what it is owed, the oldest first.

    What is left is the credit of the first that takes whatever comes, else of the last that was reached.
    """
    order = sorted(targets, key=lambda one: (one.owed is None, one.since, one.key))
    left, shared = amount, dict[str, Decimal]()
    for one in order:
        if part := min(left, left if one.owed is None else one.owed):
            shared[one.key] = part
            left -= part
    if left:
        last = order[-1].key
        shared[last] = shared.get(last, ZERO) + left
    return [(one, shared[one.key]) for one in order if one.key in shared]


def check_shares(shares: Sequence[Portion], *, amount: Decimal, currency: str) -> None:
    """A deposit is shared out whole, in positive parts, each thing once. Raises RuleBroken."""
    if not shares:
        raise RuleBroken("Elige a qué corresponde el depósito.", code="nothing_chosen", field="targets")
    if len({(one.kind, one.key) for one in shares}) < len(shares) or any(one.amount <= 0 for one in shares):
        raise RuleBroken(
            "Cada parte lleva un importe mayor que cero, y cada destino va una sola vez.",
            code="shares_wrong",
            field="targets",
        )
    total = sum((one.amount for one in shares), ZERO)
    if total != amount:
        raise RuleBroken(
            f"Las partes suman {format_money(total, currency)} y el depósito es de {format_money(amount, currency)}. "
            "Reparte el depósito completo.",
            code="shares_differ",
            field="targets",
        )


def check_comment(comment: str) -> str:
    """What is set aside says why. Raises RuleBroken."""
    if not comment.strip():
        raise RuleBroken(
            "Escribe por qué se aparta: quien revise lo va a leer.", code="comment_missing", field="comment"
        )
    return comment.strip()


def check_not_own(*, own: bool) -> None:
    """Nobody decides about a deposit of their own, or of whom they act for. Raises RuleBroken."""
    if own:
        raise RuleBroken(
            "Este depósito es tuyo o de quien te encarga sus pagos. Lo atiende otra persona.", code="own_deposit"
        )


def check_channel(*, cleared: bool, own: bool, same: bool) -> None:
    """What is settled is a network's account, in the deposit's currency, and not the one it came in to."""
    if not cleared or own or not same:
        raise RuleBroken(
            "Elige la red de cobro que mandó este dinero, en la moneda del depósito.",
            code="not_a_channel",
            field="settles",
        )


def check_settles(amount: Decimal, *, fee: Decimal, waiting: Decimal, currency: str) -> None:
    """A network settles no more than it collected, and keeps no negative fee. Raises RuleBroken."""
    if fee < 0:
        raise RuleBroken(
            "La comisión no puede ser negativa. Escribe cero si no hubo.", code="fee_negative", field="fee"
        )
    if amount + fee > waiting:
        raise RuleBroken(
            f"La red debe {format_money(waiting, currency)} y esto suma {format_money(amount + fee, currency)}. Revisa "
            "la comisión, o importa primero el archivo de la red.",
            code="settles_too_much",
            field="fee",
        )


def check_live(*, undone: bool) -> None:
    """What was undone is not undone again. Raises Conflict."""
    if undone:
        raise Conflict(MOVED_ON, code="state_moved_on")
