"""The double entry of billing's acts (docs/money.md; MO-02)."""

from __future__ import annotations

from decimal import Decimal

# act → its lines as (account, sign, what): debit +, credit -. docs/money.md is written from this table.
LEDGER: dict[str, tuple[tuple[str, int, str], ...]] = {
    "invoice_accepted": (
        ("care_expense", 1, "base"),
        ("physician_payable", -1, "total"),
        ("isr_withheld", -1, "withheld_isr"),
        ("local_tax_withheld", -1, "withheld_local"),
    ),
}
# Accounts kept per physician.
OF_PARTY = frozenset({"physician_payable"})
WHAT_LABELS: dict[str, str] = {
    "base": "Importe de las órdenes",
    "total": "Total de la factura",
    "withheld_isr": "ISR retenido",
    "withheld_local": "Impuesto local retenido",
}


def entry(act: str, figures: dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    """Signed lines (account, amount) of one act, debit positive; a zero figure has no line. Sums to zero."""
    return [(account, sign * figures[what]) for account, sign, what in LEDGER[act] if figures[what]]
