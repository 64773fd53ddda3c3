"""Rows wait for their second act in unlogged tables: gone after a crash, and read again from the kept file."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from portal.imports.models import StagedRow


@pytest.mark.django_db
def test_every_staging_table_is_unlogged() -> None:
    """What a crash may empty costs no log: its file is kept, and read again."""
    tables = {model._meta.db_table for model in apps.get_models() if issubclass(model, StagedRow)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relpersistence FROM pg_class WHERE relname = ANY(%s)", [list(tables)])
        assert dict(cursor.fetchall()) == dict.fromkeys(tables, "u") and "billing_stagedorder" in tables
