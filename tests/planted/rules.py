"""Trips to pay: their states, the table they come in, the books' accounts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portal.imports.rules.layouts import Field, Layout, Total
from portal.imports.rules.readers import identifier, money, text
from portal.states import Ball, Machine, Stand
from portal.treasury.rules import LedgerCode


class State(StrEnum):
    """How far a trip's money is."""

    ASKED = "asked"
    APPROVED = "approved"
    PAID = "paid"


TRIP = Machine(
    State,
    {
        State.ASKED: Stand(
            label="Por autorizar", tone="warn", to=(State.APPROVED,), ball=Ball.US, due="planted.pay_days"
        ),
        State.APPROVED: Stand(label="Por pagar", tone="info", to=(State.PAID,), ball=Ball.US),
        State.PAID: Stand(label="Pagado", tone="ok"),
    },
    moved="Este viático ya no espera. Abre su página para ver cómo quedó.",
)
CAP = "planted.cap"
APPROVED = "trip_approved"
OWED = "trip_payable"
LEDGER_CODES = (LedgerCode("trip_expense", "Gasto de viaje"), LedgerCode(OWED, "Viáticos por pagar", of_party=True))
LEDGER: dict[str, tuple[tuple[str, int, str], ...]] = {APPROVED: (("trip_expense", 1, "amount"), (OWED, -1, "amount"))}


@dataclass(frozen=True, slots=True)
class TripRow:
    """One row of the table."""

    rfc: str
    why: str
    amount: Decimal


LAYOUT = Layout(
    fields=(
        Field("rfc", "rfc", read=identifier("rfc")),
        Field("why", "motivo", read=text(120)),
        Field("amount", "importe", read=money("MXN")),
    ),
    build=TripRow,
    max_rows=100,
    noun=("viático", "viáticos"),
    totals=(Total("amount", "Por cuánto en total", "MXN"),),
)
