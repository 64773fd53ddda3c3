"""What is owed and a batch stand in a state of their machine."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0009_a_batchs_state_is_true"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "scheduled", "paid", "rejected"])), name="payable_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["prepared", "approved", "exported", "posted", "cancelled"])),
                name="batch_state_known",
            ),
        ),
    ]
