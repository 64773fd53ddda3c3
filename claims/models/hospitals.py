"""Hospitals with which an insurer has an agreement, and since when: whom a scheduled event names (S3.14)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from portal import ids

if TYPE_CHECKING:
    from portal.people.models import Party


class HospitalQuerySet(models.QuerySet["Hospital"]):
    """Hospitals by whose agreement they are under, and on which day."""

    def agreed(self, insurer: Party, *, on: date) -> HospitalQuerySet:
        """Those under an insurer's agreement on a day, by name."""
        found = self.filter(insurer=insurer, since__lte=on).filter(Q(until=None) | Q(until__gt=on))
        return found.order_by("name", "city", "pk")


class Hospital(models.Model):
    """A hospital under an insurer's agreement, by the insurer's own key; `until` is the first day without it."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    insurer = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    key = models.CharField("clave", max_length=40)
    name = models.CharField("nombre", max_length=200)
    city = models.CharField("ciudad", max_length=120)
    state = models.CharField("estado", max_length=120)
    since = models.DateField("desde")
    until = models.DateField("hasta", null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = HospitalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["insurer", "key"], name="one_hospital_per_insurer_and_key"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(name=""), name="hospital_has_key_and_name"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="hospital_ends_after_start"),
        ]
        indexes = [models.Index(fields=["insurer", "name", "id"], name="hospital_by_name")]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"
