"""One more shipped rule: how near two receipts are that look alike (N9)."""

from typing import Any

from django.db import migrations

from portal.rulebook.services import insert_shipped


def load(apps: Any, schema_editor: Any) -> None:
    """Only codes without a row come."""
    insert_shipped(apps.get_model("rulebook", "Rule"))


class Migration(migrations.Migration):
    """A row only."""

    dependencies = [("rulebook", "0002_never_edited_and_shipped")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
