"""A batch says that its file was made, never that somebody sent it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0008_a_paid_transfer_may_come_back"),
    ]

    operations = [
        migrations.AlterField(
            model_name="paymentbatch",
            name="state",
            field=models.CharField(
                choices=[
                    ("prepared", "Espera autorización"),
                    ("approved", "Autorizado y cerrado"),
                    ("exported", "Archivo generado"),
                    ("posted", "Respondido y contabilizado"),
                    ("cancelled", "Cancelado"),
                ],
                default="prepared",
                max_length=16,
            ),
        ),
    ]
