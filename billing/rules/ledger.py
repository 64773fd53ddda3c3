"""The double entry of billing's acts (docs/apps; MO-02)."""

from __future__ import annotations

from decimal import Decimal

from portal.treasury.rules import LedgerCode

ACCEPTED = "invoice_accepted"
OWED = "physician_payable"
DIGITAL_ORDERS = "digital_orders"  # what a physician's account is for (S0.8)
# Accounts of the books that are billing's.
LEDGER_CODES = (
    LedgerCode("care_expense", "Gasto por atención médica"),
    LedgerCode(OWED, "Por pagar a médicos", of_party=True),
    LedgerCode("isr_withheld", "ISR retenido por enterar"),
    LedgerCode("local_tax_withheld", "Impuesto local retenido por enterar"),
)
# act → its lines as (account, sign, what): debit +, credit -. docs/apps is written from this table.
LEDGER: dict[str, tuple[tuple[str, int, str], ...]] = {
    ACCEPTED: (
        ("care_expense", 1, "base"),
        (OWED, -1, "total"),
        ("isr_withheld", -1, "withheld_isr"),
        ("local_tax_withheld", -1, "withheld_local"),
    ),
}
# Accounts kept per physician.
OF_PARTY = frozenset(one.code for one in LEDGER_CODES if one.of_party)


def entry(act: str, figures: dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    """Signed lines (account, amount) of one act, debit positive; a zero figure has no line. Sums to zero."""
    return [(account, sign * figures[what]) for account, sign, what in LEDGER[act] if figures[what]]
