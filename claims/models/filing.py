"""What a family sends: envelopes of files, the invoices among them, the lines that they make."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from claims.models.claims import Claim
from claims.models.shared import MONEY
from claims.rules.papers import PAPER_LABELS, Paper
from portal import ids
from portal.errors import Finding
from portal.papers.models import Envelope, EnvelopeItem
from portal.states import choices

PURPOSE = "claim-file"


class Submission(Envelope):
    """One envelope of a claim: the first sending or one answer, with its own limits as they were when it was opened.

    Its party is the affected person's, never the titular's: papers shows a party all its own.
    """

    purpose: ClassVar[str] = PURPOSE
    kinds: ClassVar[frozenset[str]] = frozenset({"xml", "pdf", "jpeg"})
    takes_pending: ClassVar[bool] = True
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    file_limit = models.PositiveIntegerField()
    byte_limit = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="submission_number_once"),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(closed_at=None), name="one_open_submission_per_claim"
            ),
        ]

    @property
    def most_files(self) -> int:  # type: ignore[override]  # of the rule in force when it was opened
        """How many files fit."""
        return self.file_limit

    @property
    def most_bytes(self) -> int:  # type: ignore[override]
        """How many bytes fit together."""
        return self.byte_limit


class ClaimFile(EnvelopeItem):
    """One file of a claim, and what its family says it is.

    `facts` and `findings` are of this claim's own judgement: the same bytes are stored once, whatever they are held
    against in another place or another day.
    """

    envelope = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="items")
    document = models.CharField(max_length=20, choices=choices(PAPER_LABELS), default=Paper.OTHER.value)
    asked = models.ForeignKey(
        "claims.RequestItem", on_delete=models.PROTECT, null=True, blank=True, related_name="files"
    )
    facts = models.JSONField(default=dict, blank=True)
    findings = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["envelope", "file"], name="file_once_per_submission"),
            models.CheckConstraint(
                condition=Q(document__in=[str(one) for one in PAPER_LABELS]), name="claim_file_document_known"
            ),
        ]

    @property
    def label(self) -> str:
        """What it is, in words."""
        return PAPER_LABELS[self.document]

    @property
    def found(self) -> list[Finding]:
        """Its findings as values."""
        return [Finding.from_json(one) for one in self.findings]

    @property
    def told(self) -> str:
        """What whoever sent it has to know of it: that it is still looked at, or what is wrong with it and its cure."""
        if self.file.is_pending:
            return "Pesa más de 5 MB: lo revisamos en un momento. Puedes seguir con lo demás."
        said = " ".join(f"{one.message} {one.cure}".strip() for one in self.found)
        return said if self.file.is_readable else f"No pasó la revisión: quítalo. {said}".strip()

    @property
    def tone(self) -> str:
        """The colour of that."""
        if self.file.is_pending:
            return "info"
        return "error" if not self.file.is_readable else "warn" if self.findings else "neutral"


class ClaimInvoiceQuerySet(models.QuerySet["ClaimInvoice"]):
    """Invoices by whether their XML still counts."""

    def standing(self) -> ClaimInvoiceQuerySet:
        """Those whose XML nobody took out."""
        return self.filter(xml__removed_at=None)


class ClaimInvoice(models.Model):
    """A CFDI that a family paid: what its XML says, and the PDF and the proof of payment that go with it.

    `medicines` and `hospital` are guessed from its product keys; whoever files corrects them.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="invoices")
    xml = models.OneToOneField(ClaimFile, on_delete=models.PROTECT, related_name="invoice")
    pdf = models.ForeignKey(ClaimFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    payment_proof = models.ForeignKey(ClaimFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    uuid = models.CharField("folio fiscal", max_length=36)
    issuer_rfc = models.CharField(max_length=13)
    issuer_name = models.CharField(max_length=254, blank=True, default="")
    issued_on = models.DateField("fecha de la factura")
    total = models.DecimalField("total", **MONEY)
    method = models.CharField(max_length=3, blank=True, default="")
    medicines = models.BooleanField("trae medicamentos", default=False)
    hospital = models.BooleanField("es de un hospital", default=False)

    objects = ClaimInvoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["uuid", "claim"], name="invoice_once_per_claim"),
            models.CheckConstraint(condition=Q(total__gte=0), name="claim_invoice_total_not_negative"),
        ]

    def __str__(self) -> str:
        return self.uuid


class ClaimLine(models.Model):
    """One expense of a sent claim, of one day: a concept of an invoice with its taxes."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="lines")
    invoice = models.ForeignKey(ClaimInvoice, on_delete=models.PROTECT, null=True, blank=True, related_name="lines")
    # Of an appeal: the expense as it was first presented.
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="again")
    number = models.PositiveSmallIntegerField()
    concept = models.CharField(max_length=1000)
    on = models.DateField()
    claimed = models.DecimalField(**MONEY)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="claim_line_number_once"),
            models.CheckConstraint(condition=Q(claimed__gte=0), name="claim_line_not_negative"),
        ]

    def __str__(self) -> str:
        return self.concept
