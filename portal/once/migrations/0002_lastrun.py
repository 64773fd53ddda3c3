"""When each task and process was last seen at work."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("once", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LastRun",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("told", models.JSONField(default=dict)),
            ],
        ),
    ]
