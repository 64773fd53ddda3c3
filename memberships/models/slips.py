"""Slips: what a family is given to pay with, its months, and the keys by which its payment is found (domain 2.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.urls import reverse

from memberships.models.memberships import Membership
from memberships.models.shared import MONEY
from memberships.rules.references import LETTERS, Algorithm, Scheme
from memberships.rules.slips import OPEN, SLIP, SlipState, told
from memberships.rules.states import MEANS_CHOICES, Means
from portal import ids
from portal.access import Permission
from portal.listing.search import beginnings
from portal.states import choices

if TYPE_CHECKING:
    from portal.people.models import User

_ALGORITHMS = choices({one: one.value for one in Algorithm})


class ReferenceScheme(models.Model):
    """How one network or bank wants its references, as data: its contract says what stands here.

    `number_length`: digits of our own number. `days_rule`: the rule that says how many days a slip is in time.
    """

    code = models.SlugField(max_length=32, unique=True)
    label = models.CharField(max_length=80)
    means = models.CharField(max_length=8, choices=MEANS_CHOICES)
    algorithm = models.CharField(max_length=24, choices=_ALGORITHMS)
    base_year = models.PositiveSmallIntegerField(default=2014)
    amount_digit_sum = models.BooleanField(default=False)
    constant = models.CharField(max_length=4, blank=True, default="")
    letters = models.CharField(max_length=40, default=LETTERS)  # the letter map: those that count 1, 2 … 9
    prefix = models.CharField(max_length=12, blank=True, default="")
    agreement = models.CharField(max_length=20, blank=True, default="")
    number_length = models.PositiveSmallIntegerField(default=10)
    days_rule = models.CharField(max_length=40)
    places = models.TextField()
    seen = models.CharField(max_length=200)
    in_use = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(means__in=[Means.STORE.value, Means.BANK.value]), name="scheme_means_known"
            ),
            models.CheckConstraint(
                condition=Q(algorithm__in=[one.value for one in Algorithm]), name="scheme_algorithm_known"
            ),
            models.CheckConstraint(condition=Q(number_length__range=(8, 16)), name="scheme_number_has_its_length"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def rules(self) -> Scheme:
        """Itself, as the pure rules take it."""
        return Scheme(Algorithm(self.algorithm), self.base_year, self.amount_digit_sum, self.constant, self.letters)


class SlipQuerySet(models.QuerySet["Slip"]):
    """Slips by who sees them."""

    def visible_to(self, user: User) -> SlipQuerySet:
        """The desk sees all, a person those of the families whose titular they are (AC-05)."""
        if Permission.SEE_MEMBERSHIPS in user.permissions:
            return self.all()
        return self.filter(party__in=user.party_ids(Permission.SEE_OWN_MEMBERSHIP))

    def to_expire(self, *, on: object) -> SlipQuerySet:
        """Those whose last day is over (JB-06)."""
        return self.filter(state=SlipState.ISSUED, expires_on__lt=on)


class Slip(models.Model):
    """A slip: folio FP, reference, amount in MXN, last day; `code` is the random one of its public page.

    `replaces` is the slip that was paid in part, of which this one is the rest.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    folio = models.CharField(max_length=24, unique=True)
    code = models.CharField(max_length=24, unique=True, default=ids.short_code)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")  # its titular's
    scheme = models.ForeignKey(ReferenceScheme, on_delete=models.PROTECT, related_name="slips")
    reference = models.CharField(max_length=40)
    amount = models.DecimalField(**MONEY)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    expires_on = models.DateField()
    days_rule = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=SLIP.choices, default=SLIP.initial.value)
    document = models.ForeignKey("papers.IssuedDocument", on_delete=models.PROTECT, related_name="+")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="rests")

    objects = SlipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SLIP.values), name="slip_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="slip_positive"),
            models.UniqueConstraint(
                fields=["replaces"], condition=~Q(state=SlipState.CANCELLED.value), name="one_live_rest_of_slip"
            ),
        ]
        indexes = [
            models.Index(fields=["party", "-made_at", "-id"], name="slips_of_party"),
            models.Index(fields=["expires_on"], condition=Q(state="issued"), name="slips_to_expire"),
            models.Index(fields=["amount"], condition=Q(state__in=["issued", "expired"]), name="slips_open_by_amount"),
            models.Index(beginnings("folio"), name="slip_folio_begins"),
            models.Index(beginnings("reference"), name="slip_reference_begins"),
        ]

    def __str__(self) -> str:
        return self.folio

    @property
    def rest(self) -> Slip | None:
        """The last slip made for what a deposit left unpaid of it."""
        return self.rests.order_by("-made_at", "-pk").first()

    @property
    def may_pay(self) -> bool:
        """Whether it may still be paid, late too."""
        return self.state in OPEN

    @property
    def told_reference(self) -> str:
        """Its reference in groups of four."""
        return told(self.reference)

    @property
    def label(self) -> str:
        """Where it stands, in words."""
        return SLIP.label(self.state)

    @property
    def tone(self) -> str:
        """The colour of that."""
        return SLIP.tone(self.state)

    def get_absolute_url(self) -> str:
        """Its public page: whoever has the code may look at it."""
        return reverse("memberships:slip", args=[self.code])


class SlipLine(models.Model):
    """One month of one membership that a slip pays; the first charge has no month yet.

    `price`: what the whole month costs, where credit or an earlier slip pays a part of it.
    """

    slip = models.ForeignKey(Slip, on_delete=models.PROTECT, related_name="lines")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="slip_lines")
    period = models.DateField(null=True, blank=True)
    amount = models.DecimalField(**MONEY)
    price = models.DecimalField(**MONEY)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, price__gte=models.F("amount")), name="slip_line_positive"),
            models.UniqueConstraint(
                fields=["slip", "membership", "period"], nulls_distinct=False, name="one_line_per_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.amount}"


class SlipKey(models.Model):
    """Under what a slip's payment is found: unique among all slips ever made (domain 2.9)."""

    slip = models.ForeignKey(Slip, on_delete=models.PROTECT, related_name="keys")
    key = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_slip_per_key"),
            models.CheckConstraint(condition=Q(key__regex=r"^[1-9A-Z][0-9A-Z]{7,}$"), name="slip_key_has_8_signs"),
        ]
        indexes = [models.Index(Length("key"), name="slip_key_lengths")]

    def __str__(self) -> str:
        return self.key
