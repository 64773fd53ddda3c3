"""Triggers put to sleep, for a test that writes what they refuse."""

from __future__ import annotations

from django.db import connection, models


class guards_asleep:  # reads as the words it is used with
    """No trigger of ours on this table, until the surrounding transaction ends."""

    def __init__(self, model: type[models.Model], without: tuple[str, ...] = ()) -> None:
        self.table, self.without = model._meta.db_table, without

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is deferred speaks now, or the table stays busy
            cursor.execute(f'ALTER TABLE "{self.table}" DISABLE TRIGGER USER')
            for name in self.without:
                cursor.execute(f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{name}"')

    def __exit__(self, *_told: object) -> None:
        """The test's transaction is rolled back, and the guards with it."""
