import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import portal.ids
import portal.listing.search


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactMessage",
            fields=[
                ("anchor", models.DateField()),
                ("due_on", models.DateField()),
                ("rolled_on", models.DateField()),
                ("due_rule", models.CharField(max_length=200)),
                ("met_at", models.DateTimeField(blank=True, null=True)),
                ("next_reminder_on", models.DateField(blank=True, null=True)),
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("folio", models.CharField(max_length=24, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                ("kind", models.CharField(max_length=16)),
                ("subject_folio", models.CharField(blank=True, default="", max_length=40)),
                ("body", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Por responder"), ("answered", "Respondido")], default="open", max_length=16
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True, default="")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
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
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                        ),
                        name="contact_folio_begins",
                    ),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("subject_folio"), name="text_pattern_ops"
                        ),
                        name="contact_subject_begins",
                    ),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("email"), name="text_pattern_ops"
                        ),
                        name="contact_email_begins",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        portal.listing.search.Words("name"), name="contact_name_words"
                    ),
                    models.Index(fields=["-created_at", "-id"], name="contact_newest"),
                    models.Index(condition=models.Q(("state", "open")), fields=["due_on"], name="contact_waiting"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("anchor")), ("rolled_on__gte", models.F("due_on"))),
                        name="contactmessage_due_after_its_anchor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_rule", ""), _negated=True), name="contactmessage_due_says_its_rule"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("met_at", None), ("next_reminder_on", None), _connector="OR"),
                        name="contactmessage_met_due_is_not_reminded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "answered"])), name="contact_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_by", None), ("met_at", None), ("state", "open")),
                            models.Q(
                                ("answered_by__isnull", False),
                                ("met_at__isnull", False),
                                ("state", "answered"),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="contact_answer_who_and_when_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("body", ""), _negated=True),
                            models.Q(("email", ""), _negated=True),
                            models.Q(("name", ""), _negated=True),
                        ),
                        name="contact_fields_all_required",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_by", None),
                            ("user", None),
                            models.Q(("answered_by", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="contact_answered_by_another",
                    ),
                ],
            },
        ),
    ]
