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
            name="KeptForm",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("action", models.CharField(max_length=300)),
                ("page", models.CharField(max_length=600)),
                ("fields", portal.vault.EncryptedTextField()),
                ("kept_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="kept_form_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "action"), name="one_kept_form_per_action"),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("kept_at"))), name="kept_form_expires"
                    ),
                ],
            },
        ),
    ]
