import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LastRun",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("told", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Throttle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64)),
                ("window_start", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["window_start"], name="throttle_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("scope", "key", "window_start"), name="one_counter_per_window")
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=128)),
                ("body_sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "en curso"), ("done", "hecho")], default="running", max_length=8
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.JSONField(default=dict)),
                ("attempt", models.UUIDField()),
                ("locked_until", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="key_by_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "scope", "key"), name="one_key_per_person_and_scope", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "done"])), name="key_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), ("status", None)),
                            models.Q(("state", "done"), ("status__isnull", False)),
                            _connector="OR",
                        ),
                        name="done_key_has_its_answer",
                    ),
                ],
            },
        ),
    ]
