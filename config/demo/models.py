"""The demo's own tables: how far its clock is ahead, and where the world stands."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.queue import Claimable


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


class DemoDay(Claimable):
    """One day by which the clock moves: the `number`th of the `of` that somebody asked for at once."""

    asked = models.UUIDField(editable=False)
    number = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    moved = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asked", "number"], name="demo_day_once"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=F("of")), name="demo_day_is_one_of_them"),
        ]

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"
