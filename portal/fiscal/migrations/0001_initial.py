import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import portal.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="CatalogueKey",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "catalogue",
                    models.CharField(
                        choices=[
                            ("c_ClaveProdServ", "Clave de producto o servicio"),
                            ("c_ClaveUnidad", "Clave de unidad"),
                            ("c_CodigoPostal", "Código postal"),
                            ("c_Exportacion", "Exportación"),
                            ("c_FormaPago", "Forma de pago"),
                            ("c_Impuesto", "Impuesto"),
                            ("c_Meses", "Meses"),
                            ("c_MetodoPago", "Método de pago"),
                            ("c_Moneda", "Moneda"),
                            ("c_ObjetoImp", "Objeto de impuesto"),
                            ("c_Pais", "País"),
                            ("c_Periodicidad", "Periodicidad"),
                            ("c_RegimenFiscal", "Régimen fiscal"),
                            ("c_TipoCadenaPago", "Tipo de cadena de pago"),
                            ("c_TipoDeComprobante", "Tipo de comprobante"),
                            ("c_TipoFactor", "Tipo de factor"),
                            ("c_TipoRelacion", "Tipo de relación"),
                            ("c_UsoCFDI", "Uso del CFDI"),
                        ],
                        max_length=32,
                        verbose_name="catálogo",
                    ),
                ),
                ("key", models.CharField(max_length=12, verbose_name="clave")),
                ("meaning", models.CharField(max_length=200, verbose_name="descripción")),
                ("added_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "withdrawn_by",
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("catalogue", "key"),
                        name="one_live_row_per_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="key_withdrawn_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[A-Za-z0-9]{1,12}$")), name="key_has_a_keys_shape"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "catalogue__in",
                                [
                                    "c_ClaveProdServ",
                                    "c_ClaveUnidad",
                                    "c_CodigoPostal",
                                    "c_Exportacion",
                                    "c_FormaPago",
                                    "c_Impuesto",
                                    "c_Meses",
                                    "c_MetodoPago",
                                    "c_Moneda",
                                    "c_ObjetoImp",
                                    "c_Pais",
                                    "c_Periodicidad",
                                    "c_RegimenFiscal",
                                    "c_TipoCadenaPago",
                                    "c_TipoDeComprobante",
                                    "c_TipoFactor",
                                    "c_TipoRelacion",
                                    "c_UsoCFDI",
                                ],
                            )
                        ),
                        name="key_of_a_known_catalogue",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxReceipt",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(verbose_name="folio fiscal")),
                (
                    "use",
                    models.CharField(
                        choices=[("invoice", "Factura"), ("complement", "Complemento de pago")], max_length=12
                    ),
                ),
                ("subject_type", models.CharField(max_length=64)),
                ("subject_id", models.CharField(max_length=64)),
                ("issuer_rfc", models.CharField(max_length=13)),
                ("total", models.DecimalField(decimal_places=2, max_digits=16)),
                ("issued_on", models.DateField(blank=True, null=True)),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                (
                    "patients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
                ("claimed_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                (
                    "claimed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
                ),
                (
                    "released_by",
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
                    models.Index(fields=["subject_type", "subject_id"], name="receipt_by_subject"),
                    models.Index(
                        condition=models.Q(("released_at", None)),
                        fields=["issuer_rfc", "total"],
                        name="receipt_by_issuer",
                    ),
                    models.Index(
                        condition=models.Q(("released_at", None), models.Q(("sha256", ""), _negated=True)),
                        fields=["sha256"],
                        name="receipt_by_bytes",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at", None)), fields=("uuid",), name="one_uuid_one_live_use"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("uuid", "="), ("party", "<>")], name="one_uuid_one_party"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("released_at", None), ("released_by", None)),
                            models.Q(("released_at__isnull", False), ("released_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="receipt_released_by_somebody",
                    ),
                    models.CheckConstraint(condition=models.Q(("total__gte", 0)), name="receipt_total_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrustedCertificate",
            fields=[
                ("id", models.UUIDField(default=portal.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("serial", models.CharField(max_length=64, verbose_name="número de serie")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ca", "Autoridad certificadora"),
                            ("pac", "PAC que timbra"),
                            ("csd", "Sello digital de un emisor"),
                        ],
                        max_length=4,
                        verbose_name="tipo",
                    ),
                ),
                ("subject", models.CharField(max_length=300, verbose_name="titular")),
                ("rfc", models.CharField(blank=True, default="", max_length=13)),
                ("sha256", models.CharField(max_length=64, verbose_name="huella")),
                ("der", models.BinaryField()),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField()),
                ("added_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("sha256",),
                        name="one_live_row_per_certificate",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="certificate_withdrawn_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_to__gt", models.F("valid_from"))),
                        name="certificate_ends_after_start",
                    ),
                ],
            },
        ),
    ]
