"""A message's kind is one that an app declares: services ask, no constraint (a new app would have to alter it)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Choices and constraint only."""

    dependencies = [("help", "0003_contactmessage_is_due")]
    operations = [
        migrations.RemoveConstraint(model_name="contactmessage", name="contact_kind_known"),
        migrations.AlterField(model_name="contactmessage", name="kind", field=models.CharField(max_length=16)),
    ]
