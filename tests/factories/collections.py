"""Money that comes in, and an app that waits for it: slips that a test hands out, and what the app hears."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from config.demo.uploads import upload_of
from portal import clock, queue
from portal.access import Role
from portal.people.models import Party
from portal.treasury import registry, services
from portal.treasury.models import CollectionAccount, MatchRun, Movement, MovementFile
from portal.treasury.rules import LedgerCode
from portal.treasury.rules.collecting import Target
from portal.treasury.rules.offered import Debtor, Expected, ExpectedState, Given
from tests.factories import people

KIND = "test_slips"
CREDIT = LedgerCode("test_credit", "Saldo a favor de prueba", of_party=True)
HEAD = "Fecha,Concepto,Referencia,Clave de rastreo,Abono,Cargo\n"
DAY = date(2026, 11, 20)

registry.register_ledger(CREDIT)


@dataclass
class Shelf:
    """What an app waits for, and what it heard: slips by folio with their party, and families that owe."""

    slips: dict[str, Expected] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    families: dict[str, Debtor] = field(default_factory=dict)
    heard: list[tuple[Any, ...]] = field(default_factory=list)
    refuses: Exception | None = None

    def slip(self, key: str, reference: str, amount: str, *, party: Party | None = None, until: date = DAY) -> None:
        """Somebody was given this reference to pay with."""
        self.parties[key] = party or people.a_party()
        self.slips[key] = Expected(key, reference, "", "", Decimal(amount), until, ExpectedState.ISSUED)

    def family(self, folio: str, name: str = "", *owed: str) -> None:
        """Somebody owes without a reference."""
        self.parties[folio] = people.a_party()
        periods = tuple((f"2026-{number:02d}", Decimal(one)) for number, one in enumerate(owed, start=1))
        self.families[folio] = Debtor(folio, "", name, periods)

    def offers(self, currency: str) -> Given:
        return Given(self.slips.values(), self.families.values())

    def targets(self, keys: Sequence[str]) -> list[Target]:
        return [self._target(key) for key in keys if key in self.parties]

    def _target(self, key: str) -> Target:
        slip = self.slips.get(key)
        paid = slip is not None and slip.state is not ExpectedState.ISSUED
        owed = Decimal(0) if paid else slip.amount if slip else None
        return Target(key, f"Ficha {key}", "", self.parties[key].pk, DAY, owed)

    def find(self, text: str, currency: str) -> list[Target]:
        return [self._target(key) for key in self.parties if text and text.lower() in key.lower()]

    def matched(self, *, allocation: Any, shares: Sequence[Any], by: Any, at: Any) -> None:
        if self.refuses:
            raise self.refuses
        self._move(shares, ExpectedState.PAID)
        self.heard.append(("matched", [(one.key, one.amount) for one in shares], by and by.pk))

    def undone(self, *, allocation: Any, shares: Sequence[Any], by: Any, at: Any) -> None:
        self._move(shares, ExpectedState.ISSUED)
        self.heard.append(("undone", [one.key for one in shares], by.pk))

    def _move(self, shares: Sequence[Any], state: ExpectedState) -> None:
        for one in shares:
            if one.key in self.slips:
                self.slips[one.key] = replace(self.slips[one.key], state=state)


@contextmanager
def shelf() -> Iterator[Shelf]:
    """An app that waits for deposits, while it lasts."""
    made = Shelf()
    registry.CANDIDATES[KIND] = registry.Candidates(
        kind=KIND,
        liability=CREDIT.code,
        nouns=("ficha", "fichas"),
        offers=made.offers,
        targets=made.targets,
        find=made.find,
        matched=made.matched,
        undone=made.undone,
    )
    try:
        yield made
    finally:
        registry.CANDIDATES.pop(KIND, None)


def clerk(name: str = "Ramiro Salas Peña") -> Any:
    """Somebody of the collections desk."""
    return people.user_with_role(Role.COLLECTIONS_DESK, name=name)


def bank() -> CollectionAccount:
    """The account that a bank keeps."""
    return CollectionAccount.objects.get(code="mx-collections")


def stores() -> CollectionAccount:
    """The account that a network of shops settles."""
    return CollectionAccount.objects.get(code="mx-stores")


def row(reference: str, amount: str, *, key: str = "", text: str = "PAGO", on: str = "20/11/2026") -> str:
    """A line of a bank's file that brings money."""
    return f"{on},{text},{reference},{key},{amount},\n"


def store_file(*payments: tuple[str, int], on: str = "20261120") -> bytes:
    """A shop network's file of these payments: reference and cents."""
    lines = [
        f"D{on}101500{'TIENDA 01':<10}{reference:<30}{cents:012d}{number:012d}"
        for number, (reference, cents) in enumerate(payments, start=1)
    ]
    total = sum(cents for _reference, cents in payments)
    return "\n".join([f"H{on}PAYNET  ", *lines, f"T{len(payments):08d}{total:014d}"]).encode() + b"\n"


def read(content: bytes | str, *, by: Any, account: CollectionAccount | None = None, name: str = "banco.csv") -> Any:
    """A file that was read and waits to be applied."""
    body = content.encode() if isinstance(content, str) else content
    run = services.read_movements_file(account=account or bank(), upload=upload_of(name, body), by=by, at=clock.now())
    return MovementFile.objects.select_related("run").get(run=run)


def brought(content: bytes | str, *, by: Any, account: CollectionAccount | None = None) -> list[Movement]:
    """The movements of a file that was applied and matched, in its order."""
    file = read(content, by=by, account=account)
    services.apply_movements(file=file, by=by, at=clock.now())
    matched()
    return list(Movement.objects.filter(file=file).select_related("account").order_by("row"))


def matched() -> int:
    """What the drain does of what waits."""
    return queue.drain(MatchRun, lambda run: services.match_file(run=run, at=clock.now()))
