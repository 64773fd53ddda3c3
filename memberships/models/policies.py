"""What policies give: their years, coverages with terms, who has which coverage, and registered conditions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from memberships.models.people import CoveredPerson
from memberships.models.shared import CURRENCY, MONEY, STAY
from memberships.rules.policies import (
    COVERAGE_CHOICES,
    COVERAGE_LABELS,
    SCOPE_CHOICES,
    SCOPE_LABELS,
    CoverageKind,
    Scope,
)
from portal import ids
from portal.access import Permission
from portal.money import format_money, format_rate
from portal.vault import EncryptedTextField

if TYPE_CHECKING:
    from portal.people.models import User


class PolicyYear(models.Model):
    """A year of a policy, half-open: `until` is the first day that it no longer is."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    plan = models.ForeignKey("memberships.Plan", on_delete=models.PROTECT, related_name="years")
    since = models.DateField()
    until = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="policy_year_ends_after_start"),
            ExclusionConstraint(
                name="policy_years_never_overlap",
                expressions=[("plan", RangeOperators.EQUAL), (STAY, RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since} {self.until}"

    @property
    def last_day(self) -> date:
        """The last day that it holds, as people say a year."""
        return self.until - timedelta(days=1)


class PlanCoverage(models.Model):
    """One of the coverages of a policy, and what shares a deductible in it."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    plan = models.ForeignKey("memberships.Plan", on_delete=models.PROTECT, related_name="coverages")
    kind = models.CharField(max_length=8, choices=COVERAGE_CHOICES)
    scope = models.CharField(max_length=16, choices=SCOPE_CHOICES)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in CoverageKind]), name="plan_coverage_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=[one.value for one in Scope]), name="plan_coverage_scope_known"
            ),
            models.UniqueConstraint(fields=["plan", "kind"], name="one_coverage_per_plan_and_kind"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The coverage in words."""
        return COVERAGE_LABELS[CoverageKind(self.kind)]

    @property
    def scope_label(self) -> str:
        """What shares a deductible, in words."""
        return SCOPE_LABELS[Scope(self.scope)]


class CoverageTerms(models.Model):
    """What a coverage gives in a policy year, in pesos; without a cap or a sum insured there is no end."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    coverage = models.ForeignKey(PlanCoverage, on_delete=models.PROTECT, related_name="terms")
    year = models.ForeignKey(PolicyYear, on_delete=models.PROTECT, related_name="terms")
    deductible = models.DecimalField(**MONEY)
    coaseguro_rate = models.DecimalField(max_digits=8, decimal_places=6)
    coaseguro_cap = models.DecimalField(**MONEY, null=True, blank=True)
    sum_insured = models.DecimalField(**MONEY, null=True, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(deductible__gte=0, coaseguro_rate__gte=0, coaseguro_rate__lte=1)
                & (Q(coaseguro_cap=None) | Q(coaseguro_cap__gte=0))
                & (Q(sum_insured=None) | Q(sum_insured__gte=0)),
                name="coverage_terms_in_range",
            ),
            models.UniqueConstraint(fields=["coverage", "year"], name="one_terms_per_coverage_and_year"),
        ]

    def __str__(self) -> str:
        return f"{self.deductible} {self.coaseguro_rate}"

    @property
    def percent(self) -> str:
        """The coaseguro as people read it."""
        return format_rate(self.coaseguro_rate)

    @property
    def cap_text(self) -> str:
        """Up to how much the coaseguro goes; "" without an end."""
        return "" if self.coaseguro_cap is None else format_money(self.coaseguro_cap, CURRENCY)

    @property
    def sum_text(self) -> str:
        """The most that is paid; "" without an end."""
        return "" if self.sum_insured is None else format_money(self.sum_insured, CURRENCY)


class MemberCoverage(models.Model):
    """Days on which somebody of a certificate has a coverage (half-open), as the insurer's file says."""

    member = models.ForeignKey("memberships.Member", on_delete=models.PROTECT, related_name="coverages")
    coverage = models.ForeignKey(PlanCoverage, on_delete=models.PROTECT, related_name="members")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="member_coverage_ends_after_start"
            ),
            ExclusionConstraint(
                name="member_coverages_never_overlap",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    ("coverage", RangeOperators.EQUAL),
                    (STAY, RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since} {self.until or ''}"


class ConditionQuerySet(models.QuerySet["Condition"]):
    """Conditions by who reads them."""

    def visible_to(self, user: User) -> ConditionQuerySet:
        """Who decides on claims; nobody else, not the desk that imported them.

        Of whoever is, or was, of a family with them they read what a family may (AC-05).
        """
        if Permission.SEE_CONDITIONS not in user.permissions:
            return self.none()
        if not user.party_ids(Permission.SEE_OWN_MEMBERSHIP):
            return self.all()
        return self.filter(person__in=CoveredPerson.objects.not_kin_of(user))


class Condition(models.Model):
    """An illness of a person that their insurer registered, sealed: its code, its name; and the day it began.

    `code_index` is blind and of this person alone: equal codes of two people do not show.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    person = models.ForeignKey("memberships.CoveredPerson", on_delete=models.PROTECT, related_name="conditions")
    code = EncryptedTextField()
    code_index = models.CharField(max_length=64)
    name = EncryptedTextField()
    began_on = models.DateField()
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ConditionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code_index__regex=r"^[0-9a-f]{64}$"), name="condition_code_index_is_a_digest"
            ),
            models.UniqueConstraint(fields=["person", "code_index"], name="one_condition_per_person_and_code"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def party_id(self) -> UUID:
        """Whose it is: a reading of it is told to them."""
        return self.person.party_id

    @property
    def told(self) -> str:
        """What it is, for whoever may read it."""
        return f"{self.name} ({self.code})"

    def indexed(self) -> tuple[str, str]:
        """What its blind index is made of, and for which purpose (the start makes it again and compares)."""
        return f"{self.person_id}:{self.code}", "condition"
