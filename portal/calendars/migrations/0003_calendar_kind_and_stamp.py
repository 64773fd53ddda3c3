"""Calendars of banks beside those of offices, and a stamp that every change renews."""

import uuid
from typing import Any

from django.db import migrations, models

from portal.calendars.services import insert_shipped

STAMP = """
CREATE FUNCTION calendars_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE calendars_calendar SET stamp = gen_random_uuid() WHERE id IN (OLD.calendar_id, NEW.calendar_id);
    RETURN NULL;
END $$;
CREATE FUNCTION calendars_stamp_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.stamp := gen_random_uuid();
    RETURN NEW;
END $$;
CREATE TRIGGER calendars_calendar_stamp BEFORE UPDATE ON calendars_calendar
    FOR EACH ROW EXECUTE FUNCTION calendars_stamp_own();
CREATE TRIGGER calendars_holiday_stamp AFTER INSERT OR UPDATE OR DELETE ON calendars_holiday
    FOR EACH ROW EXECUTE FUNCTION calendars_stamp();
CREATE TRIGGER calendars_openinginterval_stamp AFTER INSERT OR UPDATE OR DELETE ON calendars_openinginterval
    FOR EACH ROW EXECUTE FUNCTION calendars_stamp();
CREATE TRIGGER calendars_closingperiod_stamp AFTER INSERT OR UPDATE OR DELETE ON calendars_closingperiod
    FOR EACH ROW EXECUTE FUNCTION calendars_stamp();
"""
NO_STAMP = """
DROP FUNCTION calendars_stamp() CASCADE;
DROP FUNCTION calendars_stamp_own() CASCADE;
"""


def stamp_rows(apps: Any, schema_editor: Any) -> None:
    """A stamp of its own for each calendar that stands."""
    for row in apps.get_model("calendars", "Calendar").objects.order_by("pk"):
        row.stamp = uuid.uuid4()
        row.save(update_fields=["stamp"])


def load(apps: Any, schema_editor: Any) -> None:
    """The calendars of banks."""
    insert_shipped(*(apps.get_model("calendars", name) for name in ("Calendar", "Holiday", "OpeningInterval")))


class Migration(migrations.Migration):
    """Two columns, the trigger, two calendars."""

    dependencies = [("calendars", "0002_shipped_calendars")]
    operations = [
        migrations.AddField(
            "calendar",
            "kind",
            models.CharField(
                choices=[("labour", "Días de la ley laboral"), ("bank", "Días de los bancos")],
                default="labour",
                max_length=8,
            ),
        ),
        migrations.AddField("calendar", "stamp", models.UUIDField(default=uuid.uuid4, editable=False)),
        migrations.AddConstraint(
            "calendar",
            models.CheckConstraint(condition=models.Q(("kind__in", ["labour", "bank"])), name="calendar_kind_known"),
        ),
        migrations.RunPython(stamp_rows, migrations.RunPython.noop),
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(STAMP, NO_STAMP),
    ]
