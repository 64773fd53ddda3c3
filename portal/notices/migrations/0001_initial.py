import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("papers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyDigest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="daily_digest",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
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
                ("address", models.EmailField(blank=True, default="", max_length=254)),
                ("kind", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=200)),
                ("title", models.CharField(max_length=200)),
                ("body", models.TextField()),
                ("sealed", models.TextField(blank=True, default="")),
                ("action_label", models.CharField(blank=True, default="", max_length=60)),
                ("action_url", models.CharField(blank=True, default="", max_length=500)),
                ("in_inbox", models.BooleanField(default=True)),
                ("by_mail", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("in_digest", models.BooleanField(default=False)),
                ("digested_at", models.DateTimeField(blank=True, null=True)),
                (
                    "mailed_to",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254), blank=True, default=list, size=None
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-created_at"], name="notice_inbox"),
                    models.Index(
                        condition=models.Q(("in_inbox", True), ("read_at", None)), fields=["user"], name="notice_unread"
                    ),
                    models.Index(
                        condition=models.Q(("done_at", None), ("parked_at", None)), fields=["id"], name="notice_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("digested_at", None), ("in_digest", True)),
                        fields=["user"],
                        name="notice_to_digest",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", False)), fields=("user", "key"), name="one_notice_per_key"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("user", None)),
                        fields=("address", "key"),
                        name="one_notice_per_address_and_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("address", ""), ("user__isnull", False)),
                            models.Q(("user", None), models.Q(("address", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="notice_has_one_reader",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done_at", None), ("sealed", ""), _connector="OR"),
                        name="secret_leaves_with_the_mail",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("digested_at", None), ("in_digest", False)),
                            models.Q(("by_mail", False), ("in_digest", True)),
                            _connector="OR",
                        ),
                        name="notice_mailed_alone_or_with_the_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Enclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.issueddocument",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.storedfile",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="enclosures", to="notices.notice"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("document", None), ("file__isnull", False)),
                            models.Q(("document__isnull", False), ("file", None)),
                            _connector="OR",
                        ),
                        name="enclosure_is_one_paper",
                    ),
                    models.UniqueConstraint(fields=("notice", "document"), name="one_enclosure_per_document"),
                    models.UniqueConstraint(fields=("notice", "file"), name="one_enclosure_per_file"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SentMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sender", models.CharField(max_length=254)),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=254), size=None),
                ),
                ("subject", models.CharField(max_length=300)),
                ("text", models.TextField()),
                ("html", models.TextField(blank=True, default="")),
                ("sent_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["-sent_at"], name="mail_newest_first")],
            },
        ),
        migrations.CreateModel(
            name="MailPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=64)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "kind"), name="one_preference_per_kind")],
            },
        ),
    ]
