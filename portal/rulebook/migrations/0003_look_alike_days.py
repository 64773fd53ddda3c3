"""Brought a rule which portal/fiscal brings by now; its place stays, so that older databases know where they are."""

from django.db import migrations


class Migration(migrations.Migration):
    """Nothing any more."""

    dependencies = [("rulebook", "0002_never_edited_and_shipped")]
    operations = []
