import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("thing_type", models.CharField(max_length=80)),
                ("thing_id", models.CharField(max_length=40)),
                ("queue", models.CharField(max_length=60)),
                ("since", models.DateTimeField()),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("thing_type", "thing_id"), name="one_holder_per_thing")
                ],
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("thing_type", models.CharField(max_length=80)),
                ("thing_id", models.CharField(max_length=40)),
                ("seen_at", models.DateTimeField()),
                (
                    "viewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["seen_at"], name="look_by_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("thing_type", "thing_id", "viewer"), name="one_look_per_viewer_and_thing"
                    )
                ],
            },
        ),
    ]
