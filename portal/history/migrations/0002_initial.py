import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("history", "0001_database_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.DateTimeField()),
                ("real_at", models.DateTimeField()),
                ("acting_as", models.CharField(blank=True, default="", max_length=200)),
                ("subject_type", models.CharField(max_length=64)),
                ("subject_id", models.CharField(max_length=64)),
                ("party_id", models.UUIDField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("request_id", models.CharField(blank=True, default="", max_length=64)),
                ("ip", models.GenericIPAddressField(null=True)),
                ("hmac", models.CharField(max_length=64)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "id"], name="access_by_subject"),
                    models.Index(fields=["by", "id"], name="access_by_person"),
                    models.Index(fields=["real_at"], name="access_by_real_time"),
                    models.Index(fields=["at"], name="access_by_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.DateTimeField()),
                ("real_at", models.DateTimeField()),
                ("acting_as", models.CharField(blank=True, default="", max_length=200)),
                ("subject_type", models.CharField(max_length=64)),
                ("subject_id", models.CharField(max_length=64)),
                ("party_id", models.UUIDField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("request_id", models.CharField(blank=True, default="", max_length=64)),
                ("ip", models.GenericIPAddressField(null=True)),
                ("hmac", models.CharField(max_length=64)),
                ("action", models.CharField(max_length=64)),
                ("details", models.JSONField(default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "id"], name="event_by_subject"),
                    models.Index(fields=["by", "id"], name="event_by_person"),
                    models.Index(fields=["party_id", "id"], name="event_by_party"),
                    models.Index(fields=["action", "id"], name="event_by_action"),
                    models.Index(fields=["real_at"], name="event_by_real_time"),
                    models.Index(
                        condition=models.Q(("party_id__isnull", False)),
                        fields=["by", "party_id", "at"],
                        name="event_by_person_and_party",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("action__regex", "^[a-z_]+\\.[a-z_]+$")), name="action_is_room_dot_act"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("previous_hmac", models.CharField(max_length=64)),
                ("hmac", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                (
                    "access",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seal",
                        to="history.accessevent",
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seal",
                        to="history.auditevent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("access", None), ("event__isnull", False)),
                            models.Q(("access__isnull", False), ("event", None)),
                            _connector="OR",
                        ),
                        name="seal_covers_exactly_one_row",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="seals_count_from_one"),
                ],
            },
        ),
    ]
