"""The states of a paper in its owner's words, as every machine's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("proofs", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rfcpaper",
            name="state",
            field=models.CharField(
                choices=[
                    ("in_review", "La está revisando una persona"),
                    ("accepted", "Aceptada"),
                    ("returned", "Devuelta: sube otra"),
                    ("ended", "Terminada"),
                ],
                default="in_review",
                max_length=12,
            ),
        ),
    ]
