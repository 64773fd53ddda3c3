"""The accounts that money comes in to, and the two that ship."""

from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models

import portal.ids
from portal.treasury.shipped import insert_accounts


def load(apps: Any, schema_editor: Any) -> None:
    """Each account that has no row yet."""
    insert_accounts(apps.get_model("treasury", "CollectionAccount"))


class Migration(migrations.Migration):
    dependencies = [("treasury", "0003_shipped")]
    operations = [
        migrations.CreateModel(
            name="CollectionAccount",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("code", models.SlugField(max_length=32, unique=True)),
                ("label", models.CharField(max_length=120)),
                ("currency", models.CharField(choices=[("MXN", "MXN"), ("CLP", "CLP")], max_length=3)),
                (
                    "formats",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), size=None),
                ),
                ("ledger", models.SlugField(max_length=32)),
                ("cleared", models.BooleanField(default=False)),
            ],
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
