import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.ids
import portal.vault


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("listing", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=60)),
                ("path", models.CharField(max_length=200)),
                ("query", portal.vault.EncryptedTextField(blank=True, default="")),
                ("is_default", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "listing", "name"), name="saved_view_named_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("user", "listing"),
                        name="one_default_view_per_list",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("name", ""), _negated=True), ("path__startswith", "/")),
                        name="saved_view_named_and_placed",
                    ),
                ],
            },
        ),
    ]
