"""Formats that a family fills in, version by version, and where each insurer shows its network."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from claims.rules.formats import STAGES, WHAT_LABELS, label_of


class FormatQuerySet(models.QuerySet["Format"]):
    """Formats by whether a newer version took their place."""

    def current(self) -> FormatQuerySet:
        """The newest version of each, in the order of the source."""
        return self.order_by("what", "stage", "-version").distinct("what", "stage")


class Format(models.Model):
    """One version of a format: what it asks, what who signs it declares. Never changed: another version follows."""

    what = models.CharField(max_length=16, choices=list(WHAT_LABELS.items()))
    stage = models.CharField(max_length=12, choices=[(one.value, one.value) for one in STAGES])
    version = models.PositiveSmallIntegerField()
    asked = models.JSONField(default=list)
    declaration = models.TextField()
    published_at = models.DateTimeField("publicado")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = FormatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["what", "stage", "version"], name="one_format_per_version"),
            models.CheckConstraint(
                condition=Q(what__in=[str(one) for one in WHAT_LABELS], stage__in=[one.value for one in STAGES]),
                name="format_is_of_a_known_kind",
            ),
            models.CheckConstraint(condition=Q(version__gte=1) & ~Q(declaration=""), name="format_says_something"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def key(self) -> str:
        """How a form names it, whatever its version."""
        return f"{self.what}.{self.stage}"

    @property
    def label(self) -> str:
        """What it is called."""
        return label_of(self.what, self.stage)


class InsurerLink(models.Model):
    """Where an insurer shows its medical network (S3.36)."""

    insurer = models.OneToOneField("people.Party", on_delete=models.PROTECT, related_name="+")
    address = models.URLField("dirección", max_length=300)
    changed_at = models.DateTimeField()
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(address__startswith="https://"), name="insurer_link_is_of_the_open_web")
        ]

    def __str__(self) -> str:
        return self.address
