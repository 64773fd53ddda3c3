"""Calendars as rows (opening hours, holidays, closing periods), and what every deadline of the house has in common."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from portal.calendars import rules
from portal.states import choices


class Calendar(models.Model):
    """When an office works. `country` and `kind` say which closed days are imported; country "" imports none.

    `stamp` is another one after every change of the row or of what belongs to it (trigger `calendars_stamp`): who
    keeps a schedule knows by it whether it still holds.
    """

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    country = models.CharField(max_length=2, blank=True, default="")
    kind = models.CharField(max_length=8, choices=choices(rules.KIND_LABELS), default=rules.Kind.LABOUR.value)
    zone = models.CharField(max_length=40)
    stamp = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in rules.Kind]), name="calendar_kind_known")
        ]

    def __str__(self) -> str:
        return self.label


class Holiday(models.Model):
    """A date on which a calendar closes. `kept` = a person decided it, imports leave it alone;
    `observed` false = a person said that this public holiday is worked."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    date = models.DateField()
    name = models.CharField(max_length=120)
    kept = models.BooleanField(default=False)
    observed = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="one_holiday_per_calendar_and_date"),
            models.CheckConstraint(condition=Q(observed=True) | Q(kept=True), name="only_people_unobserve_a_holiday"),
        ]

    def __str__(self) -> str:
        return f"{self.date.isoformat()} {self.name}"


class OpeningInterval(models.Model):
    """Open from minute `opens` (included) to minute `closes` (excluded) of one weekday; 0 is Monday."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="intervals")
    weekday = models.PositiveSmallIntegerField()
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_weekday_known"),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes"), closes__lte=24 * 60), name="opening_within_the_day"
            ),
            ExclusionConstraint(
                name="openings_of_a_weekday_never_overlap",
                expressions=[
                    ("calendar", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (
                        Func(F("opens"), F("closes"), function="int4range", template="%(function)s(%(expressions)s)"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}-{self.closes}"


class ClosingPeriod(models.Model):
    """A range of dates, both included, in which the office closes: its vacation, a relocation."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="closings")
    first = models.DateField()
    last = models.DateField()
    reason = models.CharField(max_length=120)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="closing_ends_after_it_starts")]

    def __str__(self) -> str:
        return f"{self.first.isoformat()}–{self.last.isoformat()}"


class CalendarFeed(models.Model):
    """The address from which a person's other calendar reads their dates: hashed, until they end it. Real time."""

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="one_live_feed_per_person")
        ]

    def __str__(self) -> str:
        return str(self.pk)


# --- deadlines ---------------------------------------------------------------------------------------------------

DueRow_co = TypeVar("DueRow_co", bound="Due", covariant=True)


class DueQuerySet(models.QuerySet[DueRow_co]):
    """Deadlines by whether they wait and what has come; a room narrows `open()` and the rest follows."""

    def open(self) -> DueQuerySet[DueRow_co]:
        """Those that nobody has met."""
        return self.filter(met_at=None)

    def overdue(self, *, on: date) -> DueQuerySet[DueRow_co]:
        """Those whose strict date is gone."""
        return self.open().filter(due_on__lt=on)

    def to_remind(self, *, on: date) -> DueQuerySet[DueRow_co]:
        """Those whose stored reminder has come, oldest first: a missed night loses nothing (JB-06)."""
        return self.open().filter(next_reminder_on__lte=on).order_by("next_reminder_on", "pk")


class Due(models.Model):
    """A deadline that binds, abstract: computed once, stored with the rule that gave it, met once (domain rule 6).

    `due_on` is strict and governs, `rolled_on` the next working day if that is none; local dates. `next_reminder_on`
    is what the task reads (`registry.register_due`). A date never moves: another one is another row.
    """

    anchor = models.DateField()
    due_on = models.DateField()
    rolled_on = models.DateField()
    due_rule = models.CharField(max_length=200)
    met_at = models.DateTimeField(null=True, blank=True)
    next_reminder_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gte=F("anchor"), rolled_on__gte=F("due_on")), name="%(class)s_due_after_its_anchor"
            ),
            models.CheckConstraint(condition=~Q(due_rule=""), name="%(class)s_due_says_its_rule"),
            models.CheckConstraint(
                condition=Q(met_at=None) | Q(next_reminder_on=None), name="%(class)s_met_due_is_not_reminded"
            ),
        ]

    def is_over(self, *, on: date) -> bool:
        """Whether its strict date is gone, the last day still being in time; met or not."""
        return self.due_on < on
