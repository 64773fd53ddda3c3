"""What apps declare to treasury in their `ready()`: what bank accounts are for, the books' accounts, what is owed.

The floor never knows their names. It is checked here at start and by the services that use it, never by a constraint: a
new app needs no migration of treasury.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar
from uuid import UUID

from portal.access import Permission
from portal.declared import Declared
from portal.treasury.rules import LedgerCode, Line
from portal.treasury.rules.collecting import Target
from portal.treasury.rules.offered import Offers

if TYPE_CHECKING:
    from portal.treasury.models import Payable


class AdviceLine(TypedDict):
    """One line of a payment advice, as whoever is paid reads it. Amounts as text in the currency's decimals."""

    folio: str
    concept: str
    amount: str


class Accepted(TypedDict):
    """Who accepted that something is owed, and when."""

    by: str
    at: datetime


T = TypeVar("T")
Hears = Callable[..., None]
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)  # as long as the shortest column that keeps one


Barred = Iterable[tuple[UUID, UUID]]
"""(key of a payable, person who may not pay it) for each."""


def _nobody(payables: Sequence[Payable]) -> Barred:
    return ()


def _by_reference(payables: Sequence[Payable]) -> list[AdviceLine]:
    return [{"folio": row.reference, "concept": "", "amount": str(row.amount)} for row in payables]


def _by_nobody(payables: Sequence[Payable]) -> Mapping[UUID, Accepted]:
    return {}


def _unexplained(payable: Payable) -> Mapping[str, Any]:
    return {}


def _unheard(**said: object) -> None:
    """An app that asked to hear nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPurpose:
    """What a bank account is for (C5), with the sentence that tells its owner so.

    `held_with`: what a person may do in a party that has such accounts, beside managing them. `is_asked_for`: their
    home asks for one as long as it is missing, also where nothing is owed.
    """

    code: str
    label: str
    sentence: str
    held_with: Permission
    is_asked_for: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableKind:
    """One kind of debt that an app has treasury pay, and what the app hears of it.

    `purpose`: the account it is paid to. `liability`: the ledger account that its payment debits, kept per party.
    `entry`: the kind of the ledger entry that booked it, of the same subject; cancelling reverses that one.
    `nouns`: one and several of them, as people say. `see`: what somebody may do in a party to see its payables and
    their advices; with `by_rfc` only where its RFC is proved, by which the debt was bound. `barred(payables)`: of each,
    who may neither prepare nor approve its batch (MO-05), asked for all of them at once. `lines(payables)` and
    `next_step` (title, sentence with {amount} and {on}): what an advice says.
    `undone`: what a payment that came back no longer asks of who was paid, a sentence. `tells`: the app tells of a
    payment. `accepted(payables)`: of each, who accepted that it is owed and when, for whoever authorises it;
    `explained(payable)`: where its amount comes from (an Explanation as JSON), nothing personal in it.

    Handlers run in treasury's transaction, once a payable, with `payable, transfer, by, at`; all but `scheduled` and
    `paid` with `reason` too. After `released` (left a batch), `rejected` (never paid) and `returned` (paid, came back)
    it waits again.
    """

    kind: str
    purpose: str
    liability: str
    entry: str
    nouns: tuple[str, str]
    see: Permission
    by_rfc: bool = True
    barred: Callable[[Sequence[Payable]], Barred] = _nobody
    lines: Callable[[Sequence[Payable]], list[AdviceLine]] = _by_reference
    next_step: tuple[str, str] | None = None
    undone: str = ""
    tells: bool = False
    accepted: Callable[[Sequence[Payable]], Mapping[UUID, Accepted]] = _by_nobody
    explained: Callable[[Payable], Mapping[str, Any]] = _unexplained
    scheduled: Hears = _unheard
    released: Hears = _unheard
    paid: Hears = _unheard
    rejected: Hears = _unheard
    returned: Hears = _unheard


_purposes: Declared[AccountPurpose] = Declared("the purpose of accounts")
_codes: Declared[LedgerCode] = Declared("the account of the books")
_kinds: Declared[PayableKind] = Declared("the payable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What deposits may pay of one app, and what the app hears of it.

    `liability`: the ledger account, kept per party, that a deposit credits. `nouns`: one and several of them.
    `offers(currency)`: what answers the matcher, by indexes, what is waited for under some keys and who owes by folio,
    RFC or name; ids and folios are what people read. `targets(keys)`: what these are now, those that a deposit may
    pay. `find(text, currency)`: what a person looks for by folio, reference or name, a handful.

    `matched` and `undone` run in treasury's transaction, under the movement's lock, once an allocation, with
    `allocation` (its movement has day and amount), `shares` (those of this app), `by` (None: the system) and `at`.
    What they refuse (Conflict, RuleBroken) is not matched.
    """

    kind: str
    liability: str
    nouns: tuple[str, str]
    offers: Callable[[str], Offers]
    targets: Callable[[Sequence[str]], Sequence[Target]]
    find: Callable[[str, str], Sequence[Target]]
    matched: Hears = _unheard
    undone: Hears = _unheard


CANDIDATES: Declared[Candidates] = Declared("who offers what deposits may pay")


def _refuse(wrong: bool, why: str) -> None:
    if wrong:
        raise ValueError(f"treasury: {why}")


def register_purpose(purpose: AccountPurpose) -> None:
    """Let accounts be for this. Raises ValueError, which stops the start, for a code that is malformed or another's."""
    _refuse(not _CODE.fullmatch(purpose.code), f"«{purpose.code}» names no purpose of an account")
    _refuse(not purpose.sentence, f"the purpose «{purpose.code}» says nothing to the account's owner")
    _purposes.declare(purpose.code, purpose)


