import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import portal.ids
import portal.vault


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
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
                ("storage_key", models.CharField(editable=False, max_length=80, unique=True)),
                ("wrapped_key", models.BinaryField()),
                ("size", models.BigIntegerField(help_text="bytes sin cifrar")),
                ("sha256", models.CharField(help_text="de los bytes sin cifrar", max_length=64)),
                ("original_name", models.CharField(max_length=255)),
                ("display_name", models.CharField(max_length=255)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("xml", "XML"),
                            ("pdf", "PDF"),
                            ("jpeg", "JPG"),
                            ("csv", "CSV"),
                            ("txt", "TXT"),
                            ("xlsx", "Excel"),
                        ],
                        max_length=8,
                    ),
                ),
                ("content_type", models.CharField(max_length=80)),
                ("purpose", models.SlugField(max_length=60)),
                ("check_path", models.CharField(blank=True, default="", max_length=120)),
                (
                    "check_context",
                    portal.vault.EncryptedTextField(
                        blank=True, default="", help_text="JSON, solo mientras espera revisión"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("pending", "Pendiente de revisión"),
                            ("accepted", "Aceptado"),
                            ("review", "Por revisar"),
                            ("rejected", "Rechazado"),
                        ],
                        max_length=10,
                    ),
                ),
                ("findings", models.JSONField(blank=True, default=list)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("pages", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                (
                    "party",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PageImage",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("storage_key", models.CharField(editable=False, max_length=80, unique=True)),
                ("wrapped_key", models.BinaryField()),
                ("size", models.BigIntegerField(help_text="bytes sin cifrar")),
                ("sha256", models.CharField(help_text="de los bytes sin cifrar", max_length=64)),
                ("number", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="page_images", to="papers.storedfile"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListExport",
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
                ("listing", models.CharField(max_length=60, verbose_name="lista")),
                ("title", models.CharField(max_length=120)),
                ("file", models.CharField(max_length=4)),
                (
                    "asked",
                    portal.vault.EncryptedTextField(blank=True, default="", help_text="los parámetros de la dirección"),
                ),
                ("parts", models.JSONField(blank=True, default=dict)),
                ("rows", models.PositiveIntegerField(null=True, verbose_name="renglones, desde que se empieza")),
                ("made_rows", models.PositiveIntegerField(default=0, verbose_name="renglones ya escritos")),
                ("asked_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(null=True)),
                ("keep_until", models.DateField(null=True)),
                ("refused", models.CharField(blank=True, default="", max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "made",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.storedfile"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IssuedDocument",
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
                ("kind", models.SlugField(max_length=60)),
                ("template", models.CharField(max_length=120)),
                ("folio", models.CharField(blank=True, default="", max_length=40)),
                ("context", models.JSONField()),
                ("context_sha256", models.CharField(max_length=64)),
                ("code", models.CharField(max_length=19, unique=True)),
                ("issued_at", models.DateTimeField()),
                ("pdf_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("voided_at", models.DateTimeField(null=True)),
                ("void_reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pdf",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="issued_as",
                        to="papers.storedfile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DraftFile",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("storage_key", models.CharField(editable=False, max_length=80, unique=True)),
                ("wrapped_key", models.BinaryField()),
                ("size", models.BigIntegerField(help_text="bytes sin cifrar")),
                ("sha256", models.CharField(help_text="de los bytes sin cifrar", max_length=64)),
                ("form", models.SlugField(max_length=40, verbose_name="formulario")),
                ("original_name", models.CharField(max_length=255)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("xml", "XML"),
                            ("pdf", "PDF"),
                            ("jpeg", "JPG"),
                            ("csv", "CSV"),
                            ("txt", "TXT"),
                            ("xlsx", "Excel"),
                        ],
                        max_length=8,
                    ),
                ),
                ("kept_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kept_at"], name="draft_file_kept")],
                "constraints": [models.UniqueConstraint(fields=("by", "form"), name="one_draft_file_per_form")],
            },
        ),
        migrations.AddIndex(
            model_name="storedfile",
            index=models.Index(condition=models.Q(("done_at", None)), fields=["id"], name="file_waiting"),
        ),
        migrations.AddIndex(
            model_name="storedfile",
            index=models.Index(fields=["uploaded_by", "created_at"], name="file_quota"),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["pending", "accepted", "review", "rejected"])),
                name="file_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="file_not_empty"),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(condition=models.Q(("size__lte", 52428800)), name="file_at_most_50_mb"),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="file_sha256_is_hex"
            ),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("storage_key__regex", "^[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}$")),
                name="file_key_is_random",
            ),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict", "pending"), ("done_at__isnull", False), _connector="OR"),
                name="file_examined_is_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("verdict", "rejected"), _negated=True),
                fields=("party", "purpose", "sha256"),
                name="one_copy_per_party_and_purpose",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="pageimage",
            constraint=models.UniqueConstraint(fields=("file", "number"), name="one_image_per_page"),
        ),
        migrations.AddConstraint(
            model_name="pageimage",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="page_numbers_from_one"),
        ),
        migrations.AddIndex(
            model_name="listexport",
            index=models.Index(condition=models.Q(("done_at", None)), fields=["id"], name="export_waiting"),
        ),
        migrations.AddIndex(
            model_name="listexport",
            index=models.Index(fields=["by", "-id"], name="export_of_person"),
        ),
        migrations.AddIndex(
            model_name="listexport",
            index=models.Index(condition=models.Q(("made__isnull", False)), fields=["keep_until"], name="export_kept"),
        ),
        migrations.AddConstraint(
            model_name="listexport",
            constraint=models.CheckConstraint(
                condition=models.Q(("file__in", ["csv", "xlsx", "pdf"])), name="export_file_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="listexport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("keep_until", None), ("made", None), ("made_at", None)),
                    models.Q(
                        ("done_at__isnull", False),
                        ("keep_until__isnull", False),
                        ("made_at__isnull", False),
                        ("refused", ""),
                    ),
                    _connector="OR",
                ),
                name="export_is_made_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="issueddocument",
            index=models.Index(condition=models.Q(("done_at", None)), fields=["id"], name="document_waiting"),
        ),
        migrations.AddIndex(
            model_name="issueddocument",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                ),
                name="document_folio_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="issueddocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$")),
                name="document_code_shape",
            ),
        ),
        migrations.AddConstraint(
            model_name="issueddocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("context_sha256__regex", "^[0-9a-f]{64}$")), name="document_context_sha256_is_hex"
            ),
        ),
        migrations.AddConstraint(
            model_name="issueddocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("pdf", None), ("pdf_sha256", "")),
                    models.Q(
                        ("done_at__isnull", False), ("pdf__isnull", False), ("pdf_sha256__regex", "^[0-9a-f]{64}$")
                    ),
                    _connector="OR",
                ),
                name="document_rendered_at_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="issueddocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("void_reason", ""), ("voided_at", None), ("voided_by", None)),
                    models.Q(("voided_at__isnull", False), models.Q(("void_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="document_voided_at_once",
            ),
        ),
    ]
