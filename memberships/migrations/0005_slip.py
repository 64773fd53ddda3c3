"""Slips with their schemes of references, and the schemes that ship."""

from typing import Any

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import portal.ids
from memberships.shipped import insert_schemes
from portal.history.append_only import append_only, frozen, never_deleted


def load(apps: Any, schema_editor: Any) -> None:
    """Each scheme that has no row yet."""
    insert_schemes(apps.get_model("memberships", "ReferenceScheme"))


class Migration(migrations.Migration):
    dependencies = [
        ("memberships", "0004_policyyear"),
        ("papers", "0004_guards"),
        ("people", "0004_party_kind_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReferenceScheme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=32, unique=True)),
                ("label", models.CharField(max_length=80)),
                (
                    "means",
                    models.CharField(
                        choices=[
                            ("store", "Tienda"),
                            ("bank", "Banco"),
                            ("card", "Tarjeta"),
                            ("desk", "Registrado por la mesa"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "algorithm",
                    models.CharField(
                        choices=[
                            ("base10", "base10"),
                            ("paynet", "paynet"),
                            ("base97", "base97"),
                            ("base97-amount-date", "base97-amount-date"),
                        ],
                        max_length=24,
                    ),
                ),
                ("base_year", models.PositiveSmallIntegerField(default=2014)),
                ("amount_digit_sum", models.BooleanField(default=False)),
                ("constant", models.CharField(blank=True, default="", max_length=4)),
                ("prefix", models.CharField(blank=True, default="", max_length=12)),
                ("agreement", models.CharField(blank=True, default="", max_length=20)),
                ("number_length", models.PositiveSmallIntegerField(default=10)),
                ("days_rule", models.CharField(max_length=40)),
                ("places", models.TextField()),
                ("seen", models.CharField(max_length=200)),
                ("in_use", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("means__in", ["store", "bank"])), name="scheme_means_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("algorithm__in", ["base10", "paynet", "base97", "base97-amount-date"])),
                        name="scheme_algorithm_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number_length__range", (8, 16))), name="scheme_number_has_its_length"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Slip",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("folio", models.CharField(max_length=24, unique=True)),
                ("code", models.CharField(default=portal.ids.short_code, max_length=24, unique=True)),
                ("reference", models.CharField(max_length=40)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("made_at", models.DateTimeField()),
                ("expires_on", models.DateField()),
                ("days_rule", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "Por pagar"),
                            ("expired", "Vencida"),
                            ("cancelled", "Cancelada"),
                            ("paid", "Pagada"),
                            ("paid_late", "Pagada después de su fecha"),
                            ("refunded", "Devuelta"),
                        ],
                        default="issued",
                        max_length=9,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.issueddocument"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rests",
                        to="memberships.slip",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slips",
                        to="memberships.referencescheme",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SlipKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                (
                    "slip",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="memberships.slip"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SlipLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.DateField(blank=True, null=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("price", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slip_lines",
                        to="memberships.membership",
                    ),
                ),
                (
                    "slip",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="memberships.slip"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="slip",
            index=models.Index(fields=["party", "-made_at", "-id"], name="slips_of_party"),
        ),
        migrations.AddIndex(
            model_name="slip",
            index=models.Index(condition=models.Q(("state", "issued")), fields=["expires_on"], name="slips_to_expire"),
        ),
        migrations.AddIndex(
            model_name="slip",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                ),
                name="slip_folio_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="slip",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("reference"), name="text_pattern_ops"
                ),
                name="slip_reference_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["issued", "expired", "cancelled", "paid", "paid_late", "refunded"])),
                name="slip_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="slip_positive"),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "cancelled"), _negated=True),
                fields=("replaces",),
                name="one_live_rest_of_slip",
            ),
        ),
        migrations.AddConstraint(
            model_name="slipkey",
            constraint=models.UniqueConstraint(fields=("key",), name="one_slip_per_key"),
        ),
        migrations.AddConstraint(
            model_name="slipkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("key__regex", "^[1-9A-Z][0-9A-Z]{7,}$")), name="slip_key_has_8_signs"
            ),
        ),
        migrations.AddConstraint(
            model_name="slipline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("price__gte", models.F("amount"))), name="slip_line_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="slipline",
            constraint=models.UniqueConstraint(
                fields=("slip", "membership", "period"), name="one_line_per_month", nulls_distinct=False
            ),
        ),
        frozen(
            "memberships_slip",
            "slip_is_frozen",
            *("folio", "code", "party_id", "scheme_id", "reference", "amount", "made_at", "made_by_id", "expires_on"),
            *("days_rule", "document_id", "replaces_id"),
        ),
        never_deleted("memberships_slip"),
        *append_only("memberships_slipline"),
        *append_only("memberships_slipkey"),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
