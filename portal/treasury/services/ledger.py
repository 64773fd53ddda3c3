"""Writing the books: entries that balance, reversals that name the original (MO-02)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models, transaction

from portal.history.services import record
from portal.treasury import registry, rules
from portal.treasury.models import LedgerAccount, LedgerLine, LedgerTransaction

if TYPE_CHECKING:
    from portal.people.models import User


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
