"""Documents that are asked for at once: a request, each thing it asks for with its reason, what was answered (N14)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from portal import ids
from portal.papers.rules import WANTED


class DocumentsWanted(models.Model):
    """One complete request of documents; a base for an app's own table, with its items in another one.

    Its items are an app's `WantedItem`s with a foreign key `request`, related name `items`; what answers one are rows
    of the app's envelope with a foreign key to the item, related name `files`. `reason` says why it is asked for again:
    the second one waits for another person's yes (`allowed_by`).
    """

    items: Any

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=WANTED.choices, default=WANTED.initial.value)
    reason = models.TextField(blank=True, default="")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    allowed_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WANTED.values), name="%(class)s_state_known"),
            models.CheckConstraint(
                condition=Q(allowed_by=None) | ~Q(allowed_by=models.F("by")), name="%(class)s_allowed_by_another"
            ),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="%(class)s_again_says_why"),
            models.CheckConstraint(
                condition=Q(state="proposed", opened_at=None, ended_at=None)
                | Q(state="open", opened_at__isnull=False, ended_at=None)
                | Q(state__in=["answered", "overdue"], opened_at__isnull=False, ended_at__isnull=False)
                | Q(state__in=["declined", "dropped"], ended_at__isnull=False),
                name="%(class)s_dates_as_it_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def state_label(self) -> str:
        """Where it stands, as the desk reads it."""
        return WANTED.desk_label(self.state)


class WantedItem(models.Model):
    """One thing that is asked for: which document, why, what exactly, an example; and what was said of it.

    A base for an app's own table.
    """

    request: Any
    files: Any

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    place = models.PositiveSmallIntegerField()
    document = models.CharField(max_length=20)
    why = models.CharField(max_length=20)
    detail = models.CharField("qué exactamente", max_length=300, blank=True, default="")
    example = models.CharField(max_length=300, blank=True, default="")
    note = models.TextField("observaciones", blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=~Q(document="") & ~Q(why=""), name="%(class)s_says_what_and_why"),
        ]

    def __str__(self) -> str:
        return self.document
