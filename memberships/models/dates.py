"""Days that a family is told of beforehand: somebody comes of age, a month costs something else."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from memberships.models.people import CoveredPerson
from memberships.models.plans import PlanPrice
from portal import ids
from portal.calendars.models import Due, DueQuerySet


class BirthdayDueQuerySet(DueQuerySet["BirthdayDue"]):
    """18th birthdays."""


class BirthdayDue(Due):
    """The day on which somebody covered turns 18: from then on what is of them follows an adult's rules (AC-05).

    Met on that day; `ended_at`: they were born another day after all, as their insurer's file says now.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    person = models.ForeignKey(CoveredPerson, on_delete=models.PROTECT, related_name="birthdays")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = BirthdayDueQuerySet.as_manager()

    class Meta:
        constraints = [
            *Due.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(met_at=None, next_reminder_on=None), name="ended_birthday_asks_nothing"
            ),
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at=None), name="one_birthday_per_person"),
        ]
        indexes = [
            models.Index(fields=["next_reminder_on"], condition=Q(met_at=None), name="birthdays_to_remind"),
        ]

    def __str__(self) -> str:
        return self.due_on.isoformat()


class PriceDueQuerySet(DueQuerySet["PriceDue"]):
    """Days on which new prices begin."""


class PriceDue(Due):
    """The day on which a new price of a plan begins; its families are told before. Met once they were."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    price = models.OneToOneField(PlanPrice, on_delete=models.PROTECT, related_name="date")

    objects = PriceDueQuerySet.as_manager()

    class Meta:
        constraints = [*Due.Meta.constraints]
        indexes = [
            models.Index(fields=["next_reminder_on"], condition=Q(met_at=None), name="prices_to_remind"),
        ]

    def __str__(self) -> str:
        return self.due_on.isoformat()
