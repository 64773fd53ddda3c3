import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import portal.ids
import portal.treasury.rules.outbound
import portal.vault


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("imports", "0001_initial"),
        ("papers", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CollectionAccount",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("code", models.SlugField(max_length=32, unique=True)),
                ("label", models.CharField(max_length=120)),
                ("currency", models.CharField(choices=[("MXN", "MXN"), ("CLP", "CLP")], max_length=3)),
                (
                    "formats",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), size=None),
                ),
                ("ledger", models.SlugField(max_length=32)),
                ("cleared", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="BankAccount",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("purpose", models.CharField(max_length=32)),
                ("clabe", portal.vault.EncryptedTextField()),
                ("clabe_index", models.CharField(db_index=True, max_length=64)),
                ("last4", models.CharField(max_length=4)),
                ("bank_code", models.CharField(max_length=3)),
                ("bank_name", models.CharField(blank=True, default="", max_length=80)),
                ("holder", models.CharField(max_length=254)),
                ("statement_on", models.DateField(blank=True, null=True)),
                ("findings", models.JSONField(blank=True, default=list)),
                ("names_rfc", models.BooleanField(default=False, verbose_name="el estado de cuenta trae el RFC")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("captured", "Falta que la envíes"),
                            ("in_review", "La está revisando una persona"),
                            ("validated", "Validada"),
                            ("rejected", "No quedó registrada"),
                            ("replaced", "Reemplazada"),
                            ("stopped", "Detuviste el cambio"),
                        ],
                        default=portal.treasury.rules.outbound.AccountState["CAPTURED"],
                        max_length=16,
                    ),
                ),
                ("reviews_needed", models.PositiveSmallIntegerField(default=1)),
                ("captured_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, default="")),
                ("usable_from", models.DateTimeField(blank=True, null=True)),
                ("hold_rule", models.CharField(blank=True, default="", max_length=200)),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "captured_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bank_accounts", to="people.party"
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="treasury.bankaccount",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.storedfile"
                    ),
                ),
                (
                    "submitted_by",
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
            name="AccountReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(choices=[("approved", "Aprobó"), ("rejected", "Rechazó")], max_length=16),
                ),
                ("reason", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                ("round", models.PositiveSmallIntegerField(default=1)),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="treasury.bankaccount"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AccountDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("leased_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("not_before", models.DateTimeField(blank=True, editable=False, null=True)),
                ("first_failed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("failures", models.PositiveIntegerField(default=0, editable=False)),
                ("last_error", models.CharField(blank=True, default="", editable=False, max_length=300)),
                ("done_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("parked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("at", models.DateTimeField(editable=False)),
                ("undone_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("refused", models.CharField(blank=True, default="", editable=False, max_length=300)),
                (
                    "decision",
                    models.CharField(choices=[("approved", "Aprobó"), ("rejected", "Rechazó")], max_length=16),
                ),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.bankaccount"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40)),
                ("currency", models.CharField(choices=[("MXN", "MXN"), ("CLP", "CLP")], max_length=3)),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger_accounts",
                        to="people.party",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerTransaction",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.SlugField(max_length=60)),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_id", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("on", models.DateField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="treasury.ledgertransaction",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("currency", models.CharField(choices=[("MXN", "MXN"), ("CLP", "CLP")], max_length=3)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="treasury.ledgeraccount",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="treasury.ledgertransaction",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("row", models.PositiveIntegerField()),
                ("on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("currency", models.CharField(choices=[("MXN", "MXN"), ("CLP", "CLP")], max_length=3)),
                ("text", models.TextField(blank=True, default="")),
                ("reference", models.CharField(blank=True, default="", max_length=200)),
                ("tracking", models.CharField(blank=True, default="", max_length=200)),
                ("identity", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Por asignar"),
                            ("matched", "Asignado"),
                            ("discarded", "Apartado"),
                            ("outgoing", "Dinero que salió"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("proposal", models.JSONField(blank=True, default=dict)),
                ("score", models.PositiveSmallIntegerField(default=0)),
                ("arrived_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="treasury.collectionaccount",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("matched", "Asignado"),
                            ("settled", "Liquidación de una red de cobro"),
                            ("discarded", "Apartado"),
                        ],
                        max_length=9,
                    ),
                ),
                ("result", models.CharField(blank=True, default="", max_length=16)),
                ("score", models.PositiveSmallIntegerField(default=0)),
                ("message", models.CharField(blank=True, default="", max_length=500)),
                ("comment", models.CharField(blank=True, default="", max_length=500)),
                ("fee", models.DecimalField(decimal_places=2, max_digits=16)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "settles",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.collectionaccount",
                    ),
                ),
                (
                    "movement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="treasury.movement"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MovementFile",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("credits", models.DecimalField(decimal_places=2, max_digits=16)),
                ("debits", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="treasury.collectionaccount",
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movement_file",
                        to="imports.importrun",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="movement",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="treasury.movementfile"
            ),
        ),
        migrations.CreateModel(
            name="MatchRun",
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
                ("asked_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matchings",
                        to="treasury.movementfile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentBatch",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("folio", models.CharField(blank=True, max_length=24, null=True, unique=True)),
                ("currency", models.CharField(choices=[("MXN", "MXN"), ("CLP", "CLP")], max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "Espera autorización"),
                            ("approved", "Autorizado y cerrado"),
                            ("exported", "Archivo generado"),
                            ("posted", "Respondido y contabilizado"),
                            ("cancelled", "Cancelado"),
                        ],
                        default=portal.treasury.rules.outbound.BatchState["PREPARED"],
                        max_length=16,
                    ),
                ),
                ("total", models.DecimalField(decimal_places=2, max_digits=16)),
                ("count", models.PositiveIntegerField()),
                ("approvals_needed", models.PositiveSmallIntegerField()),
                ("limit_rule", models.CharField(max_length=200)),
                ("prepared_at", models.DateTimeField()),
                ("locked_at", models.DateTimeField(blank=True, null=True)),
                ("posted_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancel_reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "payment batches",
            },
        ),
        migrations.CreateModel(
            name="BatchBarred",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="barred", to="treasury.paymentbatch"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BatchApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="treasury.paymentbatch",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BankResult",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("told", models.JSONField(default=list)),
                ("sums", models.JSONField()),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bank_result", to="imports.importrun"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="results", to="treasury.paymentbatch"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BankFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("sha256", models.CharField(max_length=64)),
                ("exported_at", models.DateTimeField()),
                ("downloads", models.PositiveIntegerField(default=0)),
                ("downloaded_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "downloaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "exported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.storedfile"
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bank_file",
                        to="treasury.paymentbatch",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("clabe", portal.vault.EncryptedTextField()),
                ("clabe_index", models.CharField(max_length=64)),
                ("last4", models.CharField(max_length=4)),
                ("bank_name", models.CharField(blank=True, default="", max_length=80)),
                ("holder", models.CharField(max_length=254)),
                ("rfc", models.CharField(blank=True, default="", max_length=13)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("currency", models.CharField(choices=[("MXN", "MXN"), ("CLP", "CLP")], max_length=3)),
                ("tracking", models.CharField(max_length=30, unique=True)),
                ("numeric_reference", models.CharField(max_length=7)),
                ("concept", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Sin respuesta"),
                            ("paid", "Pagada"),
                            ("rejected", "Rechazada"),
                            ("returned", "Devuelta después de pagada"),
                            ("withdrawn", "Salió del lote"),
                        ],
                        default=portal.treasury.rules.outbound.TransferState["PENDING"],
                        max_length=16,
                    ),
                ),
                ("paid_on", models.DateField(blank=True, null=True)),
                ("returned_on", models.DateField(blank=True, null=True)),
                ("bank_reference", models.CharField(blank=True, default="", max_length=40)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="transfers", to="treasury.bankaccount"
                    ),
                ),
                (
                    "advice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.issueddocument",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="treasury.paymentbatch",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="transfers", to="people.party"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Payable",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("purpose", models.CharField(max_length=32)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("currency", models.CharField(choices=[("MXN", "MXN"), ("CLP", "CLP")], max_length=3)),
                ("kind", models.SlugField(max_length=40)),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_id", models.CharField(max_length=64)),
                ("reference", models.CharField(max_length=60)),
                ("liability", models.SlugField(max_length=40)),
                ("due_on", models.DateField()),
                ("due_rule", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Por pagar"),
                            ("scheduled", "En un lote"),
                            ("paid", "Pagado"),
                            ("rejected", "El banco lo rechazó"),
                            ("cancelled", "Cancelado"),
                        ],
                        default=portal.treasury.rules.outbound.PayableState["OPEN"],
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                ("opened_at", models.DateTimeField()),
                ("waiting_since", models.DateTimeField()),
                ("paid_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
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
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payables", to="people.party"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payables",
                        to="treasury.transfer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TransferItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("live", models.BooleanField(default=True)),
                (
                    "payable",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="treasury.payable"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="treasury.transfer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AllocationShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=32)),
                ("key", models.CharField(max_length=64)),
                ("liability", models.SlugField(max_length=32)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "allocation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shares", to="treasury.allocation"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "key"], name="share_by_target")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="share_positive"),
                    models.UniqueConstraint(fields=("allocation", "kind", "key"), name="one_share_per_target"),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "validated")), fields=("party", "purpose"), name="one_validated_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("returned_at", None), ("state__in", ["captured", "in_review"])),
                fields=("party", "purpose"),
                name="one_account_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["rejected", "stopped"]), _negated=True),
                fields=("replaces",),
                name="one_change_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("submitted_at", None), ("submitted_by", None)),
                    models.Q(("submitted_at__isnull", False), ("submitted_by__isnull", False)),
                    _connector="OR",
                ),
                name="account_submitted_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "validated"), _negated=True),
                    models.Q(("decided_at__isnull", False), ("usable_from__isnull", False)),
                    _connector="OR",
                ),
                name="validated_account_has_usable_from",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "rejected"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="rejected_account_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["captured", "in_review", "validated", "rejected", "replaced", "stopped"])
                ),
                name="account_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("replaces", None), ("reviews_needed__gte", 2), _connector="OR"),
                name="change_needs_two_reviews",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("usable_from", None), ("usable_from__gte", models.F("decided_at")), _connector="OR"
                ),
                name="usable_after_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "stopped"), _negated=True),
                    models.Q(("replaced_at__isnull", False), ("usable_from", None)),
                    _connector="OR",
                ),
                name="stopped_account_was_never_usable",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("returned_at", None), ("round", 1)),
                    models.Q(("returned_at__isnull", False), ("round__gte", 2)),
                    _connector="OR",
                ),
                name="account_round_begins_with_a_return",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountreview",
            constraint=models.UniqueConstraint(fields=("account", "reviewer", "round"), name="one_review_per_reviewer"),
        ),
        migrations.AddConstraint(
            model_name="accountreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision", "approved"), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="review_rejects_with_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="accountdecision",
            index=models.Index(
                condition=models.Q(("done_at", None)), fields=["by", "not_before"], name="account_decision_waits"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountdecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None)), fields=("account",), name="one_open_decision_per_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision", "approved"), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="account_decision_rejects_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("done_at__isnull", False), models.Q(("refused", ""), ("undone_at", None)), _connector="OR"
                ),
                name="ended_account_decision_is_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgeraccount",
            constraint=models.UniqueConstraint(
                fields=("code", "currency", "party"), name="one_ledger_account", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgertransaction",
            constraint=models.UniqueConstraint(
                fields=("kind", "subject_type", "subject_id"), name="one_entry_per_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgertransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("reverses", models.F("id")), _negated=True), name="entry_does_not_reverse_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="ledger_line_not_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("currency", "CLP"), _negated=True),
                    (
                        "amount",
                        models.Func(
                            models.F("amount"),
                            function="TRUNC",
                            output_field=models.DecimalField(decimal_places=2, max_digits=16),
                        ),
                    ),
                    _connector="OR",
                ),
                name="ledger_line_clp_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)), fields=("movement",), name="one_live_allocation_per_movement"
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("act__in", ["matched", "settled", "discarded"])), name="allocation_act_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act", "discarded"), _negated=True),
                    models.Q(models.Q(("comment", ""), _negated=True), ("by__isnull", False)),
                    _connector="OR",
                ),
                name="allocation_discards_with_comment",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act", "settled"), ("fee__gte", 0), ("settles__isnull", False)),
                    models.Q(models.Q(("act", "settled"), _negated=True), ("fee", 0), ("settles", None)),
                    _connector="OR",
                ),
                name="allocation_settles_one_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undone_at", None), ("undone_by", None)),
                    models.Q(("undone_at__gte", models.F("at")), ("undone_by__isnull", False)),
                    _connector="OR",
                ),
                name="allocation_undone_who_and_when",
            ),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["state", "on", "id"], name="movement_by_state"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["account", "on"], name="movement_by_day"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("tracking"), name="text_pattern_ops"
                ),
                name="movement_tracking",
            ),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("reference"), name="text_pattern_ops"
                ),
                name="movement_reference",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "matched", "discarded", "outgoing"])),
                name="movement_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="movement_not_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__lt", 0), ("state", "outgoing")),
                    models.Q(models.Q(("state", "outgoing"), _negated=True), ("amount__gt", 0)),
                    _connector="OR",
                ),
                name="movement_out_is_only_noted",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.UniqueConstraint(fields=("account", "identity"), name="one_movement_per_identity"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("currency", "CLP"), _negated=True),
                    (
                        "amount",
                        models.Func(
                            models.F("amount"),
                            function="TRUNC",
                            output_field=models.DecimalField(decimal_places=2, max_digits=16),
                        ),
                    ),
                    _connector="OR",
                ),
                name="movement_clp_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="matchrun",
            index=models.Index(condition=models.Q(("done_at", None)), fields=["id"], name="match_run_waiting"),
        ),
        migrations.AddIndex(
            model_name="paymentbatch",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                ),
                name="batch_folio_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["prepared", "approved", "exported", "posted", "cancelled"])),
                name="batch_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("folio", None), ("locked_at", None)),
                    models.Q(("folio__isnull", False), ("locked_at__isnull", False)),
                    _connector="OR",
                ),
                name="batch_folio_at_lock",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("locked_at", None), ("state", "prepared")),
                    models.Q(("locked_at__isnull", False), ("state__in", ["approved", "exported", "posted"])),
                    ("state", "cancelled"),
                    _connector="OR",
                ),
                name="batch_locked_by_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at", None), ("cancelled_by", None)),
                    models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                    _connector="OR",
                ),
                name="batch_cancelled_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cancelled_at__isnull", False),
                        ("state", "cancelled"),
                        models.Q(("cancel_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "cancelled"), _negated=True), ("cancel_reason", ""), ("cancelled_at", None)
                    ),
                    _connector="OR",
                ),
                name="batch_cancelled_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("posted_at__isnull", False), ("state", "posted")),
                    models.Q(models.Q(("state", "posted"), _negated=True), ("posted_at", None)),
                    _connector="OR",
                ),
                name="batch_posted_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("total__gt", 0), ("state", "cancelled"), _connector="OR"),
                name="batch_total_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("currency", "CLP"), _negated=True),
                    (
                        "total",
                        models.Func(
                            models.F("total"),
                            function="TRUNC",
                            output_field=models.DecimalField(decimal_places=2, max_digits=16),
                        ),
                    ),
                    _connector="OR",
                ),
                name="batch_clp_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("approvals_needed__gte", 1)), name="batch_needs_approval"
            ),
        ),
        migrations.AddConstraint(
            model_name="batchbarred",
            constraint=models.UniqueConstraint(fields=("batch", "user"), name="one_bar_per_person"),
        ),
        migrations.AddConstraint(
            model_name="batchapproval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at", None)), fields=("batch", "approver"), name="one_approval_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="bankfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("downloaded_at", None), ("downloaded_by", None), ("downloads", 0)),
                    models.Q(("downloaded_at__isnull", False), ("downloaded_by__isnull", False), ("downloads__gt", 0)),
                    _connector="OR",
                ),
                name="bank_file_downloaded_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sent_by", None), models.Q(("downloads__gt", 0), ("sent_at__isnull", False)), _connector="OR"
                ),
                name="bank_file_sent_after_download",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "withdrawn"), _negated=True),
                fields=("batch", "account"),
                name="one_transfer_per_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(fields=("batch", "number"), name="one_transfer_per_number"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="transfer_positive"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("currency", "CLP"), _negated=True),
                    (
                        "amount",
                        models.Func(
                            models.F("amount"),
                            function="TRUNC",
                            output_field=models.DecimalField(decimal_places=2, max_digits=16),
                        ),
                    ),
                    _connector="OR",
                ),
                name="transfer_clp_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_on__isnull", False), ("state__in", ["paid", "returned"])),
                    models.Q(models.Q(("state__in", ["paid", "returned"]), _negated=True), ("paid_on", None)),
                    _connector="OR",
                ),
                name="transfer_paid_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("returned_on__gte", models.F("paid_on")), ("returned_on__isnull", False), ("state", "returned")
                    ),
                    models.Q(models.Q(("state", "returned"), _negated=True), ("returned_on", None)),
                    _connector="OR",
                ),
                name="transfer_returned_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["rejected", "returned"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="transfer_rejected_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "paid", "rejected", "returned", "withdrawn"])),
                name="transfer_state_known",
            ),
        ),
        migrations.AddIndex(
            model_name="payable",
            index=models.Index(fields=["state", "due_on"], name="payable_state_due"),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.UniqueConstraint(
                fields=("kind", "subject_type", "subject_id"), name="one_payable_per_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payable_positive"),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("currency", "CLP"), _negated=True),
                    (
                        "amount",
                        models.Func(
                            models.F("amount"),
                            function="TRUNC",
                            output_field=models.DecimalField(decimal_places=2, max_digits=16),
                        ),
                    ),
                    _connector="OR",
                ),
                name="payable_clp_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_rule", ""), _negated=True), name="payable_due_says_its_rule"
            ),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "scheduled", "paid", "rejected", "cancelled"])),
                name="payable_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["scheduled", "paid"]), ("transfer__isnull", False)),
                    models.Q(("state__in", ["open", "rejected", "cancelled"]), ("transfer", None)),
                    _connector="OR",
                ),
                name="payable_scheduled_with_transfer",
            ),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_at__isnull", False), ("state", "paid")),
                    models.Q(models.Q(("state", "paid"), _negated=True), ("paid_at", None)),
                    _connector="OR",
                ),
                name="payable_paid_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cancelled_at__isnull", False), ("state", "cancelled"), models.Q(("reason", ""), _negated=True)
                    ),
                    models.Q(
                        models.Q(("state", "cancelled"), _negated=True), ("cancelled_at", None), ("cancelled_by", None)
                    ),
                    _connector="OR",
                ),
                name="payable_cancelled_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("live", True)), fields=("payable",), name="one_live_transfer_per_payable"
            ),
        ),
        migrations.AddConstraint(
            model_name="transferitem",
            constraint=models.UniqueConstraint(fields=("transfer", "payable"), name="one_item_per_payable"),
        ),
        migrations.AddConstraint(
            model_name="transferitem",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="transfer_item_positive"),
        ),
    ]
