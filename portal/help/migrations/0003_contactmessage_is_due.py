"""A message is a deadline like every other: its anchor, its rolled date and when it was met."""

from typing import Any

from django.db import migrations, models
from django.db.models import F, Q

from portal.clock import date_in


def anchor_messages(apps: Any, schema_editor: Any) -> None:
    """Counted in business days from the day it came, so that its date is worked."""
    messages = apps.get_model("help", "ContactMessage").objects
    messages.update(rolled_on=F("due_on"))
    for pk, created_at in messages.order_by("pk").values_list("pk", "created_at"):
        messages.filter(pk=pk).update(anchor=date_in(created_at))


class Migration(migrations.Migration):
    """`answered_at` is `met_at`; four columns and three constraints of a deadline."""

    dependencies = [("help", "0002_longer_source_of_a_due_date")]
    operations = [
        migrations.RemoveConstraint("contactmessage", "contact_answer_who_and_when_together"),
        migrations.RenameField("contactmessage", "answered_at", "met_at"),
        migrations.AddField("contactmessage", "anchor", models.DateField(null=True)),
        migrations.AddField("contactmessage", "rolled_on", models.DateField(null=True)),
        migrations.AddField("contactmessage", "sequence", models.PositiveSmallIntegerField(default=0, editable=False)),
        migrations.AddField("contactmessage", "next_reminder_on", models.DateField(blank=True, null=True)),
        migrations.RunPython(anchor_messages, migrations.RunPython.noop),
        # What the rows were updated for is checked now: a table with checks pending is not altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.AlterField("contactmessage", "anchor", models.DateField()),
        migrations.AlterField("contactmessage", "rolled_on", models.DateField()),
        migrations.AddConstraint(
            "contactmessage",
            models.CheckConstraint(
                condition=Q(
                    Q(("answer", ""), ("answered_by", None), ("met_at", None), ("state", "open")),
                    Q(
                        ("answered_by__isnull", False),
                        ("met_at__isnull", False),
                        ("state", "answered"),
                        Q(("answer", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="contact_answer_who_and_when_together",
            ),
        ),
        migrations.AddConstraint(
            "contactmessage",
            models.CheckConstraint(
                condition=Q(("due_on__gte", F("anchor")), ("rolled_on__gte", F("due_on"))),
                name="contactmessage_due_after_its_anchor",
            ),
        ),
        migrations.AddConstraint(
            "contactmessage",
            models.CheckConstraint(
                condition=Q(("due_rule", ""), _negated=True), name="contactmessage_due_says_its_rule"
            ),
        ),
        migrations.AddConstraint(
            "contactmessage",
            models.CheckConstraint(
                condition=Q(("met_at", None), ("next_reminder_on", None), _connector="OR"),
                name="contactmessage_met_due_is_not_reminded",
            ),
        ),
    ]
