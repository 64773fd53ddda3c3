"""Reading what came in: a collection account, what a file would bring to it, and what its deposits would pay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from portal.errors import RuleBroken
from portal.text import storable
from portal.treasury import registry
from portal.treasury.models import CollectionAccount, Movement
from portal.treasury.rules.collecting import Target, oldest_first
from portal.treasury.rules.matching import Debtor, Deposit, Expected, Match, Matcher, Outcome
from portal.treasury.rules.movements_reading import MovementsJudged


def collection_account(code: str) -> CollectionAccount:
    """The account of a code. Raises RuleBroken (`account_unknown`) naming those that there are."""
    found = CollectionAccount.objects.filter(code=storable(code)).first()
    if found is None:
        known = ", ".join(CollectionAccount.objects.order_by("code").values_list("code", flat=True))
        raise RuleBroken(f"No existe la cuenta bancaria «{code[:40]}». Usa una de: {known}.", code="account_unknown")
    return found


def known_keys(account: CollectionAccount, days: Iterable[date]) -> frozenset[str]:
    """What movements of these days are known by that the account has already."""
    told = sorted(set(days))
    if not told:
        return frozenset()
    rows = Movement.objects.filter(account=account, on__range=(told[0], told[-1]))
    return frozenset(rows.values_list("identity", flat=True))


def matcher(currency: str) -> tuple[Matcher, dict[str, str]]:
    """What says of deposits in a currency what they pay of what apps offer; and the kind of each key and folio."""
    expected: list[Expected] = []
    debtors: list[Debtor] = []
    kinds: dict[str, str] = {}
    for kind, candidates in registry.CANDIDATES.items():
        offered = candidates.offers(currency)
        kinds |= {one.id: kind for one in offered[0]} | {one.folio: kind for one in offered[1]}
        expected += offered[0]
        debtors += offered[1]
    return Matcher(expected, debtors), kinds


def deposit_of(movement: Movement) -> Deposit:
    """A movement as the matcher reads it."""
    reference, text = movement.reference, movement.text
    return Deposit(str(movement.pk), movement.on, movement.amount, reference, text, movement.currency)


def parts_of(movement: Movement, found: Match, kinds: Mapping[str, str]) -> list[tuple[str, str, Decimal]]:
    """How a deposit is shared out among what the matcher found: kind, key and amount of each; none when one is gone."""
    keys = [*found.expected, *filter(None, [found.folio])]
    targets = targets_of(by_kind((kinds[key], key) for key in keys))
    if len(targets) < len(keys):
        return []
    return shared_out(movement.amount, targets)


def shared_out(amount: Decimal, targets: Mapping[tuple[str, str], Target]) -> list[tuple[str, str, Decimal]]:
    """How an amount is shared out among targets, the oldest first: kind, key and amount of each; none for none."""
    if not targets:
        return []
    kind_of = {one.key: kind for (kind, _key), one in targets.items()}
    return [(kind_of[one.key], one.key, part) for one, part in oldest_first(amount, targets.values())]


def by_kind(named: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Keys of things by their kind."""
    kinds: dict[str, list[str]] = {}
    for kind, key in named:
        kinds.setdefault(kind, []).append(key)
    return kinds


def proposals(judged: MovementsJudged, *, account: CollectionAccount) -> list[tuple[int, str, Match]]:
    """Row, reference cell and match of each new movement that pays something of what apps offer for its currency."""
    asked, _kinds = matcher(account.currency)
    found = []
    for one in judged.new:
        match = asked.match(Deposit(str(one.row), one.on, one.amount, one.reference, one.text, account.currency))
        asked.note_paid(match)
        if match.outcome is not Outcome.NONE:
            found.append((one.row, one.reference, match))
    return found


def targets_of(kinds: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], Target]:
    """What things of apps are now, by kind and key; one that no deposit may pay any more is not among them."""
    return {
        (kind, one.key): one
        for kind, keys in kinds.items()
        for one in (registry.candidates_of(kind).targets(keys) if kind in registry.CANDIDATES else ())
    }


def find_targets(text: str, *, currency: str) -> list[tuple[str, Target]]:
    """What apps find by folio, reference or name for a deposit that nobody could place: kind and target."""
    return [
        (kind, one)
        for kind, candidates in registry.CANDIDATES.items()
        for one in candidates.find(text.strip(), currency)
    ]
