import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="DemoClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("offset", models.DurationField(default=datetime.timedelta)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_demo_clock"),
                    models.CheckConstraint(
                        condition=models.Q(("offset__gte", datetime.timedelta(0))), name="demo_clock_never_goes_back"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DemoDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("leased_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("not_before", models.DateTimeField(blank=True, editable=False, null=True)),
                ("first_failed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("failures", models.PositiveIntegerField(default=0, editable=False)),
                ("last_error", models.CharField(blank=True, default="", editable=False, max_length=300)),
                ("done_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("parked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("asked", models.UUIDField(editable=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("of", models.PositiveSmallIntegerField()),
                ("moved", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("asked", "number"), name="demo_day_once"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1), ("number__lte", models.F("of"))),
                        name="demo_day_is_one_of_them",
                    ),
                ],
            },
        ),
    ]
