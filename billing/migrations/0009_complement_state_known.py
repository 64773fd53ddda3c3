"""A complement stands in a state of its machine."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0008_complements_of_a_transfer_add_up"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="complement",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["in_review", "accepted", "rejected", "to_cancel", "cancelled"])),
                name="complement_state_known",
            ),
        ),
    ]
