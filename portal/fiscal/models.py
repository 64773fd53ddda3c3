"""Whom we trust to seal a receipt, and which receipts are already used in the portal."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal import ids
from portal.fiscal.catalogues import LABELS, SHAPE
from portal.fiscal.rules.look_alikes import Receipt


class TrustedCertificateQuerySet(models.QuerySet["TrustedCertificate"]):
    """Certificates by whether they still count."""

    def trusted(self) -> TrustedCertificateQuerySet:
        """Those that nobody withdrew."""
        return self.filter(withdrawn_at=None)


class TrustedCertificate(models.Model):
    """A certificate that an administrator vouches for: an issuing authority (CA) or one of a PAC that stamps."""

    class Kind(models.TextChoices):
        CA = "ca", "Autoridad certificadora"
        PAC = "pac", "PAC que timbra"
        CSD = "csd", "Sello digital de un emisor"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    serial = models.CharField("número de serie", max_length=64)
    kind = models.CharField("tipo", max_length=4, choices=Kind)
    subject = models.CharField("titular", max_length=300)
    rfc = models.CharField(max_length=13, blank=True, default="")
    sha256 = models.CharField("huella", max_length=64)
    der = models.BinaryField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    added_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = TrustedCertificateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(withdrawn_at=None), name="one_live_row_per_certificate"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="certificate_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gt=models.F("valid_from")), name="certificate_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class CatalogueKeyQuerySet(models.QuerySet["CatalogueKey"]):
    """Keys by whether they still count."""

    def live(self) -> CatalogueKeyQuerySet:
        """Those that nobody withdrew."""
        return self.filter(withdrawn_at=None)


class CatalogueKey(models.Model):
    """A key that the SAT published after the package's catalogues were packed: an administrator vouches for it."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    catalogue = models.CharField("catálogo", max_length=32, choices=list(LABELS.items()))
    key = models.CharField("clave", max_length=12)
    meaning = models.CharField("descripción", max_length=200)
    added_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = CatalogueKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["catalogue", "key"], condition=Q(withdrawn_at=None), name="one_live_row_per_key"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="key_withdrawn_by_somebody",
            ),
            models.CheckConstraint(condition=Q(key__regex=f"^{SHAPE.pattern}$"), name="key_has_a_keys_shape"),
            models.CheckConstraint(condition=Q(catalogue__in=list(LABELS)), name="key_of_a_known_catalogue"),
        ]

    def __str__(self) -> str:
        return f"{self.catalogue} {self.key}"


class TaxReceiptQuerySet(models.QuerySet["TaxReceipt"]):
    """Receipts by whether their use still counts."""

    def live(self) -> TaxReceiptQuerySet:
        """Uses that nobody released."""
        return self.filter(released_at=None)


class TaxReceipt(models.Model):
    """One use of one CFDI (its UUID, the fiscal folio). A UUID has one live use, and one party ever (MO-07).

    `issued_on`, `sha256` (of its bytes) and `patients` (`names.word_key`) are what look-alikes are found by (N9).
    """

    class Use(models.TextChoices):
        INVOICE = "invoice", "Factura"
        COMPLEMENT = "complement", "Complemento de pago"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    uuid = models.UUIDField("folio fiscal")
    use = models.CharField(max_length=12, choices=Use)
    subject_type = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    issuer_rfc = models.CharField(max_length=13)
    total = models.DecimalField(max_digits=16, decimal_places=2)
    issued_on = models.DateField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    patients = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    claimed_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField()
    released_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)

    objects = TaxReceiptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["uuid"], condition=Q(released_at=None), name="one_uuid_one_live_use"),
            ExclusionConstraint(
                name="one_uuid_one_party", expressions=[("uuid", "="), ("party", "<>")], index_type="gist"
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="receipt_released_by_somebody",
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="receipt_total_not_negative"),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="receipt_by_subject"),
            models.Index(fields=["issuer_rfc", "total"], condition=Q(released_at=None), name="receipt_by_issuer"),
            models.Index(fields=["sha256"], condition=Q(released_at=None) & ~Q(sha256=""), name="receipt_by_bytes"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def compared(self) -> Receipt:
        """What is compared of it with others."""
        patients = frozenset(self.patients)
        return Receipt(str(self.uuid), self.sha256, self.issuer_rfc, self.total, self.issued_on, patients)
