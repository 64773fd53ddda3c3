"""Files of movements: read and judged, applied by a second act; each new deposit enters the books (domain 2.11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal import queue
from portal.errors import RuleBroken
from portal.history.services import record
from portal.imports import services as imports
from portal.imports.rules.layouts import Item, Judged, Read
from portal.money import ZERO
from portal.people.models import Party
from portal.text import storable
from portal.treasury.models import CollectionAccount, MatchRun, Movement, MovementFile
from portal.treasury.rules import collecting
from portal.treasury.rules.movements import Moved, MovementFormat, MovementsRead, refused
from portal.treasury.rules.movements_reading import MovementsJudged, check_format, judge_movements
from portal.treasury.selectors import collection_account, known_keys
from portal.treasury.services.ledger import Draft, post_entries
from portal.treasury.shipped import insert_accounts

if TYPE_CHECKING:
    from portal.imports.models import ImportRun
    from portal.people.models import User

MOVEMENTS = "treasury.movements"
DRAIN = "deposits"
_CELL = 200  # what a column holds of a reference or a key; the rest of a longer one goes to the text


@transaction.atomic
def load_shipped_accounts() -> None:
    """Load the accounts of ours that money comes in to; what stands stays."""
    insert_accounts(CollectionAccount)


def find_account(word: str, user: Any) -> tuple[Party, str]:
    """Whose account it is, and its id, by its code. Raises RuleBroken naming those that there are."""
    del user
    return _holder(), str(collection_account(word.strip().lower()).pk)


def _holder() -> Party:
    """Whose accounts money comes in to: whoever runs this installation."""
    return Party.objects.get(is_operator=True)


def read_movements_file(*, account: CollectionAccount, upload: Any, by: User, at: datetime) -> ImportRun:
    """Import a file of an account's movements without applying it: judged and kept; the same bytes give what stands.

    One with foreign headings waits until somebody says which column is which. Raises RuleBroken about the whole file.
    """
    return imports.read_file(
        kind=MOVEMENTS, sender=_holder(), subject_id=str(account.pk), upload=upload, declared=None, by=by, at=at
    )


def apply_movements(*, file: MovementFile, by: User, at: datetime) -> MovementFile:
    """Apply a file of movements that was read: what is new enters once, all or nothing. Raises Conflict once closed.

    One of more than 5,000 rows is still open afterwards: the drain `imports` applies it, and tells.
    """
    imports.apply_or_ask(run=file.run, by=by, at=at)
    file.refresh_from_db()
    return file


def judge_file(*, sender: Party, subject_id: str, read: Read, on: date) -> Judged:
    """What of a file is new to its account: by identity, beside what is stored and what the file tells twice."""
    del sender, on  # a day that is still to come is money too: banks date of tomorrow what comes in after hours
    account = CollectionAccount.objects.get(pk=subject_id)
    for item in read.items[:1]:
        refusal = _refusal(account, item.value.format, item.value.currency)
        if refusal is not None:
            return Judged(refusal=refusal)
    items = {item.number: item for item in read.items}
    judged = _judge_items(account, read.items)
    new = tuple(items[one.row] for one in judged.new)
    return Judged(new, judged.duplicates, judged.read.skipped)


def _refusal(account: CollectionAccount, found: str, currency: str) -> RuleBroken | None:
    """Why a file is not of this account; None when it may be."""
    try:
        check_format(found, account.formats)
    except RuleBroken as problem:
        return problem
    if currency and currency != account.currency:
        told = f"El archivo está en {currency} y la cuenta de cobranza en {account.currency}. Elige una de esa moneda."
        return refused("currency_differs", told)
    return None


def _judge_items(account: CollectionAccount, items: Sequence[Item]) -> MovementsJudged:
    moved = tuple(_moved(item) for item in items if item.value.moved.amount)
    read = MovementsRead(MovementFormat.CSV, moved, skipped=len(items) - len(moved))
    return judge_movements(read, known=known_keys(account, (one.on for one in moved)))


def _moved(item: Item) -> Moved:
    return replace(item.value.moved, row=item.number)


def note_file(*, run: ImportRun, judged: Judged, by: User, at: datetime) -> None:
    """Keep the sums of what is new in a file that was read, beside its run."""
    amounts = [item.value.moved.amount for item in judged.new]
    sums = {
        "credits": sum((one for one in amounts if one > 0), ZERO),
        "debits": -sum((one for one in amounts if one < 0), ZERO) + ZERO,
    }
    file, made = MovementFile.objects.update_or_create(
        run=run, defaults=sums, create_defaults=sums | {"account_id": run.subject_id}
    )
    if made:
        record(
            action="treasury.movements_read",
            subject=file,
            by=by,
            at=at,
            details={
                "sha256": run.sha256,
                "account": file.account.code,
                **{name: str(one) for name, one in sums.items()},
            },
        )


def apply_file(*, run: ImportRun, judged: Judged, items: Sequence[Item], by: User, at: datetime) -> None:
    """Keep what is new, post each deposit as received, and ask the drain what it pays."""
    file = MovementFile.objects.select_related("account").get(run=run)
    account = file.account
    found = _judge_items(account, items)  # all of them: which is the second of two equal ones the whole file says
    rows = [_movement(file, key, one, at) for key, one in found.by_key.items()]
    Movement.objects.bulk_create(rows, batch_size=1_000)
    post_entries(entries=[_received(account, row) for row in rows if row.amount > 0], by=by, at=at)
    MatchRun.objects.create(file=file, asked_at=at)
    queue.kick(DRAIN)
    note_file(run=run, judged=judged, by=by, at=at)


def _movement(file: MovementFile, key: str, one: Moved, at: datetime) -> Movement:
    """A row of a file as it is kept."""
    state = collecting.MovementState.WAITING if one.amount > 0 else collecting.MovementState.OUTGOING
    long = [cell for cell in (one.reference, one.tracking) if len(cell) > _CELL]
    return Movement(
        account=file.account,
        file=file,
        row=one.row,
        on=one.on,
        amount=one.amount,
        currency=file.account.currency,
        text=storable(" ".join(filter(None, [one.text, *long]))),
        reference=storable(one.reference[:_CELL]),
        tracking=storable(one.tracking[:_CELL]),
        identity=key,
        state=state.value,
        arrived_at=at,
    )


def _received(account: CollectionAccount, row: Movement) -> Draft:
    lines = collecting.received(ledger=account.ledger, amount=row.amount, currency=row.currency)
    return Draft(collecting.RECEIVED, lines, Movement, row.pk, row.on)
