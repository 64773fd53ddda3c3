"""Reading what came in: a collection account, what a file would bring to it, and what its deposits would pay."""

from __future__ import annotations

from portal.errors import RuleBroken
from portal.text import storable
from portal.treasury import registry
from portal.treasury.models import CollectionAccount
from portal.treasury.rules.matching import Debtor, Deposit, Expected, Match, Outcome, match_deposits
from portal.treasury.rules.movements_reading import MovementsJudged


def collection_account(code: str) -> CollectionAccount:
    """The account of a code. Raises RuleBroken (`account_unknown`) naming those that there are."""
    found = CollectionAccount.objects.filter(code=storable(code)).first()
    if found is None:
        known = ", ".join(CollectionAccount.objects.order_by("code").values_list("code", flat=True))
        raise RuleBroken(f"No existe la cuenta «{code[:40]}». Usa una de: {known}.", code="account_unknown")
    return found


def proposals(judged: MovementsJudged, *, account: CollectionAccount) -> list[tuple[int, str, Match]]:
    """Row, reference cell and match of each new movement that pays something of what apps offer for its currency."""
    expected: list[Expected] = []
    debtors: list[Debtor] = []
    for offer in registry.CANDIDATES.values():
        offered = offer(account.currency)
        expected += offered[0]
        debtors += offered[1]
    arrived = [
        Deposit(str(one.row), one.on, one.amount, one.reference, one.text, account.currency) for one in judged.new
    ]
    matches = match_deposits(expected, debtors, arrived)
    return [
        (one.row, one.reference, match)
        for one, match in zip(judged.new, matches, strict=True)
        if match.outcome is not Outcome.NONE
    ]
