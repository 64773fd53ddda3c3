"""What is owed may be cancelled while it waits to be paid."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("treasury", "0014_four_eyes_limit_clp"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="payable", name="payable_state_known"),
        migrations.RemoveConstraint(model_name="payable", name="payable_scheduled_with_transfer"),
        migrations.AddField(
            model_name="payable",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="payable",
            name="cancelled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="payable",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Por pagar"),
                    ("scheduled", "En un lote"),
                    ("paid", "Pagado"),
                    ("rejected", "El banco lo rechazó"),
                    ("cancelled", "Cancelado"),
                ],
                default="open",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "scheduled", "paid", "rejected", "cancelled"])),
                name="payable_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["scheduled", "paid"]), ("transfer__isnull", False))
                | models.Q(("state__in", ["open", "rejected", "cancelled"]), ("transfer", None)),
                name="payable_scheduled_with_transfer",
            ),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=(
                    models.Q(("cancelled_at__isnull", False), ("state", "cancelled"))
                    & models.Q(("reason", ""), _negated=True)
                )
                | (
                    models.Q(("state", "cancelled"), _negated=True)
                    & models.Q(("cancelled_at", None), ("cancelled_by", None))
                ),
                name="payable_cancelled_says_why",
            ),
        ),
    ]
