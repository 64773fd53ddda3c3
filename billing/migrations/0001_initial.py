import django.contrib.postgres.constraints
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import portal.ids
import portal.listing.search


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("fiscal", "0001_initial"),
        ("imports", "0001_initial"),
        ("papers", "0001_initial"),
        ("people", "0001_initial"),
        ("treasury", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CareOrder",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("digital", "Orden digital")], default="digital", max_length=16)),
                ("account", models.CharField(max_length=30, verbose_name="cuenta")),
                ("physician_rfc", models.CharField(max_length=13)),
                ("patient", models.CharField(max_length=200, verbose_name="paciente")),
                ("service_on", models.DateField(verbose_name="fecha de atención")),
                ("concept", models.CharField(blank=True, default="", max_length=200, verbose_name="concepto")),
                ("fee", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="honorario")),
                ("coaseguro", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="coaseguro")),
                ("payable", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="importe a pagar")),
                ("currency", models.CharField(default="MXN", max_length=3)),
                ("authorised_by", models.CharField(max_length=200)),
                ("signed_by_insured", models.BooleanField()),
                ("signed_by_physician", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("available", "Por facturar"),
                            ("invoiced", "Facturada"),
                            ("settled", "Pagada"),
                            ("withdrawn", "Retirada por la aseguradora"),
                        ],
                        default="available",
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "insurer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass("physician_rfc", name="text_pattern_ops"),
                        models.F("created_at"),
                        models.F("id"),
                        name="order_of_physician",
                    ),
                    models.Index(
                        condition=models.Q(("state", "available")),
                        fields=["physician_rfc", "insurer", "service_on", "id"],
                        name="order_to_invoice",
                    ),
                    models.Index(fields=["created_at", "id"], name="order_newest"),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("account"), name="text_pattern_ops"
                        ),
                        name="order_account_begins",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        portal.listing.search.Words("patient"), name="order_patient_words"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("insurer", "account"), name="one_order_per_insurer_and_account"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "fee",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("coaseguro"), "+", models.F("payable")
                                ),
                            )
                        ),
                        name="fee_is_coaseguro_plus_payable",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payable__gt", 0), ("coaseguro__gte", 0)), name="order_amounts_are_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency", "MXN")), name="order_whole_clp_is_not_billed_here"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["available", "invoiced", "settled", "withdrawn"])),
                        name="order_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Complement",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("in_review", "En revisión"),
                            ("accepted", "Aceptado"),
                            ("rejected", "Rechazado"),
                            ("withdrawn", "Lo quitaste"),
                            ("to_cancel", "Por cancelar en el SAT"),
                            ("cancelled", "Cancelado en el SAT"),
                        ],
                        max_length=12,
                    ),
                ),
                ("uuid", models.CharField(max_length=36)),
                ("findings", models.JSONField(default=list)),
                ("facts", models.JSONField(default=dict)),
                ("handed_in_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handed_in_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="complements", to="people.party"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="complements", to="treasury.transfer"
                    ),
                ),
                (
                    "xml",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.storedfile"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["uuid"], name="complement_by_uuid")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["in_review", "accepted", "rejected", "withdrawn", "to_cancel", "cancelled"],
                            )
                        ),
                        name="complement_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None)),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="complement_decision_has_who_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["in_review", "accepted", "withdrawn"]),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("state__in", ["rejected", "cancelled"]),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(("state", "to_cancel"), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="complement_refused_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComplementDecision",
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
                ("accept", models.BooleanField()),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
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
                    "complement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.complement"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["by", "not_before"],
                        name="complement_decision_waits",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)),
                        fields=("complement",),
                        name="one_open_decision_per_complement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("accept", True), models.Q(("reason", ""), _negated=True), _connector="OR"),
                        name="complement_decision_rejects_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_at__isnull", False), models.Q(("refused", ""), ("undone_at", None)), _connector="OR"
                        ),
                        name="ended_complement_decision_is_done",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComplementDue",
            fields=[
                ("anchor", models.DateField()),
                ("due_on", models.DateField()),
                ("rolled_on", models.DateField()),
                ("due_rule", models.CharField(max_length=200)),
                ("met_at", models.DateTimeField(blank=True, null=True)),
                ("next_reminder_on", models.DateField(blank=True, null=True)),
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("met_at", None)), fields=["next_reminder_on"], name="complement_to_remind"
                    ),
                    models.Index(
                        condition=models.Q(("met_at", None)), fields=["due_on"], name="complement_due_waiting"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("anchor")), ("rolled_on__gte", models.F("due_on"))),
                        name="complementdue_due_after_its_anchor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_rule", ""), _negated=True), name="complementdue_due_says_its_rule"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("met_at", None), ("next_reminder_on", None), _connector="OR"),
                        name="complementdue_met_due_is_not_reminded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), models.Q(("met_at", None), ("next_reminder_on", None)), _connector="OR"
                        ),
                        name="ended_complement_due_asks_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("folio", models.CharField(blank=True, default="", max_length=24)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Borrador"),
                            ("submitted", "En revisión"),
                            ("returned", "Te la devolvimos para corregir"),
                            ("accepted", "Aceptada"),
                            ("rejected", "Rechazada"),
                            ("cancelled", "Cancelada en el SAT"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "payment_state",
                    models.CharField(
                        choices=[
                            ("none", "Sin pago todavía"),
                            ("payable", "Por pagar"),
                            ("scheduled", "Pago programado"),
                            ("paid", "Pagada"),
                            ("complement_due", "Pagada: falta el complemento"),
                            ("closed", "Cerrada"),
                        ],
                        default="none",
                        max_length=16,
                    ),
                ),
                ("currency", models.CharField(default="MXN", max_length=3)),
                ("base", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="importe a facturar")),
                ("withheld_isr", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="ISR retenido")),
                (
                    "withheld_local",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="impuesto local retenido"),
                ),
                ("total", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="total")),
                ("scheme", models.CharField(max_length=40)),
                ("explanation", models.JSONField(default=dict)),
                ("uuid", models.CharField(blank=True, default="", max_length=36, verbose_name="folio fiscal")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="fecha de la factura")),
                ("verdict", models.CharField(blank=True, default="", max_length=10)),
                ("findings", models.JSONField(default=list)),
                ("facts", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "review_due_on",
                    models.DateField(blank=True, null=True, verbose_name="respondemos a más tardar el"),
                ),
                ("review_due_rule", models.CharField(blank=True, default="", max_length=200)),
                ("clean", models.BooleanField(default=False, verbose_name="sin hallazgos al enviarla")),
                ("drawn", models.BooleanField(default=False, verbose_name="sorteada para abrirla")),
                ("files_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("paid_on", models.DateField(blank=True, null=True)),
                (
                    "complement_due",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice",
                        to="billing.complementdue",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "insurer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="people.party"
                    ),
                ),
                (
                    "pdf",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.storedfile",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.issueddocument",
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="treasury.transfer",
                    ),
                ),
                (
                    "xml",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.storedfile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["party", "-created_at", "-id"], name="invoice_of_party"),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                        ),
                        name="invoice_folio_begins",
                    ),
                    models.Index(
                        condition=models.Q(("uuid", ""), _negated=True), fields=["uuid"], name="invoice_by_uuid"
                    ),
                    models.Index(fields=["state", "submitted_at", "id"], name="invoice_queue"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("folio", ""), _negated=True),
                        fields=("folio",),
                        name="one_invoice_per_folio",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("base"), "-", models.F("withheld_isr")
                                    ),
                                    "-",
                                    models.F("withheld_local"),
                                ),
                            )
                        ),
                        name="total_is_base_minus_withheld",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency", "MXN")), name="invoice_whole_clp_is_not_billed_here"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "submitted", "returned", "accepted", "rejected", "cancelled"]),
                            ("payment_state__in", ["none", "payable", "scheduled", "paid", "complement_due", "closed"]),
                        ),
                        name="invoice_states_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"),
                            models.Q(
                                models.Q(("folio", ""), _negated=True),
                                ("submitted_at__isnull", False),
                                ("submitted_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="submitted_invoice_has_folio_who_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"),
                            models.Q(
                                ("review_due_on__isnull", False),
                                models.Q(("review_due_rule", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="sent_invoice_says_when_it_is_answered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payment_state", "none"), ("state", "accepted"), _connector="OR"),
                        name="only_accepted_invoices_are_paid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("payment_state__in", ["complement_due", "closed"]), _negated=True),
                            models.Q(("paid_on__isnull", False), ("complement_due__isnull", False)),
                            _connector="OR",
                        ),
                        name="paid_invoice_has_its_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComplementPayment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("balance_before", models.DecimalField(decimal_places=2, max_digits=16)),
                ("paid", models.DecimalField(decimal_places=2, max_digits=16)),
                ("balance_after", models.DecimalField(decimal_places=2, max_digits=16)),
                ("paid_on", models.DateField()),
                ("live", models.BooleanField(default=True)),
                (
                    "complement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="billing.complement"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.transfer"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complement_payments",
                        to="billing.invoice",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("live", True)),
                        fields=("transfer", "invoice"),
                        name="one_live_complement_per_transfer_and_invoice",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("live", True)),
                        fields=("invoice", "number"),
                        name="one_live_payment_per_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "balance_after",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("balance_before"), "-", models.F("paid")
                                ),
                            ),
                            ("balance_after__gte", 0),
                            ("paid__gt", 0),
                        ),
                        name="complement_balance_adds_up",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceDecision",
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
                    "outcome",
                    models.CharField(
                        choices=[
                            ("draft", "Borrador"),
                            ("submitted", "En revisión"),
                            ("returned", "Te la devolvimos para corregir"),
                            ("accepted", "Aceptada"),
                            ("rejected", "Rechazada"),
                            ("cancelled", "Cancelada en el SAT"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("note", models.TextField(blank=True, default="")),
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
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.invoice"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["by", "not_before"],
                        name="invoice_decision_waits",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)), fields=("invoice",), name="one_open_decision_per_invoice"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["accepted", "returned", "rejected"])),
                        name="invoice_decision_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_at__isnull", False), models.Q(("refused", ""), ("undone_at", None)), _connector="OR"
                        ),
                        name="ended_invoice_decision_is_done",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("live", models.BooleanField(default=True)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="billing.invoice"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="billing.careorder"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("live", True)), fields=("order",), name="one_live_line_per_order"
                    ),
                    models.UniqueConstraint(fields=("invoice", "order"), name="order_once_per_invoice"),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="line_amount_is_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceWithholding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("component", models.CharField(max_length=8)),
                ("rate", models.DecimalField(decimal_places=6, max_digits=8)),
                ("base", models.DecimalField(decimal_places=2, max_digits=16)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("rule_code", models.CharField(max_length=60)),
                ("rule_version", models.PositiveIntegerField()),
                ("rule_source", models.CharField(blank=True, default="", max_length=120)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="withholdings", to="billing.invoice"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("invoice", "component"), name="one_withholding_per_component"),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0), ("amount__lte", models.F("base"))),
                        name="withheld_within_base",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderDelivery",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("payable", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_delivery",
                        to="imports.importrun",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="careorder",
            name="delivery",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="billing.orderdelivery",
            ),
        ),
        migrations.CreateModel(
            name="PhysicianProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "regime",
                    models.CharField(
                        choices=[
                            ("612", "Persona física con actividad profesional (612)"),
                            ("626", "RESICO, régimen simplificado de confianza (626)"),
                        ],
                        max_length=3,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Otra entidad o no pago impuesto cedular"),
                            ("JAL", "Jalisco, con impuesto cedular"),
                        ],
                        default="",
                        max_length=3,
                    ),
                ),
                ("specialty", models.CharField(blank=True, default="", max_length=120)),
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="physician_profile", to="people.party"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("regime__in", ["612", "626"])), name="known_regime")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("draft", "Borrador"),
                            ("submitted", "En revisión"),
                            ("returned", "Te la devolvimos para corregir"),
                            ("accepted", "Aceptada"),
                            ("rejected", "Rechazada"),
                            ("cancelled", "Cancelada en el SAT"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("note", models.TextField(blank=True, default="")),
                ("seen", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="billing.invoice"
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SchemeAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("regime", models.CharField(max_length=3)),
                ("state", models.CharField(blank=True, default="", max_length=3)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scheme_assignments",
                        to="people.party",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="scheme_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StagedOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_id", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("sheet_row", models.PositiveIntegerField()),
                ("account", models.TextField()),
                ("physician_rfc", models.TextField()),
                ("patient", models.TextField()),
                ("service_on", models.DateField()),
                ("concept", models.TextField()),
                ("fee", models.DecimalField(decimal_places=2, max_digits=16)),
                ("coaseguro", models.DecimalField(decimal_places=2, max_digits=16)),
                ("payable", models.DecimalField(decimal_places=2, max_digits=16)),
                ("authorised_by", models.TextField()),
                ("signed_by_insured", models.BooleanField()),
                ("signed_by_physician", models.BooleanField()),
                ("authorised_key", models.TextField()),
                ("holds", models.BooleanField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run_id", "number"), name="staged_order_of_run")],
            },
        ),
        migrations.AddConstraint(
            model_name="complement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    models.Q(("decided_by", models.F("handed_in_by")), _negated=True),
                    _connector="OR",
                ),
                name="complement_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_on", None), ("transfer", None)),
                    models.Q(("paid_on__isnull", False), ("transfer__isnull", False)),
                    _connector="OR",
                ),
                name="invoice_transfer_and_day_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["returned", "accepted", "rejected", "cancelled"]), _negated=True),
                    ("decided_at__isnull", False),
                    _connector="OR",
                ),
                name="decided_invoice_has_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["", "accepted", "review", "rejected"])),
                name="invoice_verdict_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoicewithholding",
            constraint=models.CheckConstraint(
                condition=models.Q(("component__in", ["ISR", "LOCAL"])), name="withholding_component_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "accepted"), ("reasons", [])),
                    models.Q(("outcome__in", ["returned", "rejected"]), models.Q(("reasons", []), _negated=True)),
                    _connector="OR",
                ),
                name="review_decision_says_why_or_accepts",
            ),
        ),
        migrations.AddConstraint(
            model_name="schemeassignment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("party", "="),
                    (models.Func(models.F("valid_from"), models.F("valid_to"), function="daterange"), "&&"),
                ],
                name="schemes_of_a_physician_never_overlap",
            ),
        ),
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BundleFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("kind", models.CharField(blank=True, default="", max_length=8)),
                ("why", models.TextField(blank=True, default="")),
                ("findings", models.JSONField(default=list)),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "bundle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="billing.bundle"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="billing.invoice"
                    ),
                ),
                (
                    "kept",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.storedfile"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="bundle",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("party",), name="one_open_bundle_per_physician"
            ),
        ),
        migrations.AddConstraint(
            model_name="bundlefile",
            constraint=models.CheckConstraint(
                condition=models.Q(("removed_at", None), ("invoice", None), _connector="OR"),
                name="removed_bundle_file_is_a_stray",
            ),
        ),
        migrations.AddConstraint(
            model_name="bundlefile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("invoice__isnull", False), ("why", "")),
                    models.Q(("invoice", None), models.Q(("why", ""), _negated=True)),
                    _connector="OR",
                ),
                name="bundle_file_is_placed_or_says_why",
            ),
        ),
    ]
