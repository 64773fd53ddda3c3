"""What a reviewer decided is stored at once and takes effect when it cannot be undone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0005_holds_and_limits_keep_their_rule_like_every_figure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountDecision",
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
                ("at", models.DateTimeField(editable=False)),
                ("undone_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("refused", models.CharField(blank=True, default="", editable=False, max_length=300)),
                (
                    "decision",
                    models.CharField(choices=[("approved", "Aprobó"), ("rejected", "Rechazó")], max_length=16),
                ),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.bankaccount"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["by", "not_before"],
                        name="account_decision_waits",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)), fields=("account",), name="one_open_decision_per_account"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", "approved"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="account_decision_rejects_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_at__isnull", False), models.Q(("refused", ""), ("undone_at", None)), _connector="OR"
                        ),
                        name="ended_account_decision_is_done",
                    ),
                ],
            },
        ),
    ]
