"""Paying by card: attempts, their months, and what the gateway said of each. No number of a card stands anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse

from memberships.models.memberships import Membership
from memberships.models.shared import MONEY
from memberships.rules import card
from memberships.rules.card import CARD
from portal import ids
from portal.access import Permission
from portal.listing.search import beginnings
from portal.states import choices

if TYPE_CHECKING:
    from portal.people.models import User

EVENT_KINDS = choices(card.WORD_LABELS)


class CardAttemptQuerySet(models.QuerySet["CardAttempt"]):
    """Attempts by who sees them."""

    def visible_to(self, user: User) -> CardAttemptQuerySet:
        """Collections see all, a person those of the families whose titular they are (AC-05)."""
        if Permission.SEE_COLLECTIONS in user.permissions:
            return self.all()
        return self.filter(party__in=user.party_ids(Permission.SEE_OWN_MEMBERSHIP))

    def open(self) -> CardAttemptQuerySet:
        """Those that the gateway has still to answer."""
        return self.filter(state__in=card.OPEN)


class CardAttempt(models.Model):
    """An attempt to pay months by card: folio FP, amount in MXN; only what the gateway signed changes its state.

    `code` is the random one of its public page.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    folio = models.CharField(max_length=24, unique=True)
    code = models.CharField(max_length=24, unique=True, default=ids.short_code)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="card_attempts")
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")  # its titular's
    amount = models.DecimalField(**MONEY)
    state = models.CharField(max_length=12, choices=CARD.choices, default=CARD.initial.value)
    reason = models.CharField(max_length=20, choices=card.REFUSAL_CHOICES, blank=True, default="")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()  # real time, as the gateway's
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = CardAttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CARD.values), name="card_attempt_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="card_attempt_positive"),
            models.CheckConstraint(
                condition=Q(state="declined", reason__in=[one.value for one in card.Refusal])
                | (~Q(state="declined") & Q(reason="")),
                name="card_attempt_declined_says_why",
            ),
            models.UniqueConstraint(
                fields=["membership"],
                condition=Q(state__in=["started", "challenged"]),
                name="one_open_card_attempt_per_membership",
            ),
        ]
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="card_attempts_newest"),
            models.Index(fields=["started_at"], condition=Q(state__in=card.OPEN), name="card_attempts_to_ask"),
            models.Index(beginnings("folio"), name="card_attempt_folio_begins"),
        ]

    def __str__(self) -> str:
        return self.folio

    @property
    def label(self) -> str:
        """Where it stands, in words."""
        return CARD.label(self.state)

    @property
    def tone(self) -> str:
        """The colour of that."""
        return CARD.tone(self.state)

    @property
    def is_open(self) -> bool:
        """Whether the gateway has not said its last word of it."""
        return self.state in card.OPEN

    def get_absolute_url(self) -> str:
        """Its public page: whoever has the code may look at it."""
        return reverse("memberships:card", args=[self.code])

    def get_desk_url(self) -> str:
        """Its page at the desk."""
        return reverse("memberships:card_attempt", args=[self.pk])


class CardLine(models.Model):
    """One month that an attempt pays; the first charge has no month yet."""

    attempt = models.ForeignKey(CardAttempt, on_delete=models.PROTECT, related_name="lines")
    period = models.DateField(null=True, blank=True)
    amount = models.DecimalField(**MONEY)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="card_line_positive"),
            models.UniqueConstraint(fields=["attempt", "period"], nulls_distinct=False, name="one_card_line_per_month"),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.amount}"


class GatewayEvent(models.Model):
    """What the gateway signed of an attempt, each once by its id; `said_at` is the gateway's instant, real time."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    event_id = models.CharField(max_length=64)
    attempt = models.ForeignKey(CardAttempt, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=EVENT_KINDS)
    amount = models.DecimalField(**MONEY)
    reason = models.CharField(max_length=20, blank=True, default="")
    outcome = models.CharField(max_length=12, choices=choices(card.OUTCOMES))
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id"], name="one_gateway_event_per_id"),
            models.CheckConstraint(condition=Q(kind__in=list(card.WORD_LABELS)), name="gateway_event_kind_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=[one.value for one in card.Outcome]), name="gateway_event_outcome_known"
            ),
        ]
        indexes = [models.Index(fields=["-received_at", "-id"], name="gateway_events_newest")]

    def __str__(self) -> str:
        return self.event_id

    @property
    def told(self) -> str:
        """What it says, in words."""
        return card.WORD_LABELS[self.kind]


class GatewayDoubt(models.Model):
    """An event that moved nothing because a person has to look at it, until collections say what was done."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    event = models.OneToOneField(GatewayEvent, on_delete=models.PROTECT, related_name="doubt")
    since = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    comment = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, comment="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(comment="")),
                name="settled_doubt_says_what_was_done",
            ),
        ]
        indexes = [models.Index(fields=["since"], condition=Q(settled_at=None), name="gateway_doubts_open")]

    def __str__(self) -> str:
        return str(self.event_id)

    def get_absolute_url(self) -> str:
        """Its page at the desk."""
        return reverse("memberships:card_doubt", args=[self.event_id])