def register_ledger(*codes: LedgerCode) -> None:
    """Let entries use these accounts of the books. Raises ValueError as `register_purpose` does."""
    for one in codes:
        _refuse(not _CODE.fullmatch(one.code), f"«{one.code}» names no account of the books")
        _codes.declare(one.code, one)


def register_payable(kind: PayableKind) -> None:
    """Let this kind be owed and paid. Its purpose and liability are declared before it.

    Raises ValueError, which stops the start, for one that is malformed, another's, or that others see than what is paid
    to the same account: one deposit, and its advice, may carry both.
    """
    _refuse(not _CODE.fullmatch(kind.kind), f"«{kind.kind}» names no kind of payable")
    _refuse(kind.purpose not in _purposes, f"the payable «{kind.kind}» goes to an account for «{kind.purpose}»")
    liability = _codes.get(kind.liability)
    _refuse(
        liability is None or not liability.of_party, f"the liability of «{kind.kind}» is no account kept for a party"
    )
    beside = {one.see for one in _kinds.values() if one.purpose == kind.purpose and one.kind != kind.kind}
    _refuse(not beside <= {kind.see}, f"«{kind.kind}» is seen by others than what is paid to the same account")
    _kinds.declare(kind.kind, kind)


def register_candidates(candidates: Candidates) -> None:
    """Let deposits pay what an app waits for. Its liability is declared before it.

    Raises ValueError, which stops the start, for one that is malformed or another's.
    """
    _refuse(not _CODE.fullmatch(candidates.kind), f"«{candidates.kind}» names nothing that deposits pay")
    liability = _codes.get(candidates.liability)
    _refuse(
        liability is None or not liability.of_party,
        f"the credit of «{candidates.kind}» is no account kept for a party",
    )
    CANDIDATES.declare(candidates.kind, candidates)


def candidates_of(kind: str) -> Candidates:
    """What deposits may pay of one app. Raises ValueError for what no app declared (a bug of the caller)."""
    return _declared(CANDIDATES, kind)


def purpose(code: str) -> AccountPurpose:
    """What an account is for. Raises ValueError for what no app declared (a bug of the caller)."""
    return _declared(_purposes, code)


def purposes() -> list[AccountPurpose]:
    """Every one, what people are asked for first, each as declared."""
    return sorted(_purposes.values(), key=lambda one: not one.is_asked_for)


def payable_kind(code: str) -> PayableKind:
    """A kind of payable. Raises ValueError for what no app declared (a bug of the caller)."""
    return _declared(_kinds, code)


def payable_kinds() -> list[PayableKind]:
    """Every one, as declared."""
    return list(_kinds.values())


def ledger_codes() -> list[LedgerCode]:
    """Every account of the books, by code."""
    return sorted(_codes.values(), key=lambda one: one.code)


def check_accounts(lines: Iterable[Line]) -> None:
    """Each line is of a declared account, with a party just where it is kept for one; otherwise ValueError."""
    for line in lines:
        if _declared(_codes, line.code).of_party != (line.party is not None):
            raise ValueError(f"the account «{line.code}» is kept {'without' if line.party else 'for'} a party")


def _declared(table: Mapping[str, T], code: str) -> T:
    if code not in table:
        raise ValueError(f"no app declared «{code}»")
    return table[code]


def barred_people(payables: Sequence[Payable]) -> set[UUID]:
    """Everybody who reviewed anything among these payables."""
    return set(barred_by_person(payables))


def barred_by_person(payables: Sequence[Payable]) -> dict[UUID, set[UUID]]:
    """Which of these payables each person reviewed, by keys; as many queries for one as for all."""
    found: dict[UUID, set[UUID]] = {}
    for kind, group in _by_kind(payables):
        for payable, person in kind.barred(group):
            found.setdefault(person, set()).add(payable)
    return found


def accepted(payables: Sequence[Payable]) -> dict[UUID, Accepted]:
    """Who accepted each of these, by the payable's key; what no person accepted is left out."""
    return {key: said for kind, group in _by_kind(payables) for key, said in kind.accepted(group).items()}


def explained(payable: Payable) -> Mapping[str, Any]:
    """Where its amount comes from, as its app tells it; {} where the app says nothing of it."""
    return payable_kind(payable.kind).explained(payable)


def advice_lines(payables: Sequence[Payable]) -> list[AdviceLine]:
    """The lines of an advice, kind by kind."""
    return [line for kind, group in _by_kind(payables) for line in kind.lines(group)]


def next_steps(payables: Sequence[Payable]) -> list[tuple[str, str]]:
    """What whoever is paid does next, by the kinds of what they are paid: (title, sentence with {amount} and {on})."""
    return [kind.next_step for kind, _group in _by_kind(payables) if kind.next_step]


def no_longer(payables: Iterable[Payable]) -> list[str]:
    """What a payment that came back no longer asks of who was paid, by the kinds of what it paid."""
    return [kind.undone for kind, _group in _by_kind([*payables]) if kind.undone]


def called(payables: Iterable[Payable], *, one: bool = False) -> str:
    """What these, or one of them, are called; payments where they are of several kinds."""
    kinds = {payable.kind for payable in payables}
    single, several = payable_kind(kinds.pop()).nouns if len(kinds) == 1 else ("pago", "pagos")
    return single if one else several


def are_told(payables: Iterable[Payable]) -> bool:
    """Whether their apps tell of each of these payments themselves."""
    return all(payable_kind(payable.kind).tells for payable in payables)


def _by_kind(payables: Sequence[Payable]) -> list[tuple[PayableKind, list[Payable]]]:
    groups: dict[str, list[Payable]] = {}
    for payable in payables:
        groups.setdefault(payable.kind, []).append(payable)
    return [(payable_kind(code), group) for code, group in groups.items()]
