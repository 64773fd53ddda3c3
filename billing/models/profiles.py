"""A physician's regime, and the withholding it brings from a date."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from billing import rules


class PhysicianProfile(models.Model):
    """Fiscal regime and practice of a physician; asked at first use, not at sign-up (S0.3)."""

    party = models.OneToOneField("people.Party", on_delete=models.PROTECT, related_name="physician_profile")
    regime = models.CharField(max_length=3, choices=list(rules.REGIME_LABELS.items()))
    state = models.CharField(max_length=3, blank=True, default="", choices=list(rules.STATE_LABELS.items()))
    specialty = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(regime__in=list(rules.REGIME_LABELS)), name="known_regime")]

    def __str__(self) -> str:
        return self.regime


class SchemeAssignment(models.Model):
    """The regime and state that decide a physician's withholding, from a date until a date (half-open; domain 1.2)."""

    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="scheme_assignments")
    regime = models.CharField(max_length=3)
    state = models.CharField(max_length=3, blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="scheme_ends_after_start"
            ),
            ExclusionConstraint(
                name="schemes_of_a_physician_never_overlap",
                expressions=[
                    ("party", RangeOperators.EQUAL),
                    (Func(F("valid_from"), F("valid_to"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regime} {self.state}".strip()
