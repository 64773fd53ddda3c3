"""What a delivery shares with every import is its run's alone."""

import django.db.models.deletion
from django.db import migrations, models

MOVED = ("accepted", "errors", "file", "insurer", "received_at", "received_by", "rows", "source", "unchanged")


class Migration(migrations.Migration):
    dependencies = [("billing", "0014_orderdelivery_run")]

    operations = [
        migrations.RemoveConstraint("orderdelivery", "delivery_counts_add_up"),
        *[migrations.RemoveField("orderdelivery", name) for name in MOVED],
        migrations.AlterField(
            "orderdelivery",
            "run",
            models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="order_delivery", to="imports.importrun"
            ),
        ),
    ]
