"""Roles stand in `portal/access.py` alone: a new one alters no table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """What Django knows of two columns, not the columns."""

    dependencies = [("people", "0008_sign_up_kinds")]
    operations = [
        migrations.AlterField(model_name=model, name="role", field=models.CharField(max_length=32))
        for model in ("grant", "grantproposal")
    ]
