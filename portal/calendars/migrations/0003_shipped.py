"""The calendars of offices and banks with their public holidays, 2015 to 2035."""

from typing import Any

from django.db import migrations

from portal.calendars.services import insert_shipped


def load(apps: Any, schema_editor: Any) -> None:
    """Once; `load_shipped_calendars` does the same later for calendars a release adds."""
    insert_shipped(*(apps.get_model("calendars", name) for name in ("Calendar", "Holiday", "OpeningInterval")))


class Migration(migrations.Migration):
    dependencies = [("calendars", "0002_guards")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
