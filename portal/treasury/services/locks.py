"""One order of locks for every act on money, so that no two acts wait for each other (MO-10).

First the room's advisory lock (a handful of desk acts a day: waiting costs nothing), then rows, those of a table by
primary key. Ledger posts need none: they only insert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from portal.treasury.models import Transfer

_TREASURY = 0x7EA50000


def hold_treasury() -> None:
    """Let one act at a time change accounts, batches and payables; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREASURY])


def hold_transfer(transfer: Transfer) -> None:
    """Let no bank answer be applied to a transfer until the transaction ends; one that is under way is waited for.

    Asked before any row that such an answer changes too (an invoice, a complement): so neither waits for the other.
    """
    type(transfer).objects.select_for_update(no_key=True).get(pk=transfer.pk)
