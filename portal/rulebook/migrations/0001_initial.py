import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import portal.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=60)),
                ("version", models.PositiveIntegerField()),
                ("value", models.JSONField()),
                ("unit", models.CharField(blank=True, default="", max_length=40)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("source", models.CharField(max_length=120)),
                (
                    "source_kind",
                    models.CharField(
                        choices=[("source_document", "Documento fuente"), ("statute", "Ley"), ("operator", "Operador")],
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("note", models.TextField(blank=True, default="")),
                (
                    "enforcement",
                    models.CharField(
                        choices=[("required", "Obligatoria"), ("accepted_with_warning", "Se acepta con revisión")],
                        max_length=24,
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                ("conflict_note", models.TextField(blank=True, default="")),
                ("reason", models.TextField(blank=True, default="")),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "version"), name="one_row_per_rule_version"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("active", True)),
                        expressions=[
                            ("code", "="),
                            (models.Func(models.F("valid_from"), models.F("valid_to"), function="daterange"), "&&"),
                        ],
                        name="one_rule_in_force_per_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="rule_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at", None), ("published_by", None)),
                            models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="rule_publisher_and_instant_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source_kind__in", ["source_document", "statute", "operator"])),
                        name="rule_source_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("enforcement__in", ["required", "accepted_with_warning"])),
                        name="rule_enforcement_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("version__gte", 1)), name="rule_version_positive"),
                ],
            },
        ),
    ]
