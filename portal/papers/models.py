"""Files as rows: bytes live encrypted under a generated key, rows say whose they are and what was found in them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from portal import ids
from portal.errors import Finding
from portal.listing.search import beginnings
from portal.papers import registry
from portal.papers.rules import FILE, FileVerdict
from portal.queue import Claimable
from portal.text import display_name, is_shown_apart
from portal.vault import EncryptedTextField


class Kind(models.TextChoices):
    """What a file verifiably is."""

    XML = "xml", "XML"
    PDF = "pdf", "PDF"
    JPEG = "jpeg", "JPG"
    CSV = "csv", "CSV"
    TXT = "txt", "TXT"
    XLSX = "xlsx", "Excel"


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    """Files by who may see them and what was found."""

    def visible_to(self, user: Any) -> StoredFileQuerySet:
        """Files of the user's own party, plus those that a registered room shows to them."""
        return self.filter(registry.visibility(user))

    def readable(self) -> StoredFileQuerySet:
        """Files whose bytes may be handed out: examined and not rejected (UP-10)."""
        return self.filter(verdict__in=[FileVerdict.ACCEPTED, FileVerdict.REVIEW])


class EncryptedBytes(models.Model):
    """Where one ciphertext lies and how it is opened; the row's id is part of what AES-GCM authenticates (PR-05)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    storage_key = models.CharField(max_length=80, unique=True, editable=False)
    wrapped_key = models.BinaryField(editable=False)
    size = models.BigIntegerField(help_text="bytes sin cifrar")
    sha256 = models.CharField(max_length=64, help_text="de los bytes sin cifrar")

    class Meta:
        abstract = True


class StoredFile(EncryptedBytes, Claimable):
    """One file of one party. Never edited; a better file is a new row. Claimed only while its verdict is pending."""

    original_name = models.CharField(max_length=255)
    display_name = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, choices=Kind)
    content_type = models.CharField(max_length=80)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    purpose = models.SlugField(max_length=60)
    check_path = models.CharField(max_length=120, blank=True, default="")
    check_context = EncryptedTextField(blank=True, default="", help_text="JSON, solo mientras espera revisión")
    verdict = models.CharField(max_length=10, choices=FILE.choices)
    findings = models.JSONField(default=list, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    pages = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    # Said by services.store_upload of a row that was there before; not a column.
    already_stored = False

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=FILE.values), name="file_state_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="file_not_empty"),
            models.CheckConstraint(condition=Q(size__lte=52_428_800), name="file_at_most_50_mb"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="file_sha256_is_hex"),
            models.CheckConstraint(
                condition=Q(storage_key__regex=r"^[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}$"), name="file_key_is_random"
            ),
            models.CheckConstraint(
                condition=Q(verdict="pending") | Q(done_at__isnull=False), name="file_examined_is_done"
            ),
            models.UniqueConstraint(
                fields=["party", "purpose", "sha256"],
                condition=~Q(verdict="rejected"),
                nulls_distinct=False,
                name="one_copy_per_party_and_purpose",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], condition=Q(done_at=None), name="file_waiting"),
            models.Index(fields=["uploaded_by", "created_at"], name="file_quota"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def came_as(self) -> str:
        """The name by which it is kept, where pages show it under another one (C7)."""
        return self.original_name if is_shown_apart(self.original_name) else ""

    @property
    def is_pending(self) -> bool:
        """Whether it still waits to be examined."""
        return self.verdict == FileVerdict.PENDING

    @property
    def is_readable(self) -> bool:
        """Whether its bytes may be handed out."""
        return self.verdict in {FileVerdict.ACCEPTED, FileVerdict.REVIEW}

    @property
    def is_unreadable(self) -> bool:
        """Whether it waits to be examined, or was refused."""
        return not self.is_readable

    @property
    def found(self) -> list[Finding]:
        """The stored findings as values."""
        return [Finding.from_json(item) for item in self.findings]


class ListExport(Claimable):
    """A list as a file that is too long for a request: the drain `exports` makes it for who asked, with what that
    person may see by then. What was asked may name a patient, so it is sealed. Kept `report.keep_days`.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    listing = models.CharField("lista", max_length=60)
    title = models.CharField(max_length=120)
    file = models.CharField(max_length=4)
    asked = EncryptedTextField(blank=True, default="", help_text="los parámetros de la dirección")
    parts = models.JSONField(default=dict, blank=True)
    rows = models.PositiveIntegerField("renglones, desde que se empieza", null=True)
    made_rows = models.PositiveIntegerField("renglones ya escritos", default=0)
    asked_at = models.DateTimeField()
    made = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(null=True)
    keep_until = models.DateField(null=True)
    refused = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(file__in=["csv", "xlsx", "pdf"]), name="export_file_known"),
            models.CheckConstraint(
                condition=Q(made_at=None, made=None, keep_until=None)
                | Q(made_at__isnull=False, keep_until__isnull=False, done_at__isnull=False, refused=""),
                name="export_is_made_whole",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], condition=Q(done_at=None), name="export_waiting"),
            models.Index(fields=["by", "-id"], name="export_of_person"),
            models.Index(fields=["keep_until"], condition=Q(made__isnull=False), name="export_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_file_display()})"

    def get_file_display(self) -> str:
        """CSV, Excel or PDF."""
        return Kind(self.file).label


class PageImage(EncryptedBytes):
    """One page of a PDF or photograph as a JPEG made by us: the only thing a browser ever shows (D7, UP-08)."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="page_images")
    number = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="one_image_per_page"),
            models.CheckConstraint(condition=Q(number__gte=1), name="page_numbers_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class DraftFile(EncryptedBytes):
    """A right file whose form was wrong elsewhere: it waits a day for who sent it, so that nobody chooses it twice.

    Only its form reads it again; nobody downloads it. One a person and form: another one takes its place. Taken out it
    stays as long for who undoes that.
    """

    form = models.SlugField("formulario", max_length=40)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, choices=Kind)
    kept_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "form"], name="one_draft_file_per_form")]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["kept_at"], name="draft_file_kept")]

    def __str__(self) -> str:
        return self.original_name

    @property
    def display_name(self) -> str:
        """Its name as pages show it."""
        return display_name(self.original_name)


class Envelope(models.Model):
    """Files of one party that are gathered before they are used; a base for an app's own table.

    Its items are a table of the app too: an `EnvelopeItem` with a foreign key `envelope`, related name `items`. Files
    and bytes are counted under the envelope's lock (`services.keep_in_envelope`).
    """

    purpose: ClassVar[str]  # of its stored files
    kinds: ClassVar[frozenset[str]]  # that may be uploaded
    most_files: ClassVar[int] = 20
    most_bytes: ClassVar[int] = 50 * 1024 * 1024
    # Whether a file too large to judge at once is kept, and examined by the drain: whoever uses it asks its verdict.
    takes_pending: ClassVar[bool] = False
    items: Any

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)

    @property
    def most_megabytes(self) -> int:
        """How many bytes fit together, as people say it: 50 MB."""
        return self.most_bytes // (1024 * 1024)


class EnvelopeItem(models.Model):
    """One file of an envelope; taken out it stays for who undoes that. A base for an app's own table."""

    envelope: Any
    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.file)


