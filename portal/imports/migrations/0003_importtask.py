"""What a drain does of a run that is too long for a request."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.ids


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0002_importrun_subject"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportTask",
            fields=[
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("leased_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("not_before", models.DateTimeField(blank=True, editable=False, null=True)),
                ("first_failed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("failures", models.PositiveIntegerField(default=0, editable=False)),
                ("last_error", models.CharField(blank=True, default="", editable=False, max_length=300)),
                ("done_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("parked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "id",
                    models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("act", models.CharField(choices=[("read", "Leer"), ("apply", "Aplicar")], max_length=5)),
                ("asked_at", models.DateTimeField()),
                ("done_rows", models.PositiveIntegerField(default=0)),
                ("refused", models.CharField(blank=True, default="", max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="imports.importrun"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("done_at", None)), fields=["id"], name="import_task_waiting")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("act__in", ["read", "apply"])), name="import_task_act_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)), fields=("run",), name="one_open_task_per_import"
                    ),
                ],
            },
        ),
    ]
