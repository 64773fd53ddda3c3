"""The table of trips, and the rule that ships with them."""

import django.db.models.deletion
from django.db import migrations, models

import portal.ids
from portal.listing.search import beginnings
from portal.rulebook.shipping import load
from tests.planted.shipped import RULES


class Migration(migrations.Migration):
    initial = True
    dependencies = [("people", "0001_initial"), ("rulebook", "0002_guards")]
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
            options={
                "indexes": [models.Index(beginnings("folio"), name="trip_folio_begins")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "approved", "paid"])), name="trip_state_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="trip_amount_positive"),
                ],
            },
        ),
        load(RULES),
    ]
