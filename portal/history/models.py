"""Rows that are only ever added: what was done, what was read, and the chain that seals both."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from portal.history import rules


class Recorded(models.Model):
    """What an act and a reading have in common: when, who, as what, about what, from where."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    real_at = models.DateTimeField()
    # Its index is that of the person's acts in order.
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    acting_as = models.CharField(max_length=200, blank=True, default="")
    subject_type = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    party_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    ip = models.GenericIPAddressField(null=True)
    hmac = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def facts(self) -> list[Any]:
        """Everything this row's signature covers, in a fixed order."""
        return [
            self._meta.db_table,
            str(self.uid),
            rules.instant(self.at),
            rules.instant(self.real_at),
            str(self.by_id) if self.by_id else None,
            self.acting_as,
            self.subject_type,
            self.subject_id,
            str(self.party_id) if self.party_id else None,
            self.reason,
            self.request_id,
            self.ip,
        ]


class AuditEvent(Recorded):
    """One act, inserted in the transaction of the act itself (AD-01, AD-04). Never changed, never deleted."""

    action = models.CharField(max_length=64)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_by_subject"),
            models.Index(fields=["by", "id"], name="event_by_person"),
            models.Index(fields=["party_id", "id"], name="event_by_party"),
            models.Index(fields=["action", "id"], name="event_by_action"),
            models.Index(fields=["real_at"], name="event_by_real_time"),
            # Whether an act of theirs explains a reading (AD-02).
            models.Index(
                fields=["by", "party_id", "at"], condition=Q(party_id__isnull=False), name="event_by_person_and_party"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(action__regex=r"^[a-z_]+\.[a-z_]+$"), name="action_is_room_dot_act"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"

    def facts(self) -> list[Any]:
        """What was recorded of any row, and what was done."""
        return [*super().facts(), self.action, self.details]


class AccessEvent(Recorded):
    """One reading of a file or other thing whose readers must be known (AD-01). Never changed, never deleted."""

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="access_by_subject"),
            models.Index(fields=["by", "id"], name="access_by_person"),
            models.Index(fields=["real_at"], name="access_by_real_time"),
            models.Index(fields=["at"], name="access_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


class AuditSeal(models.Model):
    """One link of the chain: seals exactly one event or one reading, numbered without gaps (AD-03)."""

    number = models.PositiveBigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, null=True, related_name="seal")
    access = models.OneToOneField(AccessEvent, on_delete=models.PROTECT, null=True, related_name="seal")
    previous_hmac = models.CharField(max_length=64)
    hmac = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(event__isnull=False, access=None) | Q(event=None, access__isnull=False),
                name="seal_covers_exactly_one_row",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="seals_count_from_one"),
        ]

    def __str__(self) -> str:
        return str(self.number)
