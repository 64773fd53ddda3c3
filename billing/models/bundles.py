"""Invoices of a month dropped at once: files, which draft each became a part of, and why others did not."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal import ids


class Bundle(models.Model):
    """XML and PDF of several invoices of one physician; open until its drafts are sent, by whoever bills for them."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(closed_at=None), name="one_open_bundle_per_physician"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class BundleFile(models.Model):
    """One file of a bundle: the invoice whose it is, or why it is nobody's. A PDF that came before its XML is kept.

    One that is nobody's may be taken out, and put back while its bundle is open.
    """

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, blank=True, default="")
    invoice = models.ForeignKey("billing.Invoice", on_delete=models.CASCADE, null=True, related_name="+")
    kept = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    why = models.TextField(blank=True, default="")
    findings = models.JSONField(default=list)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(invoice=None), name="removed_bundle_file_is_a_stray"
            ),
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, why="") | (Q(invoice=None) & ~Q(why="")),
                name="bundle_file_is_placed_or_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name
