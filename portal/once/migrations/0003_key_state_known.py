"""A key is under way or done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("once", "0002_lastrun"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["running", "done"])), name="key_state_known"
            ),
        ),
    ]
