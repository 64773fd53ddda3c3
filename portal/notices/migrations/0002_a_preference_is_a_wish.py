"""A row of MailPreference says by being there that a person wants no mail of a kind: no column repeats it."""

from django.db import migrations


def forget_what_was_no_wish(apps, schema_editor):
    """Rows that said "by mail" said nothing."""
    apps.get_model("notices", "MailPreference").objects.filter(by_mail=True).delete()


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.RunPython(forget_what_was_no_wish, migrations.RunPython.noop),
        # What the rows were updated for is checked now: a table with checks pending is not altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="mailpreference", name="by_mail"),
    ]
