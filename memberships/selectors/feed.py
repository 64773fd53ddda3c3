"""The dates of a titular's own calendar: when dues are owed. Folios and days, no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse

from memberships.models import DuesDue, Membership, pays_dues
from portal.calendars.ics import Entry

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 60


def entries(user: User, on: date) -> Iterator[Entry]:
    """The days of the dues that this person pays; what is late stays there."""
    mine = Membership.objects.filter(pays_dues(user))
    dues = DuesDue.objects.open().filter(membership__in=mine, ended_at=None).select_related("membership")
    for due in dues.order_by("due_on", "pk")[:MOST]:
        title = f"Mensualidad de {due.membership.folio}"
        yield Entry(str(due.pk), due.due_on, title, reverse("memberships:pay_months"))