class IssuedDocumentQuerySet(models.QuerySet["IssuedDocument"]):
    """Issued documents by who may see them and whether they hold."""

    def visible_to(self, user: Any) -> IssuedDocumentQuerySet:
        """Documents of the user's own party, plus those that a registered room shows to them."""
        return self.filter(registry.document_visibility(user))

    def in_force(self) -> IssuedDocumentQuerySet:
        """Documents not voided."""
        return self.filter(voided_at=None)


class IssuedDocument(Claimable):
    """A legal paper we made: frozen context, folio and hashes; rendered once, never again."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.SlugField(max_length=60)
    template = models.CharField(max_length=120)
    folio = models.CharField(max_length=40, blank=True, default="")
    context = models.JSONField()
    context_sha256 = models.CharField(max_length=64)
    code = models.CharField(max_length=19, unique=True)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, null=True, related_name="+")
    issued_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()
    pdf = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, related_name="issued_as")
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")
    voided_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    void_reason = models.CharField(max_length=300, blank=True, default="")

    objects = IssuedDocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$"),
                name="document_code_shape",
            ),
            models.CheckConstraint(
                condition=Q(context_sha256__regex=r"^[0-9a-f]{64}$"), name="document_context_sha256_is_hex"
            ),
            models.CheckConstraint(
                condition=Q(pdf=None, pdf_sha256="", done_at=None)
                | Q(pdf__isnull=False, pdf_sha256__regex=r"^[0-9a-f]{64}$", done_at__isnull=False),
                name="document_rendered_at_once",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="document_voided_at_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], condition=Q(done_at=None), name="document_waiting"),
            models.Index(beginnings("folio"), name="document_folio_begins"),
        ]

    def __str__(self) -> str:
        return self.folio or self.code

    @property
    def is_in_force(self) -> bool:
        """Whether nobody voided it."""
        return self.voided_at is None
