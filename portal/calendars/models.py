"""Calendars as rows: opening hours, holidays, closing periods. Imported yearly, edited by people."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q


class Calendar(models.Model):
    """When an office works. `country` says which public holidays are imported; "" imports none."""

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    country = models.CharField(max_length=2, blank=True, default="")
    zone = models.CharField(max_length=40)

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
