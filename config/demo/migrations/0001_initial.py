import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DemoClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("offset", models.DurationField(default=datetime.timedelta)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_demo_clock"),
                    models.CheckConstraint(
                        condition=models.Q(("offset__gte", datetime.timedelta(0))), name="demo_clock_never_goes_back"
                    ),
                ],
            },
        ),
    ]
