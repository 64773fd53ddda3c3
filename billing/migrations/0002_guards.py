"""A reviewer's decision only grows, a complement's date binds as it was given and is met once.

Where orders that arrived wait to be applied is unlogged: their file is kept and read again after a crash.
"""

from django.db import migrations

from portal.history.append_only import append_only, frozen, never_deleted


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("history", "0001_database_roles")]
    operations = [
        migrations.RunSQL("ALTER TABLE billing_stagedorder SET UNLOGGED", "ALTER TABLE billing_stagedorder SET LOGGED"),
        *append_only("billing_reviewdecision"),
        frozen("billing_complementdue", "complement_due_is_frozen", "anchor", "due_on", "rolled_on", "due_rule"),
        frozen("billing_complementdue", "complement_due_is_met_once", "met_at", once="OLD.met_at IS NOT NULL"),
        never_deleted("billing_complementdue"),
    ]
