"""The tables of trips, and the rules that ship with them."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import portal.ids
from portal.rulebook.shipping import load
from tests.planted.shipped import RULES


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("rulebook", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Trip",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("folio", models.CharField(max_length=24, unique=True)),
                ("why", models.CharField(max_length=120)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "Por autorizar"), ("approved", "Por pagar"), ("paid", "Pagado")],
                        default="asked",
                        max_length=16,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TripDue",
            fields=[
                ("anchor", models.DateField()),
                ("due_on", models.DateField()),
                ("rolled_on", models.DateField()),
                ("due_rule", models.CharField(max_length=200)),
                ("met_at", models.DateTimeField(blank=True, null=True)),
                ("next_reminder_on", models.DateField(blank=True, null=True)),
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "trip",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="due", to="planted.trip"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                ),
                name="trip_folio_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="trip",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["asked", "approved", "paid"])), name="trip_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="trip",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="trip_amount_positive"),
        ),
        migrations.AddIndex(
            model_name="tripdue",
            index=models.Index(
                condition=models.Q(("met_at", None)), fields=["next_reminder_on"], name="trip_to_remind"
            ),
        ),
        migrations.AddConstraint(
            model_name="tripdue",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("anchor")), ("rolled_on__gte", models.F("due_on"))),
                name="tripdue_due_after_its_anchor",
            ),
        ),
        migrations.AddConstraint(
            model_name="tripdue",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_rule", ""), _negated=True), name="tripdue_due_says_its_rule"
            ),
        ),
        migrations.AddConstraint(
            model_name="tripdue",
            constraint=models.CheckConstraint(
                condition=models.Q(("met_at", None), ("next_reminder_on", None), _connector="OR"),
                name="tripdue_met_due_is_not_reminded",
            ),
        ),
        load(RULES),
    ]
