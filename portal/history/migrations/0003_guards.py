"""The record only grows: UPDATE and DELETE refused by trigger and by missing right (AD-03)."""

from django.db import migrations

from portal.history.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("history", "0002_initial")]
    operations = [
        *append_only("history_auditevent"),
        *append_only("history_accessevent"),
        *append_only("history_auditseal"),
    ]
