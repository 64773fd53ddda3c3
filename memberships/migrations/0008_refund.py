"""Credit that goes back to families."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import portal.ids
from memberships.shipped import insert_gateway
from portal.history.append_only import frozen, never_deleted


def load(apps, schema_editor):
    """What settles cards, unless it stands."""
    insert_gateway(apps.get_model("treasury", "CollectionAccount"))


class Migration(migrations.Migration):
    dependencies = [
        ("memberships", "0007_gatewaydoubt"),
        ("people", "0004_party_kind_known"),
        ("treasury", "0006_movement_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("folio", models.CharField(blank=True, max_length=24, null=True, unique=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("wanted", "La revisamos"),
                            ("asked", "Devolución pedida"),
                            ("sent", "Devolución en camino"),
                            ("done", "Devuelta"),
                            ("declined", "No procedió"),
                        ],
                        default="wanted",
                        max_length=8,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                (
                    "means",
                    models.CharField(
                        blank=True,
                        choices=[("card", "A la tarjeta"), ("transfer", "Por transferencia")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("asked_on", models.DateField(blank=True, null=True)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("due_rule", models.CharField(blank=True, default="", max_length=200)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("ended_on", models.DateField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=300)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="memberships.cardattempt",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="memberships.membership"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
                (
                    "slip",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="memberships.slip",
                    ),
                ),
                (
                    "wanted_by",
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
                "indexes": [
                    models.Index(fields=["-since", "-id"], name="refunds_newest"),
                    models.Index(fields=["state", "since"], name="refunds_by_state"),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                        ),
                        name="refund_folio_begins",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["wanted", "asked", "sent", "done", "declined"])),
                        name="refund_state_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("asked_at", None),
                                ("asked_by", None),
                                ("asked_on", None),
                                ("due_on", None),
                                ("folio", None),
                                ("means", ""),
                                ("reason", ""),
                            ),
                            models.Q(
                                ("asked_at__isnull", False),
                                ("asked_by__isnull", False),
                                ("asked_on__isnull", False),
                                ("folio__isnull", False),
                                ("due_on__isnull", False),
                                ("means__in", ["card", "transfer"]),
                                models.Q(("due_rule", ""), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="refund_asked_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["wanted", "declined"]), ("asked_on__isnull", False), _connector="OR"
                        ),
                        name="refund_moves_once_asked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("means", "card"), ("attempt__isnull", False), ("slip", None)),
                            models.Q(models.Q(("means", "card"), _negated=True), ("attempt", None)),
                            _connector="OR",
                        ),
                        name="refund_to_card_names_its_attempt",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at", None), ("approved_by", None)),
                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False), ("means", "card")),
                            _connector="OR",
                        ),
                        name="refund_approved_who_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="refund_by_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on__isnull", False), ("state__in", ["done", "declined"])),
                            models.Q(models.Q(("state__in", ["done", "declined"]), _negated=True), ("ended_on", None)),
                            _connector="OR",
                        ),
                        name="refund_ended_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "declined"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refund_declined_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "wanted")),
                        fields=("membership",),
                        name="one_wanted_refund_per_membership",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("asked", "sent", "done"))),
                        fields=("attempt",),
                        name="one_live_refund_per_card_attempt",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("asked", "sent", "done"))),
                        fields=("slip",),
                        name="one_live_refund_per_slip",
                    ),
                ],
            },
        ),
        frozen("memberships_refund", "refund_is_of_its_family", "membership_id", "party_id", "wanted_by_id", "note"),
        frozen(
            "memberships_refund",
            "refund_asked_is_frozen",
            *("folio", "amount", "means", "attempt_id", "slip_id", "reason", "asked_by_id", "asked_at", "asked_on"),
            *("due_on", "due_rule"),
            once="OLD.asked_on IS NOT NULL",
        ),
        never_deleted("memberships_refund"),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
