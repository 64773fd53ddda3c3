"""The double entry of memberships (MO-02): what a family pays becomes its credit, charges are settled from it."""

from __future__ import annotations

from decimal import Decimal

from memberships.rules.states import Means
from portal.treasury.rules import LedgerCode

CREDIT, RECEIVABLE, PAYABLE = "member_credit", "dues_receivable", "member_payable"
CARD_KEPT = "card_kept"
CHARGED, SETTLED, WRITTEN_OFF = "dues_charged", "dues_settled", "dues_written_off"
REFUND_ASKED, CARD_REFUNDED = "refund_asked", "card_refunded"
REFUND_LOST, REFUND_REGAINED, GATEWAY_LOST = "refund_lost", "refund_regained", "gateway_lost"
# Accounts of the books that are memberships'; what comes in from banks and shops is treasury's.
LEDGER_CODES = (
    LedgerCode("dues_receivable", "Mensualidades por cobrar", of_party=True),
    LedgerCode("dues_income", "Ingreso por mensualidades"),
    LedgerCode("member_credit", "Saldo a favor de personas afiliadas", of_party=True),
    LedgerCode("member_payable", "Por devolver a personas afiliadas", of_party=True),
    LedgerCode("dues_written_off", "Mensualidades que ya no se cobran"),
    LedgerCode("dues_reported", "Cobrado fuera del portal"),
    LedgerCode("refunds_lost", "Devuelto y cobrado otra vez"),
    LedgerCode("gateway_clearing", "Tarjetas por recibir"),
)
# act → its lines as (account, sign, what): debit +, credit -. docs/apps is written from this table.
LEDGER: dict[str, tuple[tuple[str, int, str], ...]] = {
    "dues_reported": (("dues_reported", 1, "amount"), (CREDIT, -1, "amount")),
    "card_captured": (("gateway_clearing", 1, "amount"), (CREDIT, -1, "amount")),
    CARD_KEPT: (("gateway_clearing", 1, "amount"), (CREDIT, -1, "amount")),
    CHARGED: ((RECEIVABLE, 1, "amount"), ("dues_income", -1, "amount")),
    SETTLED: ((CREDIT, 1, "amount"), (RECEIVABLE, -1, "amount")),
    WRITTEN_OFF: (("dues_written_off", 1, "amount"), (RECEIVABLE, -1, "amount")),
    REFUND_ASKED: ((CREDIT, 1, "amount"), (PAYABLE, -1, "amount")),
    REFUND_LOST: (("refunds_lost", 1, "amount"), (CREDIT, -1, "amount")),
    REFUND_REGAINED: ((CREDIT, 1, "amount"), ("refunds_lost", -1, "amount")),
    GATEWAY_LOST: (("refunds_lost", 1, "amount"), ("gateway_clearing", -1, "amount")),
    CARD_REFUNDED: ((PAYABLE, 1, "amount"), ("gateway_clearing", -1, "amount")),
}
# What of the above is kept per party: the titular's.
OF_PARTY = frozenset(one.code for one in LEDGER_CODES if one.of_party)
# The act by which a payment becomes credit, by its means; of a deposit treasury posts it (`deposit_matched`).
RECEIVED: dict[Means, str] = {
    Means.DESK: "dues_reported",
    Means.CARD: "card_captured",
}


def entry(act: str, amount: Decimal) -> list[tuple[str, Decimal]]:
    """Signed lines (account, amount) of one act, debit positive. Sums to zero."""
    return [(account, sign * amount) for account, sign, _what in LEDGER[act]]
