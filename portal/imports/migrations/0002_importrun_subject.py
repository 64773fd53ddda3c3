"""A run may be about one thing: the same file counts once for each."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_importrun")]

    operations = [
        migrations.AddField("importrun", "subject_id", models.CharField(blank=True, default="", max_length=40)),
        migrations.RemoveConstraint("importrun", "one_live_import_per_file"),
        migrations.AddConstraint(
            "importrun",
            models.UniqueConstraint(
                condition=models.Q(("state__in", ["applied", "read"]), models.Q(("sha256", ""), _negated=True)),
                fields=("kind", "sender", "subject_id", "sha256"),
                name="one_live_import_per_file",
            ),
        ),
    ]
