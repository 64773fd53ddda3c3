"""A rule's source has up to 120 characters: with its code and version it did not fit beside the date it gave."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("help", "0001_initial")]

    operations = [
        migrations.AlterField(model_name="contactmessage", name="due_rule", field=models.CharField(max_length=200)),
    ]
