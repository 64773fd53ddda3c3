from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import memberships.rules.card
import portal.ids
import portal.listing.search
import portal.vault


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("papers", "0001_initial"),
        ("people", "0001_initial"),
        ("treasury", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Charge",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("is_first", models.BooleanField(default=False)),
                ("period", models.DateField(blank=True, null=True)),
                ("due_on", models.DateField()),
                ("grace_ends_on", models.DateField(blank=True, null=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Por pagar"), ("settled", "Pagada"), ("written_off", "Ya no se cobra")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("settled_on", models.DateField(blank=True, null=True)),
                ("written_off_on", models.DateField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CardAttempt",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("folio", models.CharField(max_length=24, unique=True)),
                ("code", models.CharField(default=portal.ids.short_code, max_length=24, unique=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("started", "Sin terminar"),
                            ("challenged", "Tu banco pide confirmarlo"),
                            ("captured", "Pagado"),
                            ("declined", "Rechazado por el banco"),
                            ("timed_out", "Sin respuesta"),
                            ("refunded", "Devuelto a la tarjeta"),
                            ("charged_back", "Contracargo"),
                        ],
                        default="started",
                        max_length=12,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "insufficient_funds",
                                "La tarjeta no tiene saldo suficiente. Usa otra, o paga en tienda o banco.",
                            ),
                            ("expired_card", "La tarjeta ya venció. Usa otra."),
                            ("card_held", "El banco bloqueó la tarjeta. Llámale, o usa otra."),
                            ("wrong_data", "Un dato de la tarjeta no coincide. Revísalo e intenta otra vez."),
                            ("other", "El banco no dijo por qué. Llámale, o usa otra tarjeta."),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
                (
                    "started_by",
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
            name="CoveredPerson",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("given_name", models.CharField(max_length=80)),
                ("first_surname", models.CharField(max_length=80)),
                ("second_surname", models.CharField(blank=True, default="", max_length=80)),
                ("as_printed", models.CharField(max_length=254)),
                ("name_mark", models.CharField(blank=True, default="", max_length=254)),
                ("born_on", models.DateField()),
                (
                    "sex",
                    models.CharField(
                        choices=[("female", "Mujer"), ("male", "Hombre"), ("other", "No binario")], max_length=8
                    ),
                ),
                ("rfc", models.CharField(blank=True, default="", max_length=13)),
                ("curp", portal.vault.EncryptedTextField(blank=True, default="")),
                ("curp_index", models.CharField(blank=True, default="", max_length=64)),
                ("nss", portal.vault.EncryptedTextField(blank=True, default="")),
                ("nss_index", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField()),
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="covered_person", to="people.party"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Condition",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("code", portal.vault.EncryptedTextField()),
                ("code_index", models.CharField(max_length=64)),
                ("name", portal.vault.EncryptedTextField()),
                ("began_on", models.DateField()),
                ("registered_at", models.DateTimeField()),
                (
                    "registered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conditions",
                        to="memberships.coveredperson",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DuesPosting",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("dues_charged", "Se cargó"),
                            ("dues_settled", "Se pagó"),
                            ("dues_written_off", "Ya no se cobra"),
                        ],
                        max_length=20,
                    ),
                ),
                ("on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("reversed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="postings", to="memberships.charge"
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.ledgertransaction",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GatewayEvent",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("event_id", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("started", "Sin terminar"),
                            ("challenged", "Tu banco pide confirmarlo"),
                            ("captured", "Pagado"),
                            ("declined", "Rechazado por el banco"),
                            ("timed_out", "Sin respuesta"),
                            ("refunded", "Devuelto a la tarjeta"),
                            ("charged_back", "Contracargo"),
                            ("refund_declined", "No aceptó la devolución"),
                        ],
                        max_length=16,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("reason", models.CharField(blank=True, default="", max_length=20)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("applied", "Cambió el intento"),
                            ("nothing_new", "Ya se sabía"),
                            ("doubtful", "Una persona lo revisa"),
                        ],
                        max_length=12,
                    ),
                ),
                ("said_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="memberships.cardattempt"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GatewayDoubt",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("comment", models.CharField(blank=True, default="", max_length=300)),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="doubt", to="memberships.gatewayevent"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImssCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rights", models.BooleanField(blank=True, null=True)),
                (
                    "clinic",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right", "La más cercana a donde vivo"),
                            ("none", "No aparece ninguna"),
                            ("former", "La de un domicilio anterior"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("has_card", models.BooleanField(blank=True, null=True)),
                (
                    "ticked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), blank=True, default=list, size=None
                    ),
                ),
                ("updated_at", models.DateTimeField()),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imss_check",
                        to="memberships.coveredperson",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImssConstancia",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("uploaded_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.storedfile"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imss_constancias",
                        to="memberships.coveredperson",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImssSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=24, unique=True)),
                ("label", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[("link", "Página"), ("phone", "Teléfono"), ("mail", "Correo")], max_length=5
                    ),
                ),
                ("value", models.CharField(max_length=300)),
                ("checked_on", models.DateField(blank=True, null=True)),
                (
                    "updated_by",
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
            name="Membership",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("membership", "Membresía"), ("policy", "Póliza")], max_length=12)),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "Falta terminar la afiliación"),
                            ("awaiting_payment", "Espera el primer pago"),
                            ("active", "Vigente"),
                            ("suspended", "Suspendida"),
                            ("cancelled", "Cancelada"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "certificate_state",
                    models.CharField(
                        blank=True, choices=[("active", "Vigente en la póliza"), ("ended", "Terminado")], max_length=8
                    ),
                ),
                ("folio", models.CharField(blank=True, default="", max_length=24)),
                ("certificate_number", models.CharField(blank=True, default="", max_length=40)),
                ("email", models.EmailField(blank=True, default="", max_length=254)),
                ("phone", models.CharField(blank=True, default="", max_length=20)),
                ("street", models.CharField(blank=True, default="", max_length=120)),
                ("neighbourhood", models.CharField(blank=True, default="", max_length=80)),
                ("zip_code", models.CharField(blank=True, default="", max_length=5)),
                ("municipality", models.CharField(blank=True, default="", max_length=80)),
                ("region", models.CharField(blank=True, default="", max_length=40)),
                ("joined_on", models.DateField(blank=True, null=True)),
                ("cancel_asked_on", models.DateField(blank=True, null=True)),
                ("cancel_reason", models.CharField(blank=True, default="", max_length=300)),
                ("credit", models.DecimalField(decimal_places=2, default=0, max_digits=16)),
                ("owed", models.DecimalField(decimal_places=2, default=0, max_digits=16)),
                ("next_due_on", models.DateField(blank=True, null=True)),
                ("looks_again_on", models.DateField(blank=True, null=True)),
                ("draft_falls_on", models.DateField(blank=True, null=True)),
                ("draft_rule", models.CharField(blank=True, default="", max_length=120)),
                ("entered_as", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField()),
                (
                    "cancel_asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "titular",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="titular_of",
                        to="memberships.coveredperson",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kinship",
                    models.CharField(
                        choices=[
                            ("titular", "Titular"),
                            ("spouse", "Cónyuge"),
                            ("partner", "Pareja"),
                            ("parent", "Madre o padre"),
                            ("child", "Hija o hijo"),
                        ],
                        max_length=8,
                    ),
                ),
                ("since", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                (
                    "card",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.issueddocument",
                    ),
                ),
                (
                    "constancia",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.issueddocument",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stays",
                        to="memberships.coveredperson",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="memberships.membership"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DuesPayment",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("value_on", models.DateField()),
                (
                    "means",
                    models.CharField(
                        choices=[
                            ("store", "Tienda"),
                            ("bank", "Banco"),
                            ("card", "Tarjeta"),
                            ("desk", "Registrado por la mesa"),
                        ],
                        max_length=8,
                    ),
                ),
                ("source_type", models.CharField(max_length=60)),
                ("source_id", models.CharField(max_length=64)),
                ("received_at", models.DateTimeField()),
                ("taken_back_on", models.DateField(blank=True, null=True)),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                ("lost", models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=16)),
                ("kept", models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=16)),
                (
                    "receipt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="papers.issueddocument",
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="memberships.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DuesDue",
            fields=[
                ("anchor", models.DateField()),
                ("due_on", models.DateField()),
                ("rolled_on", models.DateField()),
                ("due_rule", models.CharField(max_length=200)),
                ("met_at", models.DateTimeField(blank=True, null=True)),
                ("next_reminder_on", models.DateField(blank=True, null=True)),
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dues_dates",
                        to="memberships.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Cover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="covers", to="memberships.membership"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="charge",
            name="membership",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="charges",
                to="memberships.membership",
            ),
        ),
        migrations.AddField(
            model_name="cardattempt",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="card_attempts", to="memberships.membership"
            ),
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("membership", "Membresía"), ("policy", "Póliza")], default="membership", max_length=12
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("policy_number", models.CharField(blank=True, default="", max_length=40)),
                ("benefits", models.TextField(blank=True, default="")),
                ("is_offered", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="people.party"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="membership",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="memberships.plan"
            ),
        ),
        migrations.CreateModel(
            name="PlanCoverage",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("major", "Gastos médicos mayores"), ("minor", "Gastos médicos menores")], max_length=8
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("condition-year", "Padecimiento y año"),
                            ("condition", "Padecimiento"),
                            ("person-year", "Persona y año"),
                        ],
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="coverages", to="memberships.plan"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MemberCoverage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="coverages", to="memberships.member"
                    ),
                ),
                (
                    "coverage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="memberships.plancoverage",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("set_at", models.DateTimeField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prices", to="memberships.plan"
                    ),
                ),
                (
                    "set_by",
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
            name="PolicyYear",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateField()),
                ("until", models.DateField()),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="years", to="memberships.plan"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CoverageTerms",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("deductible", models.DecimalField(decimal_places=2, max_digits=16)),
                ("coaseguro_rate", models.DecimalField(decimal_places=6, max_digits=8)),
                ("coaseguro_cap", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ("sum_insured", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ("set_at", models.DateTimeField()),
                (
                    "set_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "coverage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="memberships.plancoverage"
                    ),
                ),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="memberships.policyyear"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReferenceScheme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=32, unique=True)),
                ("label", models.CharField(max_length=80)),
                (
                    "means",
                    models.CharField(
                        choices=[
                            ("store", "Tienda"),
                            ("bank", "Banco"),
                            ("card", "Tarjeta"),
                            ("desk", "Registrado por la mesa"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "algorithm",
                    models.CharField(
                        choices=[
                            ("base10", "base10"),
                            ("paynet", "paynet"),
                            ("base97", "base97"),
                            ("base97-amount-date", "base97-amount-date"),
                        ],
                        max_length=24,
                    ),
                ),
                ("base_year", models.PositiveSmallIntegerField(default=2014)),
                ("amount_digit_sum", models.BooleanField(default=False)),
                ("constant", models.CharField(blank=True, default="", max_length=4)),
                ("letters", models.CharField(default="AJ BKS CLT DMU ENV FOW GPX HQY IRZ", max_length=40)),
                ("prefix", models.CharField(blank=True, default="", max_length=12)),
                ("agreement", models.CharField(blank=True, default="", max_length=20)),
                ("number_length", models.PositiveSmallIntegerField(default=10)),
                ("days_rule", models.CharField(max_length=40)),
                ("places", models.TextField()),
                ("seen", models.CharField(max_length=200)),
                ("in_use", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("means__in", ["store", "bank"])), name="scheme_means_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("algorithm__in", ["base10", "paynet", "base97", "base97-amount-date"])),
                        name="scheme_algorithm_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number_length__range", (8, 16))), name="scheme_number_has_its_length"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("card", "Tu credencial"),
                            ("imss", "Tus pasos en el IMSS"),
                            ("clinical", "Lo clínico"),
                        ],
                        max_length=8,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shares", to="memberships.member"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Slip",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("folio", models.CharField(max_length=24, unique=True)),
                ("code", models.CharField(default=portal.ids.short_code, max_length=24, unique=True)),
                ("reference", models.CharField(max_length=40)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("made_at", models.DateTimeField()),
                ("expires_on", models.DateField()),
                ("days_rule", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "Por pagar"),
                            ("expired", "Vencida"),
                            ("cancelled", "Cancelada"),
                            ("paid", "Pagada"),
                            ("paid_late", "Pagada después de su fecha"),
                            ("refunded", "Devuelta"),
                        ],
                        default="issued",
                        max_length=9,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="papers.issueddocument"
                    ),
                ),
                (
                    "made_by",
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
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rests",
                        to="memberships.slip",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slips",
                        to="memberships.referencescheme",
                    ),
                ),
            ],
        ),
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
                ("regained", models.DecimalField(decimal_places=2, default=0, max_digits=16)),
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
                    "wanted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
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
            ],
        ),
        migrations.CreateModel(
            name="SlipKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                (
                    "slip",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="memberships.slip"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SlipLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.DateField(blank=True, null=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("price", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slip_lines",
                        to="memberships.membership",
                    ),
                ),
                (
                    "slip",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="memberships.slip"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StandingChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("draft", "Falta terminar la afiliación"),
                            ("awaiting_payment", "Espera el primer pago"),
                            ("active", "Vigente"),
                            ("suspended", "Suspendida"),
                            ("cancelled", "Cancelada"),
                        ],
                        max_length=20,
                    ),
                ),
                ("noted_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="memberships.membership"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CardLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.DateField(blank=True, null=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="memberships.cardattempt"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="card_line_positive"),
                    models.UniqueConstraint(
                        fields=("attempt", "period"), name="one_card_line_per_month", nulls_distinct=False
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="coveredperson",
            index=models.Index(
                condition=models.Q(("curp_index", ""), _negated=True),
                fields=["curp_index"],
                name="covered_person_by_curp",
            ),
        ),
        migrations.AddIndex(
            model_name="coveredperson",
            index=models.Index(
                condition=models.Q(("nss_index", ""), _negated=True), fields=["nss_index"], name="covered_person_by_nss"
            ),
        ),
        migrations.AddIndex(
            model_name="coveredperson",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("rfc"), name="text_pattern_ops"
                ),
                name="covered_person_rfc_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="coveredperson",
            index=django.contrib.postgres.indexes.GinIndex(
                portal.listing.search.Words("as_printed"), name="covered_person_name_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="coveredperson",
            constraint=models.CheckConstraint(
                condition=models.Q(("sex__in", ["female", "male", "other"])), name="covered_person_sex_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="coveredperson",
            constraint=models.CheckConstraint(
                condition=models.Q(("curp_index", ""), ("curp_index__regex", "^[0-9a-f]{64}$"), _connector="OR"),
                name="covered_person_curp_index_is_a_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="coveredperson",
            constraint=models.CheckConstraint(
                condition=models.Q(("nss_index", ""), ("nss_index__regex", "^[0-9a-f]{64}$"), _connector="OR"),
                name="covered_person_nss_index_is_a_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="condition",
            constraint=models.CheckConstraint(
                condition=models.Q(("code_index__regex", "^[0-9a-f]{64}$")), name="condition_code_index_is_a_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="condition",
            constraint=models.UniqueConstraint(
                fields=("person", "code_index"), name="one_condition_per_person_and_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="duesposting",
            constraint=models.CheckConstraint(
                condition=models.Q(("act__in", ["dues_charged", "dues_settled", "dues_written_off"])),
                name="dues_posting_act_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="duesposting",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="dues_posting_positive"),
        ),
        migrations.AddConstraint(
            model_name="duesposting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reversed_at", None)), fields=("charge", "act"), name="one_live_posting_per_act"
            ),
        ),
        migrations.AddIndex(
            model_name="gatewayevent",
            index=models.Index(fields=["-received_at", "-id"], name="gateway_events_newest"),
        ),
        migrations.AddConstraint(
            model_name="gatewayevent",
            constraint=models.UniqueConstraint(fields=("event_id",), name="one_gateway_event_per_id"),
        ),
        migrations.AddConstraint(
            model_name="gatewayevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "started",
                            "challenged",
                            "captured",
                            "declined",
                            "timed_out",
                            "refunded",
                            "charged_back",
                            memberships.rules.card.RefundWord["DECLINED"],
                        ],
                    )
                ),
                name="gateway_event_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewayevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["applied", "nothing_new", "doubtful"])),
                name="gateway_event_outcome_known",
            ),
        ),
        migrations.AddIndex(
            model_name="gatewaydoubt",
            index=models.Index(condition=models.Q(("settled_at", None)), fields=["since"], name="gateway_doubts_open"),
        ),
        migrations.AddConstraint(
            model_name="gatewaydoubt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("comment", ""), ("settled_at", None), ("settled_by", None)),
                    models.Q(
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                        models.Q(("comment", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="settled_doubt_says_what_was_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="imsscheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("clinic__in", ["", "right", "none", "former"])), name="imss_clinic_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="imsscheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ticked__contained_by", ["identity", "birth", "address", "photos", "curp", "constancia"])
                ),
                name="imss_papers_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="imssconstancia",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_at", None)), fields=("person",), name="one_imss_constancia_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="imsssource",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["link", "phone", "mail"])), name="imss_source_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="imsssource",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["phone", "mail"]), ("value__startswith", "https://"), _connector="OR"),
                name="imss_link_is_secure",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("kinship__in", ["titular", "spouse", "partner", "parent", "child"])),
                name="member_kinship_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="member_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("kinship", "titular")),
                expressions=[
                    ("membership", "="),
                    (
                        models.Func(
                            models.F("since"),
                            models.F("until"),
                            function="daterange",
                            template="%(function)s(%(expressions)s)",
                        ),
                        "&&",
                    ),
                ],
                name="one_titular",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("membership", "="),
                    ("person", "="),
                    (
                        models.Func(
                            models.F("since"),
                            models.F("until"),
                            function="daterange",
                            template="%(function)s(%(expressions)s)",
                        ),
                        "&&",
                    ),
                ],
                name="member_stays_never_overlap",
            ),
        ),
        migrations.AddIndex(
            model_name="duespayment",
            index=models.Index(
                condition=models.Q(("taken_back_on", None)),
                fields=["value_on", "means"],
                name="dues_payments_that_stand",
            ),
        ),
        migrations.AddConstraint(
            model_name="duespayment",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="dues_payment_positive"),
        ),
        migrations.AddConstraint(
            model_name="duespayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("means__in", ["store", "bank", "card", "desk"])), name="dues_payment_means_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="duespayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_back_at", None), ("taken_back_on", None)),
                    models.Q(("taken_back_at__isnull", False), ("taken_back_on__gte", models.F("value_on"))),
                    _connector="OR",
                ),
                name="dues_payment_taken_back_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="duespayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lost", 0),
                    models.Q(("lost__gt", 0), ("lost__lte", models.F("amount")), ("taken_back_on__isnull", False)),
                    _connector="OR",
                ),
                name="dues_payment_lost_once_taken_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="duespayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kept", 0),
                    models.Q(
                        ("kept__gt", 0), ("kept__lt", models.F("amount")), ("lost", 0), ("taken_back_on__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="dues_payment_kept_once_taken_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="duespayment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_back_on", None)),
                fields=("membership", "source_type", "source_id"),
                name="one_live_payment_per_source",
            ),
        ),
        migrations.AddIndex(
            model_name="duesdue",
            index=models.Index(
                condition=models.Q(("met_at", None)), fields=["next_reminder_on"], name="dues_to_remind"
            ),
        ),
        migrations.AddConstraint(
            model_name="duesdue",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("anchor")), ("rolled_on__gte", models.F("due_on"))),
                name="duesdue_due_after_its_anchor",
            ),
        ),
        migrations.AddConstraint(
            model_name="duesdue",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_rule", ""), _negated=True), name="duesdue_due_says_its_rule"
            ),
        ),
        migrations.AddConstraint(
            model_name="duesdue",
            constraint=models.CheckConstraint(
                condition=models.Q(("met_at", None), ("next_reminder_on", None), _connector="OR"),
                name="duesdue_met_due_is_not_reminded",
            ),
        ),
        migrations.AddConstraint(
            model_name="duesdue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), models.Q(("met_at", None), ("next_reminder_on", None)), _connector="OR"
                ),
                name="ended_dues_date_asks_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="duesdue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("membership", "due_on"), name="one_dues_date_per_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gt", models.F("since")), _connector="OR"),
                name="cover_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("membership", "="),
                    (
                        models.Func(
                            models.F("since"),
                            models.F("until"),
                            function="daterange",
                            template="%(function)s(%(expressions)s)",
                        ),
                        "&&",
                    ),
                ],
                name="covers_never_overlap",
            ),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(fields=["membership", "due_on"], name="charges_of_membership"),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "settled", "written_off"])), name="charge_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="charge_positive"),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_on", None), ("state", "open"), ("written_off_on", None)),
                    models.Q(("settled_on__isnull", False), ("state", "settled"), ("written_off_on", None)),
                    models.Q(("settled_on", None), ("state", "written_off"), ("written_off_on__isnull", False)),
                    _connector="OR",
                ),
                name="charge_state_has_its_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_first", True),
                    models.Q(("grace_ends_on__isnull", False), ("period__isnull", False)),
                    _connector="OR",
                ),
                name="charge_has_its_month",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("period", None), ("period__day", 1), _connector="OR"),
                name="charge_month_is_its_first_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)),
                fields=("membership", "period"),
                name="one_charge_per_membership_and_month",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_first", True), ("undone_at", None)),
                fields=("membership",),
                name="one_first_charge",
            ),
        ),
        migrations.AddIndex(
            model_name="cardattempt",
            index=models.Index(fields=["-started_at", "-id"], name="card_attempts_newest"),
        ),
        migrations.AddIndex(
            model_name="cardattempt",
            index=models.Index(
                condition=models.Q(("state__in", ("started", "challenged"))),
                fields=["started_at"],
                name="card_attempts_to_ask",
            ),
        ),
        migrations.AddIndex(
            model_name="cardattempt",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                ),
                name="card_attempt_folio_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["started", "challenged", "captured", "declined", "timed_out", "refunded", "charged_back"],
                    )
                ),
                name="card_attempt_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardattempt",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="card_attempt_positive"),
        ),
        migrations.AddConstraint(
            model_name="cardattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("reason__in", ["insufficient_funds", "expired_card", "card_held", "wrong_data", "other"]),
                        ("state", "declined"),
                    ),
                    models.Q(models.Q(("state", "declined"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="card_attempt_declined_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardattempt",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["started", "challenged"])),
                fields=("membership",),
                name="one_open_card_attempt_per_membership",
            ),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=django.contrib.postgres.indexes.GinIndex(portal.listing.search.Words("name"), name="plan_name_words"),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("policy_number"), name="text_pattern_ops"
                ),
                name="plan_policy_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["membership", "policy"])), name="plan_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "membership"), ("policy_number", "")),
                    models.Q(("kind", "policy"), models.Q(("policy_number", ""), _negated=True)),
                    _connector="OR",
                ),
                name="policy_has_its_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "membership"), ("is_offered", False), _connector="OR"),
                name="policies_are_not_offered",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "policy")),
                fields=("party", "policy_number"),
                name="one_policy_number_per_insurer",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "membership")), fields=("party", "name"), name="one_plan_per_name"
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                ),
                name="membership_folio_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("kind", "membership")), fields=["-created_at", "-id"], name="membership_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("certificate_number"), name="text_pattern_ops"
                ),
                name="certificate_number_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("looks_again_on__isnull", False)),
                fields=["looks_again_on"],
                name="membership_to_look_at",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(condition=models.Q(("owed__gt", 0)), fields=["owed", "id"], name="memberships_that_owe"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "awaiting_payment", "active", "suspended", "cancelled"]),
                    models.Q(("kind", "policy"), ("state", "")),
                    _connector="OR",
                ),
                name="membership_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("certificate_state__in", ["active", "ended"]),
                    models.Q(("certificate_state", ""), ("kind", "membership")),
                    _connector="OR",
                ),
                name="certificate_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("certificate_number", ""),
                        ("certificate_state", ""),
                        ("kind", "membership"),
                        models.Q(("state", ""), _negated=True),
                    ),
                    models.Q(
                        ("folio", ""),
                        ("joined_on", None),
                        ("kind", "policy"),
                        ("state", ""),
                        models.Q(("certificate_number", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="membership_is_of_one_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "policy"),
                    models.Q(("folio", ""), ("joined_on", None), ("state", "draft")),
                    models.Q(
                        models.Q(("state", "draft"), _negated=True),
                        models.Q(("folio", ""), _negated=True),
                        ("joined_on__isnull", False),
                        ("titular__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="complete_membership_has_folio",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("draft_falls_on", None), ("draft_rule", "")),
                    models.Q(
                        ("draft_falls_on__isnull", False),
                        ("state", "draft"),
                        models.Q(("draft_rule", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="membership_draft_falls_by_a_rule",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancel_asked_by", None), ("cancel_asked_on", None)),
                    models.Q(
                        ("cancel_asked_by__isnull", False),
                        ("cancel_asked_on__isnull", False),
                        models.Q(("cancel_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="membership_cancel_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("credit__gte", 0), ("owed__gte", 0)), name="membership_sums_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind", "membership"), ("state__in", ["draft", "awaiting_payment", "active", "suspended"])
                ),
                fields=("titular", "plan"),
                name="one_live_membership_per_titular_and_plan",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("folio", ""), _negated=True), fields=("folio",), name="one_membership_per_folio"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "policy")),
                fields=("plan", "certificate_number"),
                name="one_certificate_number_per_policy",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancoverage",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["major", "minor"])), name="plan_coverage_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="plancoverage",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ["condition-year", "condition", "person-year"])),
                name="plan_coverage_scope_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancoverage",
            constraint=models.UniqueConstraint(fields=("plan", "kind"), name="one_coverage_per_plan_and_kind"),
        ),
        migrations.AddConstraint(
            model_name="membercoverage",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gt", models.F("since")), _connector="OR"),
                name="member_coverage_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="membercoverage",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("member", "="),
                    ("coverage", "="),
                    (
                        models.Func(
                            models.F("since"),
                            models.F("until"),
                            function="daterange",
                            template="%(function)s(%(expressions)s)",
                        ),
                        "&&",
                    ),
                ],
                name="member_coverages_never_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="planprice",
            constraint=models.UniqueConstraint(fields=("plan", "since"), name="one_price_per_plan_and_day"),
        ),
        migrations.AddConstraint(
            model_name="planprice",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="plan_price_positive"),
        ),
        migrations.AddConstraint(
            model_name="policyyear",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("since"))), name="policy_year_ends_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyyear",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("plan", "="),
                    (
                        models.Func(
                            models.F("since"),
                            models.F("until"),
                            function="daterange",
                            template="%(function)s(%(expressions)s)",
                        ),
                        "&&",
                    ),
                ],
                name="policy_years_never_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverageterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("coaseguro_rate__gte", 0),
                    ("coaseguro_rate__lte", 1),
                    ("deductible__gte", 0),
                    models.Q(("coaseguro_cap", None), ("coaseguro_cap__gte", 0), _connector="OR"),
                    models.Q(("sum_insured", None), ("sum_insured__gte", 0), _connector="OR"),
                ),
                name="coverage_terms_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverageterms",
            constraint=models.UniqueConstraint(fields=("coverage", "year"), name="one_terms_per_coverage_and_year"),
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.CheckConstraint(
                condition=models.Q(("what__in", ["card", "imss", "clinical"])), name="share_what_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("member", "what"), name="one_live_share_per_datum"
            ),
        ),
        migrations.AddIndex(
            model_name="slip",
            index=models.Index(fields=["party", "-made_at", "-id"], name="slips_of_party"),
        ),
        migrations.AddIndex(
            model_name="slip",
            index=models.Index(condition=models.Q(("state", "issued")), fields=["expires_on"], name="slips_to_expire"),
        ),
        migrations.AddIndex(
            model_name="slip",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                ),
                name="slip_folio_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="slip",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("reference"), name="text_pattern_ops"
                ),
                name="slip_reference_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["issued", "expired", "cancelled", "paid", "paid_late", "refunded"])),
                name="slip_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="slip_positive"),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "cancelled"), _negated=True),
                fields=("replaces",),
                name="one_live_rest_of_slip",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["-since", "-id"], name="refunds_newest"),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["state", "since"], name="refunds_by_state"),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("folio"), name="text_pattern_ops"
                ),
                name="refund_folio_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["wanted", "asked", "sent", "done", "declined"])),
                name="refund_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_positive"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["wanted", "declined"]), ("asked_on__isnull", False), _connector="OR"),
                name="refund_moves_once_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("means", "card"), ("attempt__isnull", False), ("slip", None)),
                    models.Q(models.Q(("means", "card"), _negated=True), ("attempt", None)),
                    _connector="OR",
                ),
                name="refund_to_card_names_its_attempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at", None), ("approved_by", None)),
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False), ("means", "card")),
                    _connector="OR",
                ),
                name="refund_approved_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None),
                    models.Q(("approved_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="refund_by_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_on__isnull", False), ("state__in", ["done", "declined"])),
                    models.Q(models.Q(("state__in", ["done", "declined"]), _negated=True), ("ended_on", None)),
                    _connector="OR",
                ),
                name="refund_ended_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "declined"), _negated=True),
                    models.Q(("answer", ""), _negated=True),
                    _connector="OR",
                ),
                name="refund_declined_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("regained", 0),
                    models.Q(("regained__gt", 0), ("regained__lte", models.F("amount")), ("state", "declined")),
                    _connector="OR",
                ),
                name="refund_regained_once_declined",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "wanted")), fields=("membership",), name="one_wanted_refund_per_membership"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("asked", "sent", "done"))),
                fields=("attempt",),
                name="one_live_refund_per_card_attempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("asked", "sent", "done"))),
                fields=("slip",),
                name="one_live_refund_per_slip",
            ),
        ),
        migrations.AddConstraint(
            model_name="slipkey",
            constraint=models.UniqueConstraint(fields=("key",), name="one_slip_per_key"),
        ),
        migrations.AddConstraint(
            model_name="slipkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("key__regex", "^[1-9A-Z][0-9A-Z]{7,}$")), name="slip_key_has_8_signs"
            ),
        ),
        migrations.AddConstraint(
            model_name="slipline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("price__gte", models.F("amount"))), name="slip_line_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="slipline",
            constraint=models.UniqueConstraint(
                fields=("slip", "membership", "period"), name="one_line_per_month", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="standingchange",
            index=models.Index(
                condition=models.Q(("undone_at", None)), fields=["-on", "-id"], name="standing_changes_newest"
            ),
        ),
        migrations.AddConstraint(
            model_name="standingchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("standing__in", ["draft", "awaiting_payment", "active", "suspended", "cancelled"]),
                    models.Q(("standing", "draft"), _negated=True),
                ),
                name="standing_change_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="standingchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)),
                fields=("membership", "on", "standing"),
                name="one_standing_change_per_day",
            ),
        ),
        migrations.AddIndex(
            model_name="coveredperson",
            index=models.Index(fields=["name_mark"], name="covered_person_by_name_mark"),
        ),
        migrations.AddIndex(
            model_name="slip",
            index=models.Index(
                condition=models.Q(("state__in", ["issued", "expired"])), fields=["amount"], name="slips_open_by_amount"
            ),
        ),
        migrations.AddIndex(
            model_name="slipkey",
            index=models.Index(django.db.models.functions.text.Length("key"), name="slip_key_lengths"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("entered_as", ""), _negated=True),
                fields=("entered_as",),
                name="one_membership_per_family_of_a_file",
            ),
        ),
        migrations.CreateModel(
            name="BirthdayDue",
            fields=[
                ("anchor", models.DateField()),
                ("due_on", models.DateField()),
                ("rolled_on", models.DateField()),
                ("due_rule", models.CharField(max_length=200)),
                ("met_at", models.DateTimeField(blank=True, null=True)),
                ("next_reminder_on", models.DateField(blank=True, null=True)),
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="birthdays",
                        to="memberships.coveredperson",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("met_at", None)), fields=["next_reminder_on"], name="birthdays_to_remind"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("anchor")), ("rolled_on__gte", models.F("due_on"))),
                        name="birthdaydue_due_after_its_anchor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_rule", ""), _negated=True), name="birthdaydue_due_says_its_rule"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("met_at", None), ("next_reminder_on", None), _connector="OR"),
                        name="birthdaydue_met_due_is_not_reminded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), models.Q(("met_at", None), ("next_reminder_on", None)), _connector="OR"
                        ),
                        name="ended_birthday_asks_nothing",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("person",), name="one_birthday_per_person"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PriceDue",
            fields=[
                ("anchor", models.DateField()),
                ("due_on", models.DateField()),
                ("rolled_on", models.DateField()),
                ("due_rule", models.CharField(max_length=200)),
                ("met_at", models.DateTimeField(blank=True, null=True)),
                ("next_reminder_on", models.DateField(blank=True, null=True)),
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "price",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="date", to="memberships.planprice"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("met_at", None)), fields=["next_reminder_on"], name="prices_to_remind"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("anchor")), ("rolled_on__gte", models.F("due_on"))),
                        name="pricedue_due_after_its_anchor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_rule", ""), _negated=True), name="pricedue_due_says_its_rule"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("met_at", None), ("next_reminder_on", None), _connector="OR"),
                        name="pricedue_met_due_is_not_reminded",
                    ),
                ],
            },
        ),
    ]
