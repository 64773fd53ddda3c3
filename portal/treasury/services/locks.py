"""One order of locks for every act on money, so that no two acts wait for each other (MO-10).

First the room's advisory lock (a handful of desk acts a day: waiting costs nothing), then rows, those of a table by
primary key. Ledger posts need none: they only insert.
"""

from __future__ import annotations

from django.db import connection

_TREASURY = 0x7EA50000


def hold_treasury() -> None:
    """Let one act at a time change accounts, batches and payables; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREASURY])
