"""The double entry of a decided claim (docs/apps; section 7 of the story)."""

from __future__ import annotations

from decimal import Decimal

from memberships.rules.ledger import PAYABLE
from memberships.rules.refunds import MEMBER_PAYMENTS
from portal.treasury.rules import LedgerCode

DECIDED = "claim_decided"
EXPENSE = "claims_expense"
KIND = "claim"  # of what a decision owes
OWED = PAYABLE  # memberships', as the account is to which it is paid
ACCOUNT = MEMBER_PAYMENTS
LEDGER_CODES = (LedgerCode(EXPENSE, "Gasto por reembolsos, por aseguradora", of_party=True),)
# act → its lines as (account, sign, what): debit +, credit -. docs/apps is written from this table.
LEDGER: dict[str, tuple[tuple[str, int, str], ...]] = {DECIDED: ((EXPENSE, 1, "paid"), (OWED, -1, "paid"))}


def entry(act: str, figures: dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    """Signed lines (account, amount) of one act, debit positive. Sums to zero."""
    return [(account, sign * figures[what]) for account, sign, what in LEDGER[act]]
