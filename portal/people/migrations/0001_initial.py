import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import portal.access
import portal.ids
import portal.listing.search
import portal.vault


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="correo")),
                ("name", models.CharField(blank=True, default="", max_length=200, verbose_name="nombre")),
                ("email_confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("is_superuser", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("last_workspace", models.CharField(blank=True, default="", max_length=20)),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("email"), name="text_pattern_ops"
                        ),
                        name="user_email_begins",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        portal.listing.search.Words("name"), name="user_name_words"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("label", models.CharField(blank=True, default="", max_length=120)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_devices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("person", "persona"), ("organisation", "organización")], max_length=16),
                ),
                (
                    "name",
                    models.CharField(blank=True, default="", max_length=254, verbose_name="nombre o razón social"),
                ),
                ("country", models.CharField(default="MX", max_length=2)),
                ("rfc", models.CharField(blank=True, default="", max_length=13)),
                ("rut", models.CharField(blank=True, default="", max_length=10)),
                ("zip_code", models.CharField(blank=True, default="", max_length=10, verbose_name="código postal")),
                (
                    "fiscal_regime",
                    models.CharField(blank=True, default="", max_length=3, verbose_name="régimen fiscal"),
                ),
                ("is_operator", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "rfc_proof",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("constancia", "Constancia de Situación Fiscal"),
                            ("statement", "Estado de cuenta del banco"),
                            ("code", "Código de la aseguradora"),
                            ("moved", "Entregado a su dueño por la mesa"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="cómo se acreditó el RFC",
                    ),
                ),
                ("rfc_proved_at", models.DateTimeField(blank=True, null=True, verbose_name="RFC acreditado")),
                ("rfc_moved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "rfc_proved_by",
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
            name="ConsentText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=32)),
                ("version", models.PositiveSmallIntegerField()),
                ("body", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("published_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.party",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "owner", "version"), name="one_text_per_version", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="text_hash_is_sha256"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GrantProposal",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("role", models.CharField(max_length=32)),
                ("conflict", models.CharField(blank=True, default="", max_length=16)),
                ("reason", models.CharField(blank=True, default="", max_length=500, verbose_name="motivo")),
                ("proposed_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Espera a otra persona de Administración"),
                            ("accepted", "Confirmado"),
                            ("refused", "No se confirmó"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
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
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grant_proposals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
                (
                    "scope",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.party",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=32)),
                ("since", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                ("is_withheld", models.BooleanField(default=False)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "granted_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="grants", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="people.party"
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.party",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("factor", models.CharField(blank=True, default="", max_length=12)),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), size=None),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_on", models.DateField(blank=True, null=True)),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_tokens",
                        to="people.party",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("role", models.CharField(max_length=32)),
                (
                    "kind",
                    models.CharField(
                        choices=[("email", "correo"), ("rfc", "RFC"), ("rut", "RUT"), ("curp", "CURP")], max_length=8
                    ),
                ),
                ("identifier", models.CharField(max_length=64)),
                ("sealed", portal.vault.EncryptedTextField(blank=True, default="")),
                ("email", models.EmailField(max_length=254)),
                ("password", models.CharField(max_length=128)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.consenttext"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RfcCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rfc", models.CharField(max_length=13)),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                (
                    "issuer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SecondaryEmail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.EmailField(max_length=254)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="secondary_email",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SignInIdentifier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("email", "correo"), ("rfc", "RFC"), ("rut", "RUT"), ("curp", "CURP")], max_length=8
                    ),
                ),
                ("canonical", models.CharField(max_length=254, unique=True)),
                ("sealed", portal.vault.EncryptedTextField(blank=True, default="")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identifiers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RememberedName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "identifier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="remembered",
                        to="people.signinidentifier",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                    ),
                ),
                ("proof", models.CharField(max_length=32, verbose_name="cómo se acreditó")),
                ("at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="people.consenttext"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.party",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("user", "text", "owner"),
                        name="one_live_consent_per_text",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OneTimeSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("choose-password", "elegir contraseña"),
                            ("confirm-secondary", "confirmar segundo correo"),
                        ],
                        max_length=24,
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="secrets", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("used_at", None)), fields=("user", "purpose"), name="one_live_secret"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))), name="secret_expires_later"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("rfc"), name="text_pattern_ops"
                ),
                name="party_rfc_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="party",
            index=django.contrib.postgres.indexes.GinIndex(
                portal.listing.search.Words("name"), name="party_name_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                condition=models.Q(("rfc", ""), _negated=True), fields=("rfc",), name="one_party_per_rfc"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                condition=models.Q(("rut", ""), _negated=True), fields=("rut",), name="one_party_per_rut"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_operator", True)), fields=("is_operator",), name="one_operator"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_operator", False), ("kind", "organisation"), _connector="OR"),
                name="operator_is_an_organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["person", "organisation"])), name="party_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rfc_proof", ""), ("rfc_proved_at", None), ("rfc_proved_by", None)),
                    models.Q(
                        models.Q(("rfc_proof", ""), _negated=True),
                        models.Q(("rfc", ""), _negated=True),
                        ("rfc_proved_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="rfc_proof_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rfc_proof__in", ["constancia", "statement", "moved"]), _negated=True),
                    ("rfc_proved_by__isnull", False),
                    _connector="OR",
                ),
                name="rfc_proof_accepted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="grantproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("user", "party", "role", "scope"),
                name="one_open_proposal_per_role",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="grantproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope", None), ("role__in", [portal.access.Role["REVIEWER"]]), _connector="OR"),
                name="proposal_scope_of_a_scoped_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="grantproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "accepted", "refused"])), name="proposal_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="grantproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    models.Q(
                        models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                        models.Q(("decided_by", models.F("user")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="proposal_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="grantproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("state", "waiting")),
                    models.Q(
                        models.Q(("state", "waiting"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="proposal_decision_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="grantproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("proposed_by", models.F("user")), _negated=True), name="nobody_proposes_himself"
            ),
        ),
        migrations.AddConstraint(
            model_name="grantproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("conflict__in", ["", portal.access.Clash["TOLD"]]),
                    models.Q(
                        ("conflict", portal.access.Clash["COUNTERSIGNED"]), models.Q(("reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="countersigned_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)),
                fields=("user", "party", "role", "scope"),
                name="one_open_grant_per_role",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope", None), ("role__in", [portal.access.Role["REVIEWER"]]), _connector="OR"),
                name="grant_scope_of_a_scoped_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="grant_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("granted_by", None), models.Q(("granted_by", models.F("user")), _negated=True), _connector="OR"
                    ),
                    models.Q(
                        ("confirmed_by", None),
                        models.Q(("confirmed_by", models.F("user")), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="nobody_grants_himself",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "role__in",
                            [
                                portal.access.Role["ADMINISTRATOR"],
                                portal.access.Role["AFFILIATION_DESK"],
                                portal.access.Role["AREA_DIRECTOR"],
                                portal.access.Role["AUDITOR"],
                                portal.access.Role["CLAIMS_ANALYST"],
                                portal.access.Role["COLLECTIONS_DESK"],
                                portal.access.Role["COMPLAINTS_DESK"],
                                portal.access.Role["DEPARTMENT_HEAD"],
                                portal.access.Role["DIRECTOR_ASSISTANT"],
                                portal.access.Role["GENERAL_DIRECTOR"],
                                portal.access.Role["LIAISON"],
                                portal.access.Role["PAYMENT_APPROVER"],
                                portal.access.Role["PAYMENT_PREPARER"],
                                portal.access.Role["REVIEWER"],
                                portal.access.Role["SERVICE_ADVISER"],
                                portal.access.Role["SUPPORT"],
                                portal.access.Role["VALIDATING_PHYSICIAN"],
                            ],
                        ),
                        _negated=True,
                    ),
                    ("granted_by", None),
                    models.Q(
                        ("confirmed_by__isnull", False),
                        models.Q(("confirmed_by", models.F("granted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="desk_grant_needs_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_withheld", False),
                    models.Q(("until", models.F("since")), ("until__isnull", False)),
                    _connector="OR",
                ),
                name="withheld_grant_gives_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_withheld", True)),
                fields=("user", "party", "role"),
                name="one_withheld_grant_per_team",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))), name="token_expires_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(condition=models.Q(("scopes__len__gt", 0)), name="token_has_a_scope"),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("party", "name"), name="one_live_token_per_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("party", None)),
                fields=("user", "name"),
                name="one_live_own_token_per_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("party", None), ("factor", ""), _connector="XOR"),
                name="own_token_says_what_its_person_proved",
            ),
        ),
        migrations.AddIndex(
            model_name="rfccode",
            index=models.Index(fields=["rfc", "digest"], name="rfc_code_typed"),
        ),
        migrations.AddConstraint(
            model_name="rfccode",
            constraint=models.UniqueConstraint(fields=("issuer", "rfc", "digest"), name="one_code_per_issuer_and_rfc"),
        ),
        migrations.AddConstraint(
            model_name="rfccode",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="rfc_code_is_hashed"
            ),
        ),
        migrations.AddIndex(
            model_name="signinidentifier",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("canonical"), name="text_pattern_ops"
                ),
                name="identifier_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="signinidentifier",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["email", "rfc", "rut", "curp"])), name="identifier_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="rememberedname",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))), name="remembered_name_expires"
            ),
        ),
    ]
