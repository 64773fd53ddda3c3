"""Everything sealed at rest under the newest key, while people read and write (PR-05).

Files keep their own key, which alone is wrapped anew. Small batches, each its own transaction; a row written
meanwhile is under the newest key already and is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from portal import vault
from portal.papers.models import DraftFile, PageImage, StoredFile

BATCH = 500


def rewrap_files(*, batch: int = BATCH) -> int:
    """Wrap the key of every stored file, page image and draft with the newest master key; returns how many changed."""
    return sum(_rewrap(model, batch) for model in (StoredFile, PageImage, DraftFile))


def _rewrap(model: Any, batch: int) -> int:
    done, last = 0, None
    while True:
        with transaction.atomic():
            rows = model.objects.select_for_update().order_by("pk")
            some = list((rows.filter(pk__gt=last) if last else rows)[:batch])
            for row in some:
                if not vault.is_newest(bytes(row.wrapped_key), purpose="file"):
                    row.wrapped_key = vault.rewrap(bytes(row.wrapped_key), row.pk)
                    row.save(update_fields=["wrapped_key"])
                    done += 1
        if not some:
            return done
        last = some[-1].pk


def reseal_columns(*, batch: int = BATCH) -> dict[str, int]:
    """Encrypt every encrypted column of every model anew; returns how many values changed, by `app.model.field`."""
    return {f"{field.model._meta.label_lower}.{field.name}": _reseal(field, batch) for field in encrypted_fields()}


def encrypted_fields() -> Iterator[vault.EncryptedTextField]:
    """The encrypted columns of this installation."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, vault.EncryptedTextField):
                yield field


def _reseal(field: vault.EncryptedTextField, batch: int) -> int:
    """Raw statements: the ORM would hand out plain text, and would write a row that changed since it was read."""
    meta: models.options.Options[Any] = field.model._meta
    quote = connection.ops.quote_name
    assert meta.pk is not None
    table, key, column = quote(meta.db_table), quote(str(meta.pk.column)), quote(str(field.column))
    done, last = 0, None
    with connection.cursor() as cursor:
        while True:
            after = f"AND {key} > %s" if last is not None else ""
            cursor.execute(
                f"SELECT {key}, {column} FROM {table} WHERE {column} <> '' {after} ORDER BY {key} LIMIT %s",
                [*([last] if last is not None else []), batch],
            )
            rows = cursor.fetchall()
            if not rows:
                return done
            last = rows[-1][0]
            with transaction.atomic():
                for pk, stored in rows:
                    if (fresh := field.resealed(stored)) is not None:
                        cursor.execute(
                            f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s", [fresh, pk, stored]
                        )
                        done += cursor.rowcount
