from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import portal.ids
import portal.listing.search
import portal.vault


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("calendars", "0001_initial"),
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
            name="CoveredPerson",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("given_name", models.CharField(max_length=80)),
                ("first_surname", models.CharField(max_length=80)),
                ("second_surname", models.CharField(blank=True, default="", max_length=80)),
                ("as_printed", models.CharField(max_length=254)),
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
                ("lost", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=16)),
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
                on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="memberships.membership"
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
            name="Share",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("card", "Su credencial"),
                            ("imss", "Sus pasos en el IMSS"),
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
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_back_on", None)),
                fields=("membership", "source_type", "source_id"),
                name="one_live_payment_per_source",
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
                condition=models.Q(("kind", "membership")), fields=["-created_at", "-id"], name="membership_newest"
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
            model_name="planprice",
            constraint=models.UniqueConstraint(fields=("plan", "since"), name="one_price_per_plan_and_day"),
        ),
        migrations.AddConstraint(
            model_name="planprice",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="plan_price_positive"),
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
            model_name="standingchange",
            index=models.Index(
                condition=models.Q(("undone_at", None)), fields=["-on", "-id"], name="standing_changes_newest"
            ),
        ),
    ]
