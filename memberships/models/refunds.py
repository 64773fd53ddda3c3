"""Refunds: credit that a family wants back, or that collections ask for it, until it is there or was declined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse

from memberships.models.cards import CardAttempt
from memberships.models.memberships import Membership
from memberships.models.shared import MONEY
from memberships.models.slips import Slip
from memberships.rules.refunds import LIVE, MEANS_CHOICES, REFUND, UNDER_WAY, RefundMeans, RefundState
from portal import ids
from portal.access import Permission
from portal.listing.search import beginnings

if TYPE_CHECKING:
    from portal.people.models import User


class RefundQuerySet(models.QuerySet["Refund"]):
    """Refunds by who sees them."""

    def visible_to(self, user: User) -> RefundQuerySet:
        """Collections and who authorises see all, a person those of the families whose titular they are (AC-05)."""
        if Permission.SEE_REFUNDS in user.permissions:
            return self.all()
        return self.filter(party__in=user.party_ids(Permission.SEE_OWN_MEMBERSHIP))

    def under_way(self) -> RefundQuerySet:
        """Asked, and neither done nor declined."""
        return self.filter(state__in=UNDER_WAY)


class Refund(models.Model):
    """Credit of a membership that goes back to its titular, in MXN; folio DV from the day it is asked.

    `wanted_by`: who of the family wanted it, `note` what they wrote. From `asked_on` on the credit is less. By card it
    goes back to what `attempt` was paid with; `slip` is given back whole. `ended_on`: it was there, or declined;
    `regained`: what of a declined one had been booked as lost, and does not come back to the credit.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    folio = models.CharField(max_length=24, unique=True, null=True, blank=True)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="refunds")
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")  # its titular's
    amount = models.DecimalField(**MONEY)
    state = models.CharField(max_length=8, choices=REFUND.choices, default=REFUND.initial.value)
    since = models.DateTimeField()
    wanted_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True, default="")
    means = models.CharField(max_length=8, choices=MEANS_CHOICES, blank=True, default="")
    attempt = models.ForeignKey(CardAttempt, on_delete=models.PROTECT, null=True, blank=True, related_name="refunds")
    slip = models.ForeignKey(Slip, on_delete=models.PROTECT, null=True, blank=True, related_name="refunds")
    reason = models.CharField(max_length=300, blank=True, default="")
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    due_rule = models.CharField(max_length=200, blank=True, default="")
    approved_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    regained = models.DecimalField(**MONEY, default=0)
    answer = models.CharField(max_length=300, blank=True, default="")

    objects = RefundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=REFUND.values), name="refund_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_positive"),
            models.CheckConstraint(
                condition=Q(asked_on=None, asked_by=None, asked_at=None, folio=None, due_on=None, means="", reason="")
                | (
                    Q(asked_on__isnull=False, asked_by__isnull=False, asked_at__isnull=False, folio__isnull=False)
                    & Q(due_on__isnull=False, means__in=[one.value for one in RefundMeans])
                    & ~Q(due_rule="")
                    & ~Q(reason="")
                ),
                name="refund_asked_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["wanted", "declined"]) | Q(asked_on__isnull=False),
                name="refund_moves_once_asked",
            ),
            models.CheckConstraint(
                condition=(Q(means="card") & Q(attempt__isnull=False, slip=None))
                | (~Q(means="card") & Q(attempt=None)),
                name="refund_to_card_names_its_attempt",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | Q(means="card", approved_by__isnull=False, approved_at__isnull=False),
                name="refund_approved_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("asked_by")), name="refund_by_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "declined"], ended_on__isnull=False)
                | (~Q(state__in=["done", "declined"]) & Q(ended_on=None)),
                name="refund_ended_when",
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(answer=""), name="refund_declined_says_why"),
            models.CheckConstraint(
                condition=Q(regained=0) | Q(state="declined", regained__gt=0, regained__lte=models.F("amount")),
                name="refund_regained_once_declined",
            ),
            models.UniqueConstraint(
                fields=["membership"], condition=Q(state="wanted"), name="one_wanted_refund_per_membership"
            ),
            models.UniqueConstraint(
                fields=["attempt"], condition=Q(state__in=LIVE), name="one_live_refund_per_card_attempt"
            ),
            models.UniqueConstraint(fields=["slip"], condition=Q(state__in=LIVE), name="one_live_refund_per_slip"),
        ]
        indexes = [
            models.Index(fields=["-since", "-id"], name="refunds_newest"),
            models.Index(fields=["state", "since"], name="refunds_by_state"),
            models.Index(beginnings("folio"), name="refund_folio_begins"),
        ]

    def __str__(self) -> str:
        return self.folio or f"Devolución de {self.membership.folio}"

    @property
    def label(self) -> str:
        """Where it stands, in words."""
        return REFUND.label(self.state)

    @property
    def tone(self) -> str:
        """The colour of that."""
        return REFUND.tone(self.state)

    @property
    def is_wanted(self) -> bool:
        """Whether it waits for collections to ask it."""
        return self.state == RefundState.WANTED

    @property
    def is_asked(self) -> bool:
        """Whether it waits for somebody who authorises, or for a batch."""
        return self.state == RefundState.ASKED

    def get_absolute_url(self) -> str:
        """Its page at the desk."""
        return reverse("memberships:refund", args=[self.pk])
