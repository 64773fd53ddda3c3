"""Starting again: empties what people and services wrote, as the owner of the database; only in the demo.

The application's own role may not (audit and ledger are append-only), so this opens a connection of its own.
"""

from __future__ import annotations

import shutil

import dj_database_url
import psycopg2
from django.apps import apps
from django.conf import settings
from django.db import connection

from portal.errors import RuleBroken
from portal.history import head
from portal.papers import store

KEPT = frozenset({"django_content_type", "auth_permission"})


def empty() -> None:
    """Truncate every table (what migrations load, `world.load` loads again) and set the clock back.

    The files go too, and the head of the audit chain that is kept outside the database.
    """
    if not settings.DEMO:
        raise RuleBroken("Solo la demostración se puede empezar de cero.", code="not_demo")
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.db_table not in KEPT
    ]
    address = dj_database_url.parse(settings.DATABASE_OWNER_URL)
    here = connection.settings_dict["NAME"]  # the database this process lives in, which in tests is another one
    owner = psycopg2.connect(
        dbname=here,
        user=address["USER"],
        password=address["PASSWORD"],
        host=address["HOST"],
        port=address["PORT"] or None,
    )
    store.beginning().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    store.beginning().touch()
    try:
        with owner, owner.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")
            cursor.execute(
                f"TRUNCATE {', '.join(chr(34) + table + chr(34) for table in sorted(tables))} RESTART IDENTITY"
            )
    finally:
        owner.close()
    head.forget()
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)
    store.beginning().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    store.beginning().touch()
