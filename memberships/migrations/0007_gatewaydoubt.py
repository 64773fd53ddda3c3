"""What of the gateway waits for a person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.ids


class Migration(migrations.Migration):
    dependencies = [
        ("memberships", "0006_cardattempt"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GatewayDoubt",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("comment", models.CharField(blank=True, default="", max_length=300)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="doubt", to="memberships.gatewayevent"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("settled_at", None)), fields=["since"], name="gateway_doubts_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("comment", ""), ("settled_at", None), ("settled_by", None)),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("settled_by__isnull", False),
                                models.Q(("comment", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="settled_doubt_says_what_was_done",
                    )
                ],
            },
        ),
    ]
