"""Sign-up is a table of the apps: a waiting one names its role, and texts are of kinds that apps declare."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns only; whoever waits for a mail at this moment is what everybody was so far."""

    dependencies = [("people", "0007_found_by_its_names")]
    operations = [
        migrations.RenameField(model_name="registration", old_name="rfc", new_name="identifier"),
        migrations.AddField(
            model_name="registration",
            name="role",
            field=models.CharField(default="physician", max_length=32),
            preserve_default=False,
        ),
        migrations.AlterField(model_name="consenttext", name="kind", field=models.CharField(max_length=32)),
    ]
