"""Keys that make a repeated POST harmless, and counters of tries."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal.once import rules


class IdempotencyKey(models.Model):
    """One key of one person (None: nobody signed in) in one scope: what was asked (hash), whether done, the answer.

    Real time.
    """

    State = rules.KeyState

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    body_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=rules.KEY.choices, default=rules.KEY.initial.value)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(default=dict)
    attempt = models.UUIDField()
    locked_until = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "scope", "key"], nulls_distinct=False, name="one_key_per_person_and_scope"
            ),
            models.CheckConstraint(condition=Q(state__in=rules.KEY.values), name="key_state_known"),
            models.CheckConstraint(
                condition=Q(state="running", status=None) | Q(state="done", status__isnull=False),
                name="done_key_has_its_answer",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="key_by_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class Throttle(models.Model):
    """How often something was tried in one fixed window. Real time."""

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key", "window_start"], name="one_counter_per_window"),
        ]
        indexes = [models.Index(fields=["window_start"], name="throttle_by_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.count}"


class LastRun(models.Model):
    """When a task last ended well, or a process was last seen alive, and what the task told (counts). Real time."""

    name = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()
    told = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
