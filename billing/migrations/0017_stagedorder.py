"""Where orders that arrived wait to be applied: unlogged, for their file is kept and read again after a crash."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_shipped_rules")]

    operations = [
        migrations.CreateModel(
            name="StagedOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_id", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("sheet_row", models.PositiveIntegerField()),
                ("account", models.TextField()),
                ("physician_rfc", models.TextField()),
                ("patient", models.TextField()),
                ("service_on", models.DateField()),
                ("concept", models.TextField()),
                ("fee", models.DecimalField(decimal_places=2, max_digits=16)),
                ("coaseguro", models.DecimalField(decimal_places=2, max_digits=16)),
                ("payable", models.DecimalField(decimal_places=2, max_digits=16)),
                ("authorised_by", models.TextField()),
                ("signed_by_insured", models.BooleanField()),
                ("signed_by_physician", models.BooleanField()),
                ("authorised_key", models.TextField()),
                ("holds", models.BooleanField()),
            ],
            options={"indexes": [models.Index(fields=["run_id", "number"], name="staged_order_of_run")]},
        ),
        migrations.RunSQL("ALTER TABLE billing_stagedorder SET UNLOGGED", "ALTER TABLE billing_stagedorder SET LOGGED"),
    ]
