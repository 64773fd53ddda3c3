"""Many rows like one of the demo world, for the rows of the table that need them."""

from __future__ import annotations

from typing import Any


def copies(model: Any, times: int, *, one: Any = None, **columns: str) -> None:
    """`times` rows like `one`, or the first one, but for the columns given as SQL over a counter `n`."""
    from django.db import connection

    table, one = model._meta.db_table, one or model.objects.order_by("pk")[0]
    names = [field.column for field in model._meta.concrete_fields]
    told = {"id": "uuidv7()", **columns}
    values = ", ".join(told.get(name, f'r."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({listed}) SELECT {values} FROM "{table}" r, generate_series(1, {times}) n '
            "WHERE r.id = %s",
            [one.pk],
        )
        cursor.execute(f'ANALYZE "{table}"')
