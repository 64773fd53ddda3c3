"""The rules and the accounts for money that comes in that this room ships with."""

from typing import Any

from django.db import migrations

from portal.rulebook.shipping import load
from portal.treasury.shipped import RULES, insert_accounts


def load_accounts(apps: Any, schema_editor: Any) -> None:
    """Each account that has no row yet."""
    insert_accounts(apps.get_model("treasury", "CollectionAccount"))


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_guards"), ("treasury", "0002_guards")]
    operations = [load(RULES), migrations.RunPython(load_accounts, migrations.RunPython.noop)]
