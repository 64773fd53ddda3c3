import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import portal.ids
import portal.vault


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("papers", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("subject_id", models.CharField(blank=True, default="", max_length=40)),
                ("source", models.CharField(choices=[("file", "Archivo"), ("api", "API")], max_length=4)),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("declared", models.JSONField()),
                ("counted", models.JSONField()),
                ("rows", models.PositiveIntegerField()),
                ("new", models.PositiveIntegerField()),
                ("unchanged", models.PositiveIntegerField()),
                ("skipped", models.PositiveIntegerField()),
                ("wrong", models.PositiveIntegerField()),
                ("errors", models.JSONField(default=list)),
                ("headings", models.JSONField(default=dict)),
                ("secrets", portal.vault.EncryptedTextField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("read", "Sin aplicar"),
                            ("applied", "Aplicado"),
                            ("refused", "Rechazado"),
                            ("cancelled", "Cancelado"),
                        ],
                        default="read",
                        max_length=9,
                    ),
                ),
                ("read_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.storedfile",
                    ),
                ),
                (
                    "read_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "-read_at"], name="import_by_kind")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["read", "applied", "refused", "cancelled"])),
                        name="import_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["applied", "read"]), models.Q(("sha256", ""), _negated=True)),
                        fields=("kind", "sender", "subject_id", "sha256"),
                        name="one_live_import_per_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "rows",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("new"), "+", models.F("unchanged")
                                        ),
                                        "+",
                                        models.F("skipped"),
                                    ),
                                    "+",
                                    models.F("wrong"),
                                ),
                            )
                        ),
                        name="import_counts_add_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", None), ("state", "read")),
                            models.Q(models.Q(("state", "read"), _negated=True), ("closed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="import_closed_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "read"), ("secrets__isnull", True), _connector="OR"),
                        name="import_secrets_only_while_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("file", None), ("sha256", "")),
                            models.Q(("file__isnull", False), models.Q(("sha256", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="import_file_has_its_hash",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportTask",
            fields=[
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("leased_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("not_before", models.DateTimeField(blank=True, editable=False, null=True)),
                ("first_failed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("failures", models.PositiveIntegerField(default=0, editable=False)),
                ("last_error", models.CharField(blank=True, default="", editable=False, max_length=300)),
                ("done_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("parked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("act", models.CharField(choices=[("read", "Leer"), ("apply", "Aplicar")], max_length=5)),
                ("asked_at", models.DateTimeField()),
                ("done_rows", models.PositiveIntegerField(default=0)),
                ("refused", models.CharField(blank=True, default="", max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="imports.importrun"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("done_at", None)), fields=["id"], name="import_task_waiting")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("act__in", ["read", "apply"])), name="import_task_act_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)), fields=("run",), name="one_open_task_per_import"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownHeading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("heading", models.CharField(max_length=100)),
                ("column", models.CharField(max_length=40)),
                (
                    "said_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="said_headings",
                        to="imports.importrun",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "sender", "heading"), name="one_meaning_per_heading")
                ],
            },
        ),
    ]
