"""How an app's migration brings the rules that the app ships with."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import migrations

from portal.rulebook.rules import Draft
from portal.rulebook.services import insert_shipped


def load(shipped: Collection[Draft]) -> migrations.RunPython:
    """The operation that inserts version 1 of each of these rules which has no row yet; backwards it leaves them."""

    def insert(apps: Any, schema_editor: Any) -> None:
        insert_shipped(apps.get_model("rulebook", "Rule"), shipped)

    return migrations.RunPython(insert, migrations.RunPython.noop)
