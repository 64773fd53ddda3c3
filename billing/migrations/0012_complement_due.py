"""The deadline of a complement is a row of its own, beside its invoice."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import portal.ids
from portal.calendars.rules import roll
from portal.calendars.selectors import schedule_of


def move_dates(apps: Any, schema_editor: Any) -> None:
    """What stood on the invoice; one that is closed was met when its complement was decided, or handed in."""
    dues = apps.get_model("billing", "ComplementDue").objects
    invoices = apps.get_model("billing", "Invoice").objects.exclude(complement_due_on=None).order_by("pk")
    calendars = apps.get_model("calendars", "Calendar").objects
    office = schedule_of(calendars.get(code="mx-office")) if invoices.exists() else None
    for invoice in invoices:
        closing = invoice.complement_payments.filter(live=True).order_by("number").last()
        closed = invoice.payment_state == "closed" and closing is not None
        complement = closing.complement if closed else None
        invoice.complement_due = dues.create(
            anchor=invoice.paid_on,
            due_on=invoice.complement_due_on,
            rolled_on=roll(office, invoice.complement_due_on),
            due_rule=invoice.complement_rule or "rep_due_day v1 · RMF 2.7.1.32",
            met_at=(complement.decided_at or complement.handed_in_at) if complement else None,
            next_reminder_on=None if complement else invoice.next_reminder_on,
        )
        invoice.save(update_fields=["complement_due"])


class Migration(migrations.Migration):
    """A table, its link, and the columns that it replaces."""

    dependencies = [
        ("billing", "0011_complement_state_known"),
        ("calendars", "0003_calendar_kind_and_stamp"),
    ]
    operations = [
        migrations.CreateModel(
            name="ComplementDue",
            fields=[
                ("anchor", models.DateField()),
                ("due_on", models.DateField()),
                ("rolled_on", models.DateField()),
                ("due_rule", models.CharField(max_length=200)),
                ("sequence", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("met_at", models.DateTimeField(blank=True, null=True)),
                ("next_reminder_on", models.DateField(blank=True, null=True)),
                (
                    "id",
                    models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(("met_at", None)), fields=["next_reminder_on"], name="complement_to_remind"
                    ),
                    models.Index(condition=Q(("met_at", None)), fields=["due_on"], name="complement_due_waiting"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("due_on__gte", F("anchor")), ("rolled_on__gte", F("due_on"))),
                        name="complementdue_due_after_its_anchor",
                    ),
                    models.CheckConstraint(
                        condition=Q(("due_rule", ""), _negated=True), name="complementdue_due_says_its_rule"
                    ),
                    models.CheckConstraint(
                        condition=Q(("met_at", None), ("next_reminder_on", None), _connector="OR"),
                        name="complementdue_met_due_is_not_reminded",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "invoice",
            "complement_due",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoice",
                to="billing.complementdue",
            ),
        ),
        migrations.RunPython(move_dates, migrations.RunPython.noop),
        # What the rows were updated for is checked now: a table with checks pending is not altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.RemoveConstraint("invoice", "paid_invoice_has_its_dates"),
        migrations.RemoveIndex("invoice", "invoice_to_remind"),
        migrations.RemoveField("invoice", "complement_due_on"),
        migrations.RemoveField("invoice", "complement_rule"),
        migrations.RemoveField("invoice", "next_reminder_on"),
        migrations.AddConstraint(
            "invoice",
            models.CheckConstraint(
                condition=Q(
                    Q(("payment_state__in", ["complement_due", "closed"]), _negated=True),
                    Q(("paid_on__isnull", False), ("complement_due__isnull", False)),
                    _connector="OR",
                ),
                name="paid_invoice_has_its_dates",
            ),
        ),
    ]
