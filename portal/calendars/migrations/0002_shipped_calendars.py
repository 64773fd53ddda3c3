"""Load the three calendars and their public holidays, 2015 to 2035."""

from typing import Any

from django.db import migrations

from portal.calendars.services import insert_shipped


def load(apps: Any, schema_editor: Any) -> None:
    """Once; `load_shipped_calendars` does the same later for calendars a release adds."""
    rows = (apps.get_model("calendars", name) for name in ("Calendar", "Holiday", "OpeningInterval"))
    insert_shipped(*rows, kinds=["labour"])


class Migration(migrations.Migration):
    """Rows only."""

    dependencies = [("calendars", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
