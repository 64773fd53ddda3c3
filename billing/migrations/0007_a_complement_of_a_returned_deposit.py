"""A complement whose deposit the bank returned is asked to be cancelled, and says why."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0006_a_decision_can_be_undone"),
        ("papers", "0001_initial"),
        ("people", "0003_remembered_names_and_token_names"),
        ("treasury", "0008_a_paid_transfer_may_come_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="complement",
            name="complement_refused_says_why",
        ),
        migrations.AlterField(
            model_name="complement",
            name="state",
            field=models.CharField(
                choices=[
                    ("in_review", "En revisión"),
                    ("accepted", "Aceptado"),
                    ("rejected", "Rechazado"),
                    ("to_cancel", "Por cancelar en el SAT"),
                    ("cancelled", "Cancelado en el SAT"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="complement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["in_review", "accepted"]),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("state__in", ["rejected", "cancelled"]),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    models.Q(("state", "to_cancel"), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="complement_refused_says_why",
            ),
        ),
    ]
