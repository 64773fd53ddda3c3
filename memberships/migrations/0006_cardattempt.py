"""Paying by card, and the guide of the IMSS with the links that ship."""

from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import portal.ids
from memberships.shipped import insert_sources
from portal.history.append_only import append_only, frozen, never_deleted


def load(apps: Any, schema_editor: Any) -> None:
    """Each link that has no row yet."""
    insert_sources(apps.get_model("memberships", "ImssSource"))


class Migration(migrations.Migration):
    dependencies = [
        ("memberships", "0005_slip"),
        ("papers", "0001_initial"),
        ("people", "0004_party_kind_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CardAttempt",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("folio", models.CharField(max_length=24, unique=True)),
                ("code", models.CharField(default=portal.ids.short_code, max_length=24, unique=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("started", "Sin terminar"),
                            ("challenged", "Tu banco pide confirmarlo"),
                            ("captured", "Pagado"),
                            ("declined", "Rechazado por el banco"),
                            ("timed_out", "Sin respuesta"),
                            ("refunded", "Devuelto a la tarjeta"),
                            ("charged_back", "Contracargo"),
                        ],
                        default="started",
                        max_length=12,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "insufficient_funds",
                                "La tarjeta no tiene saldo suficiente. Usa otra, o paga en tienda o banco.",
                            ),
                            ("expired_card", "La tarjeta ya venció. Usa otra."),
                            ("card_held", "El banco bloqueó la tarjeta. Llámale, o usa otra."),
                            ("wrong_data", "Un dato de la tarjeta no coincide. Revísalo e intenta otra vez."),
                            ("other", "El banco no dijo por qué. Llámale, o usa otra tarjeta."),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="card_attempts",
                        to="memberships.membership",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CardLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.DateField(blank=True, null=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="memberships.cardattempt"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GatewayEvent",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("event_id", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("started", "Sin terminar"),
                            ("challenged", "Tu banco pide confirmarlo"),
                            ("captured", "Pagado"),
                            ("declined", "Rechazado por el banco"),
                            ("timed_out", "Sin respuesta"),
                            ("refunded", "Devuelto a la tarjeta"),
                            ("charged_back", "Contracargo"),
                            ("refund_declined", "No aceptó la devolución"),
                        ],
                        max_length=16,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("reason", models.CharField(blank=True, default="", max_length=20)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("applied", "Cambió el intento"),
                            ("nothing_new", "Ya se sabía"),
                            ("doubtful", "Una persona lo revisa"),
                        ],
                        max_length=12,
                    ),
                ),
                ("said_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="memberships.cardattempt"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImssCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rights", models.BooleanField(blank=True, null=True)),
                (
                    "clinic",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right", "La más cercana a donde vivo"),
                            ("none", "No aparece ninguna"),
                            ("former", "La de un domicilio anterior"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("has_card", models.BooleanField(blank=True, null=True)),
                (
                    "ticked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), blank=True, default=list, size=None
                    ),
                ),
                ("updated_at", models.DateTimeField()),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imss_check",
                        to="memberships.coveredperson",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImssConstancia",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("uploaded_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.storedfile"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imss_constancias",
                        to="memberships.coveredperson",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)),
                        fields=("person",),
                        name="one_imss_constancia_per_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImssSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=24, unique=True)),
                ("label", models.CharField(max_length=120)),
                ("kind", models.CharField(choices=[("link", "Página"), ("phone", "Teléfono")], max_length=5)),
                ("value", models.CharField(max_length=300)),
                ("checked_on", models.DateField(blank=True, null=True)),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="cardattempt",
            index=models.Index(fields=["-started_at", "-id"], name="card_attempts_newest"),
        ),
        migrations.AddIndex(
            model_name="cardattempt",
            index=models.Index(
                condition=models.Q(("state__in", ("started", "challenged"))),
                fields=["started_at"],
                name="card_attempts_to_ask",
            ),
        ),
        migrations.AddIndex(
            model_name="cardattempt",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                ),
                name="card_attempt_folio_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["started", "challenged", "captured", "declined", "timed_out", "refunded", "charged_back"],
                    )
                ),
                name="card_attempt_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardattempt",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="card_attempt_positive"),
        ),
        migrations.AddConstraint(
            model_name="cardattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("reason__in", ["insufficient_funds", "expired_card", "card_held", "wrong_data", "other"]),
                        ("state", "declined"),
                    ),
                    models.Q(models.Q(("state", "declined"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="card_attempt_declined_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardattempt",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["started", "challenged"])),
                fields=("membership",),
                name="one_open_card_attempt_per_membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardline",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="card_line_positive"),
        ),
        migrations.AddConstraint(
            model_name="cardline",
            constraint=models.UniqueConstraint(
                fields=("attempt", "period"), name="one_card_line_per_month", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="gatewayevent",
            index=models.Index(fields=["-received_at", "-id"], name="gateway_events_newest"),
        ),
        migrations.AddConstraint(
            model_name="gatewayevent",
            constraint=models.UniqueConstraint(fields=("event_id",), name="one_gateway_event_per_id"),
        ),
        migrations.AddConstraint(
            model_name="gatewayevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "started",
                            "challenged",
                            "captured",
                            "declined",
                            "timed_out",
                            "refunded",
                            "charged_back",
                            "refund_declined",
                        ],
                    )
                ),
                name="gateway_event_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewayevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["applied", "nothing_new", "doubtful"])),
                name="gateway_event_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="imsscheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("clinic__in", ["", "right", "none", "former"])), name="imss_clinic_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="imsscheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ticked__contained_by", ["identity", "birth", "address", "photos", "curp", "constancia"])
                ),
                name="imss_papers_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="imsssource",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["link", "phone"])), name="imss_source_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="imsssource",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "phone"), ("value__startswith", "https://"), _connector="OR"),
                name="imss_link_is_secure",
            ),
        ),
        frozen(
            "memberships_cardattempt",
            "card_attempt_is_frozen",
            *("folio", "code", "membership_id", "party_id", "amount", "started_at", "started_by_id", "expires_at"),
        ),
        never_deleted("memberships_cardattempt"),
        *append_only("memberships_cardline"),
        *append_only("memberships_gatewayevent"),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
