"""A complement stands in a state of its machine."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0010_found_by_its_names"),
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
