"""The demo's movable clock: its offset lives in PostgreSQL, so that every process agrees at once."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

_ready = False


def offset() -> timedelta:
    """How far the demo's clock is ahead; zero until its table exists (first migration) or while nobody moved it."""
    global _ready  # noqa: PLW0603 - asked once a process until the table stands
    with connection.cursor() as cursor:
        if not _ready:
            cursor.execute("SELECT to_regclass('demo_democlock') IS NOT NULL")
            _ready = bool(cursor.fetchone()[0])
            if not _ready:
                return timedelta()
        cursor.execute('SELECT "offset" FROM demo_democlock WHERE id = 1')
        row = cursor.fetchone()
    return row[0] if row else timedelta()
