import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prefix", models.CharField(max_length=2)),
                ("office", models.CharField(blank=True, default="", max_length=12)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("prefix", "office", "year"), name="one_series_per_prefix_office_year"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IssuedFolio",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("folio", models.CharField(max_length=32, unique=True)),
                ("number", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="issued", to="folios.series"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("series", "number"), name="one_folio_per_number"),
                    models.CheckConstraint(
                        condition=models.Q(("voided_at", None), ("voided_at__gte", models.F("at")), _connector="OR"),
                        name="folio_is_void_after_it_was_given",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="folios_count_from_one"),
                ],
            },
        ),
    ]
