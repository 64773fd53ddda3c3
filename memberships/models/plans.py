"""What people join: plans with their dated prices, and the policies of insurers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse

from memberships.models.shared import MONEY
from memberships.rules.states import PLAN_KIND_CHOICES, PlanKind
from portal import ids
from portal.access import Permission
from portal.listing.search import Words, beginnings

if TYPE_CHECKING:
    from portal.people.models import User


class PlanQuerySet(models.QuerySet["Plan"]):
    """Plans by who sees them."""

    def offered(self) -> PlanQuerySet:
        """What people may join now: plans of our own that are shown."""
        return self.filter(kind=PlanKind.MEMBERSHIP, is_offered=True)

    def dues(self) -> PlanQuerySet:
        """Plans of our own, which are paid by the month."""
        return self.filter(kind=PlanKind.MEMBERSHIP)

    def policies(self) -> PlanQuerySet:
        """Policies of insurers."""
        return self.filter(kind=PlanKind.POLICY)

    def visible_to(self, user: User) -> PlanQuerySet:
        """The desk sees all; nobody else any by its key."""
        return self.all() if Permission.SEE_MEMBERSHIPS in user.permissions else self.none()


class Plan(models.Model):
    """What a membership is of: a plan of the operator with dues by the month, or the policy of an insurer (S1.1)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=PLAN_KIND_CHOICES, default=PlanKind.MEMBERSHIP.value)
    # The operator whose plan it is, or the insurer whose policy.
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="plans")
    name = models.CharField(max_length=80)
    policy_number = models.CharField(max_length=40, blank=True, default="")
    benefits = models.TextField(blank=True, default="")  # one a line, as they are shown
    is_offered = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in PlanKind]), name="plan_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="membership", policy_number="") | (Q(kind="policy") & ~Q(policy_number="")),
                name="policy_has_its_number",
            ),
            models.CheckConstraint(
                condition=Q(kind="membership") | Q(is_offered=False), name="policies_are_not_offered"
            ),
            models.UniqueConstraint(
                fields=["party", "policy_number"], condition=Q(kind="policy"), name="one_policy_number_per_insurer"
            ),
            models.UniqueConstraint(fields=["party", "name"], condition=Q(kind="membership"), name="one_plan_per_name"),
        ]
        indexes = [
            GinIndex(Words("name"), name="plan_name_words"),
            models.Index(beginnings("policy_number"), name="plan_policy_begins"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def benefit_lines(self) -> list[str]:
        """Its benefits, one each."""
        return [line.strip() for line in self.benefits.splitlines() if line.strip()]

    def get_absolute_url(self) -> str:
        """The plan, or the policy, at the desk."""
        page = "memberships:policy" if self.kind == PlanKind.POLICY else "memberships:plan"
        return reverse(page, args=[self.pk])


class PlanPrice(models.Model):
    """What a month of a plan costs from a day on; a row is never edited (ADR 0004)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="prices")
    since = models.DateField()
    amount = models.DecimalField(**MONEY)
    set_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "since"], name="one_price_per_plan_and_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="plan_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.since.isoformat()} {self.amount}"
