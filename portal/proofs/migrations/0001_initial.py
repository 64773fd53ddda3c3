import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("papers", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RfcMove",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(max_length=200)),
                ("evidence", models.TextField(verbose_name="qué lo prueba")),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Espera a otra persona de Administración"),
                            ("handed_over", "Entregado"),
                            ("refused", "No se entregó"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.storedfile"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rfc_moves", to="people.party"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")), fields=("party",), name="one_open_move_per_rfc"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "handed_over", "refused"])),
                        name="rfc_move_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="rfc_move_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("state", "waiting")),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="rfc_move_decision_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("evidence", ""), _negated=True), name="rfc_move_says_its_evidence"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RfcPaper",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("rfc", models.CharField(max_length=13, verbose_name="RFC")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("constancia", "Constancia de Situación Fiscal"),
                            ("statement", "Estado de cuenta del banco"),
                        ],
                        max_length=12,
                        verbose_name="documento",
                    ),
                ),
                ("findings", models.JSONField(blank=True, default=list)),
                (
                    "state",
                    models.CharField(
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
                ("handed_in_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "decided_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.storedfile"
                    ),
                ),
                (
                    "handed_in_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rfc_papers", to="people.party"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "in_review")), fields=("party",), name="one_rfc_paper_in_review"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["in_review", "accepted", "returned", "ended"])),
                        name="rfc_paper_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["constancia", "statement"])), name="rfc_paper_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("state", "in_review")),
                            models.Q(
                                models.Q(("state", "in_review"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="rfc_paper_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("handed_in_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="rfc_paper_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "returned"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="rfc_paper_returned_says_why",
                    ),
                ],
            },
        ),
    ]
