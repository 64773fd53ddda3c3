"""The demo's own tables: how far its clock is ahead, and where the world stands."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q


class DemoClock(models.Model):
    """One row: how far the simulated clock is ahead of the real one. It only moves forward."""

    offset = models.DurationField(default=timedelta)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_demo_clock"),
            models.CheckConstraint(condition=Q(offset__gte=timedelta(0)), name="demo_clock_never_goes_back"),
        ]

    def __str__(self) -> str:
        return str(self.offset)
