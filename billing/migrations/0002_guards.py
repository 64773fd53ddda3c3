"""Where orders that arrived wait to be applied is unlogged: their file is kept and read again after a crash."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [
        migrations.RunSQL("ALTER TABLE billing_stagedorder SET UNLOGGED", "ALTER TABLE billing_stagedorder SET LOGGED")
    ]
