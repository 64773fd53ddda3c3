"""One counter a series. The row's lock is what makes numbers gapless."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Series(models.Model):
    """The last number given in a prefix, office and year."""

    prefix = models.CharField(max_length=2)
    office = models.CharField(max_length=12, blank=True, default="")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix", "office", "year"], name="one_series_per_prefix_office_year"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.office} {self.year}".replace("  ", " ")


class IssuedFolio(models.Model):
    """A folio that was given; it exists exactly when the act it numbers was committed. A void one keeps its number."""

    folio = models.CharField(max_length=32, unique=True)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="issued")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="one_folio_per_number"),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(voided_at__gte=F("at")), name="folio_is_void_after_it_was_given"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="folios_count_from_one"),
        ]

    def __str__(self) -> str:
        return self.folio
