"""Reading what came in: a collection account, what a file would bring to it, and what its deposits would pay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from portal.errors import RuleBroken
from portal.text import storable
from portal.treasury import registry
from portal.treasury.models import CollectionAccount, Movement
from portal.treasury.rules.collecting import Target, oldest_first
from portal.treasury.rules.matching import Deposit, Match, Matcher, Outcome
from portal.treasury.rules.movements_reading import MovementsJudged
from portal.treasury.rules.offered import Debtor, Expected, Offers, Place


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


class _Offered:
    """What every app offers in a currency, as one; `kinds` says whose each thing is that was told so far."""

    def __init__(self, currency: str) -> None:
        self.kinds: dict[str, str] = {}
        self._apps: list[tuple[str, Offers]] = [
            (kind, candidates.offers(currency)) for kind, candidates in registry.CANDIDATES.items()
        ]

    def shape(self) -> tuple[Collection[int], Collection[str]]:
        lengths, signs = set[int](), set[str]()
        for _kind, offers in self._apps:
            long, made_of = offers.shape()
            lengths.update(long)
            signs.update(made_of)
        return lengths, signs

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected]:
        found: dict[str, Expected] = {}
        for kind, offers in self._apps:
            told = offers.expected(keys)
            if twice := found.keys() & told.keys():
                raise RuleBroken(f"Dos esperan la misma referencia: {min(twice)}.", code="reference_twice")
            found |= told
            self.kinds.update((one.id, kind) for one in told.values())
        return found

    def asked_amounts(self, amounts: Collection[Decimal]) -> Collection[Decimal]:
        return {one for _kind, offers in self._apps for one in offers.asked_amounts(amounts)}

    def debtors(self, place: Place, marks: Collection[str]) -> Iterable[Debtor]:
        for kind, offers in self._apps:
            for one in offers.debtors(place, marks):
                self.kinds[one.folio] = kind
                yield one


def matcher(currency: str) -> tuple[Matcher, Mapping[str, str]]:
    """What says of deposits in a currency what they pay of what apps offer; and the kind of each thing it names."""
    offered = _Offered(currency)
    return Matcher(offered), offered.kinds


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
    rows = {str(one.row): one for one in judged.new}
    told = asked.match_all(
        Deposit(row, one.on, one.amount, one.reference, one.text, account.currency) for row, one in rows.items()
    )
    return [
        (rows[match.deposit].row, rows[match.deposit].reference, match)
        for match in told
        if match.outcome is not Outcome.NONE
    ]


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
