"""Writing the books: entries that balance, reversals that name the original (MO-02)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q

from portal import ids
from portal.history.services import Act, record, record_many
from portal.prepared import insert_columns
from portal.treasury import registry, rules
from portal.treasury.models import LedgerAccount, LedgerLine, LedgerTransaction

if TYPE_CHECKING:
    from portal.people.models import User

Key = tuple[str, str, UUID | None]  # code, currency and party of an account


@transaction.atomic
def post_entry(
    *, kind: str, lines: Sequence[rules.Line], subject: models.Model, at: datetime, on: date, by: User | None
) -> LedgerTransaction:
    """Post one entry; the same kind and subject again gives the entry that already stands, untouched.

    Debits are positive, credits negative, each in its currency, and every currency sums to zero. A bug of the
    caller (unbalanced, one line, zero, an account that no app declared) raises ValueError before the database would.
    """
    rules.check_entry(lines)
    registry.check_accounts(lines)
    entry, fresh = LedgerTransaction.objects.get_or_create(
        kind=kind,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        defaults={"at": at, "on": on, "by": by},
    )
    if not fresh:
        return entry
    _write_lines(entry, lines)
    record(action="treasury.entry_posted", subject=entry, by=by, at=at, details={"kind": kind})
    return entry


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to post: its kind, lines, what it is about (a row's model and key), and its date."""

    kind: str
    lines: Sequence[rules.Line]
    subject: type[models.Model]
    key: Any
    on: date


@transaction.atomic
def post_entries(*, entries: Sequence[Draft], by: User | None, at: datetime, on_record: bool = False) -> list[UUID]:
    """Post many entries of things that just came, in a few statements; each is checked as by `post_entry`.

    Answers their keys. Nothing of them is posted already (a second one breaks a constraint). `on_record`: each leaves
    its own event, as `post_entry` does; otherwise who brought the things records it for all.
    """
    for one in entries:
        rules.check_entry(one.lines)
        registry.check_accounts(one.lines)
    posted = [ids.uuid7() for _one in entries]
    head: dict[str, Any] = {
        "id": posted,
        "kind": [one.kind for one in entries],
        "subject_type": [one.subject._meta.label_lower for one in entries],
        "subject_id": [str(one.key) for one in entries],
        "on": [one.on for one in entries],
    }
    insert_columns(LedgerTransaction, head | {"at": at, "by_id": by.pk if by else None, "reverses_id": None})
    accounts = _accounts_of_lines(line for one in entries for line in one.lines)
    lines = [(key, line) for key, one in zip(posted, entries, strict=True) for line in one.lines]
    insert_columns(
        LedgerLine,
        {
            "transaction_id": [key for key, _line in lines],
            "account_id": [accounts[line.code, line.currency, line.party] for _key, line in lines],
            "amount": [line.amount for _key, line in lines],
            "currency": [line.currency for _key, line in lines],
        },
    )
    if on_record:
        acts = [
            Act("treasury.entry_posted", LedgerTransaction, key, {"kind": one.kind})
            for key, one in zip(posted, entries, strict=True)
        ]
        record_many(acts=acts, by=by, at=at)
    return posted


@transaction.atomic
def reverse_entry(
    *, entry: LedgerTransaction, by: User | None, at: datetime, on: date, reason: str
) -> LedgerTransaction:
    """Undo an entry by its mirror image, once; reversing again gives the reversal that stands."""
    if entry.reverses_id is not None:
        raise rules.cannot_reverse_reversal()
    mirror, fresh = LedgerTransaction.objects.get_or_create(
        kind="reversal",
        subject_type=entry._meta.label_lower,
        subject_id=str(entry.pk),
        defaults={"at": at, "on": on, "by": by, "reverses": entry},
    )
    if not fresh:
        return mirror
    undone = entry.lines.select_related("account").order_by("pk")
    lines = [rules.Line(row.account.code, -row.amount, row.currency, row.account.party_id) for row in undone]
    _write_lines(mirror, lines)
    record(action="treasury.entry_reversed", subject=entry, by=by, at=at, reason=reason)
    return mirror


def _write_lines(entry: LedgerTransaction, lines: Sequence[rules.Line]) -> None:
    LedgerLine.objects.bulk_create(
        LedgerLine(transaction=entry, account=_account_of_line(line), amount=line.amount, currency=line.currency)
        for line in lines
    )


def _account_of_line(line: rules.Line) -> LedgerAccount:
    account, _fresh = LedgerAccount.objects.get_or_create(code=line.code, currency=line.currency, party_id=line.party)  # type: ignore[misc]
    return account


def _accounts_of_lines(lines: Iterable[rules.Line]) -> dict[Key, int]:
    """The accounts of many lines by what they are of; those that are missing begin here."""
    wanted = {(line.code, line.currency, line.party) for line in lines}
    found = _find_accounts(wanted)
    if lacking := sorted(wanted - set(found), key=str):
        rows = [LedgerAccount(code=code, currency=currency, party_id=party) for code, currency, party in lacking]
        LedgerAccount.objects.bulk_create(rows, ignore_conflicts=True)  # somebody else may bring one meanwhile
        found = _find_accounts(wanted)
    return found


def _find_accounts(wanted: Iterable[Key]) -> dict[Key, int]:
    keys = list(wanted)
    codes, parties = {code for code, _currency, _party in keys}, {party for _code, _currency, party in keys if party}
    rows = LedgerAccount.objects.filter(Q(party__in=parties) | Q(party=None), code__in=codes)
    found = rows.values_list("pk", "code", "currency", "party")
    return {(code, currency, party): pk for pk, code, currency, party in found}
