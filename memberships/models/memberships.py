"""Memberships: a family's of a plan, or a certificate of a policy; where each stood, and when it covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from memberships.models.people import Member
from memberships.models.shared import MONEY, STAY
from memberships.rules.states import CERTIFICATE, LIVE, MEMBERSHIP, PLAN_KIND_CHOICES, MembershipState, PlanKind
from portal import clock, ids
from portal.access import Permission
from portal.listing.search import beginnings

if TYPE_CHECKING:
    from datetime import date

    from memberships.models.plans import Plan
    from portal.people.models import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by who sees them and what their days ask."""

    def visible_to(self, user: User) -> MembershipQuerySet:
        """The desk sees all; a person those of which they are."""
        return self.all() if Permission.SEE_MEMBERSHIPS in user.permissions else self.of_member(user)

    def of_member(self, user: User) -> MembershipQuerySet:
        """Those of which a person is, whatever they do at the desk."""
        stays = Member.objects.current(on=clock.today()).filter(
            person__party__in=user.party_ids(Permission.SEE_OWN_MEMBERSHIP)
        )
        return self.filter(pk__in=stays.values("membership"))

    def drafts_of(self, user: User) -> MembershipQuerySet:
        """What somebody began to join and has not finished."""
        return self.filter(state=MEMBERSHIP.initial.value, created_by=user)

    def live_of(self, plan: Plan) -> MembershipQuerySet:
        """Those of a plan that have not ended."""
        return self.filter(plan=plan, state__in=LIVE)

    def dues(self) -> MembershipQuerySet:
        """Those that are paid by the month: no certificate is."""
        return self.filter(kind=PlanKind.MEMBERSHIP)

    def to_look_at(self, *, on: date) -> MembershipQuerySet:
        """Those of which a stored day has come: a missed week loses nothing (JB-06)."""
        return self.filter(looks_again_on__lte=on)


class Membership(models.Model):
    """A family in a plan of ours (folio ME once complete), or a certificate of a policy (the insurer's number).

    From the first payment on, what it owes, its credit and where it stands are what `rules.dues` says of its payments
    by value date; nobody else writes them.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    plan = models.ForeignKey("memberships.Plan", on_delete=models.PROTECT, related_name="memberships")
    kind = models.CharField(max_length=12, choices=PLAN_KIND_CHOICES)  # its plan's
    titular = models.ForeignKey(
        "memberships.CoveredPerson", on_delete=models.PROTECT, null=True, blank=True, related_name="titular_of"
    )
    state = models.CharField(max_length=20, choices=MEMBERSHIP.choices, blank=True)  # empty: a certificate
    certificate_state = models.CharField(max_length=8, choices=CERTIFICATE.choices, blank=True)  # empty: a family
    folio = models.CharField(max_length=24, blank=True, default="")
    certificate_number = models.CharField(max_length=40, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=20, blank=True, default="")
    street = models.CharField(max_length=120, blank=True, default="")
    neighbourhood = models.CharField(max_length=80, blank=True, default="")
    zip_code = models.CharField(max_length=5, blank=True, default="")
    municipality = models.CharField(max_length=80, blank=True, default="")
    region = models.CharField(max_length=40, blank=True, default="")
    joined_on = models.DateField(null=True, blank=True)
    cancel_asked_on = models.DateField(null=True, blank=True)
    cancel_asked_by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancel_reason = models.CharField(max_length=300, blank=True, default="")
    # Stored by `services.standing` alone.
    credit = models.DecimalField(**MONEY, default=0)
    owed = models.DecimalField(**MONEY, default=0)
    next_due_on = models.DateField(null=True, blank=True)
    looks_again_on = models.DateField(null=True, blank=True)  # the next day on which something may happen by itself
    draft_falls_on = models.DateField(null=True, blank=True)  # what was typed is deleted on that day
    draft_rule = models.CharField(max_length=120, blank=True, default="")  # where that day comes from
    entered_as = models.CharField(max_length=64, blank=True, default="")  # by which a file's family is known again
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MEMBERSHIP.values) | Q(state="", kind="policy"), name="membership_state_known"
            ),
            models.CheckConstraint(
                condition=Q(certificate_state__in=CERTIFICATE.values) | Q(certificate_state="", kind="membership"),
                name="certificate_state_known",
            ),
            models.CheckConstraint(
                condition=(Q(kind="membership", certificate_state="", certificate_number="") & ~Q(state=""))
                | (Q(kind="policy", state="", folio="", joined_on=None) & ~Q(certificate_number="")),
                name="membership_is_of_one_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="policy")
                | Q(state="draft", folio="", joined_on=None)
                | (~Q(state="draft") & ~Q(folio="") & Q(joined_on__isnull=False, titular__isnull=False)),
                name="complete_membership_has_folio",
            ),
            models.CheckConstraint(
                condition=Q(draft_falls_on=None, draft_rule="")
                | (Q(state="draft", draft_falls_on__isnull=False) & ~Q(draft_rule="")),
                name="membership_draft_falls_by_a_rule",
            ),
            models.CheckConstraint(
                condition=Q(cancel_asked_on=None, cancel_asked_by=None)
                | (Q(cancel_asked_on__isnull=False, cancel_asked_by__isnull=False) & ~Q(cancel_reason="")),
                name="membership_cancel_says_why",
            ),
            models.CheckConstraint(condition=Q(credit__gte=0, owed__gte=0), name="membership_sums_not_negative"),
            models.UniqueConstraint(
                fields=["titular", "plan"],
                condition=Q(kind="membership", state__in=LIVE),
                name="one_live_membership_per_titular_and_plan",
            ),
            models.UniqueConstraint(
                fields=["entered_as"], condition=~Q(entered_as=""), name="one_membership_per_family_of_a_file"
            ),
            models.UniqueConstraint(fields=["folio"], condition=~Q(folio=""), name="one_membership_per_folio"),
            models.UniqueConstraint(
                fields=["plan", "certificate_number"],
                condition=Q(kind="policy"),
                name="one_certificate_number_per_policy",
            ),
        ]
        indexes = [
            models.Index(beginnings("folio"), name="membership_folio_begins"),
            models.Index(fields=["-created_at", "-id"], condition=Q(kind="membership"), name="membership_newest"),
            models.Index(beginnings("certificate_number"), name="certificate_number_begins"),
            models.Index(
                fields=["looks_again_on"], condition=Q(looks_again_on__isnull=False), name="membership_to_look_at"
            ),
            models.Index(fields=["owed", "id"], condition=Q(owed__gt=0), name="memberships_that_owe"),
        ]

    def __str__(self) -> str:
        return self.folio or self.certificate_number

    @property
    def is_cancelled(self) -> bool:
        """Whether the family left for good."""
        return self.state == MembershipState.CANCELLED

    @property
    def state_label(self) -> str:
        """Where it stands, as people read it."""
        return CERTIFICATE.label(self.certificate_state) if self.certificate_state else MEMBERSHIP.label(self.state)

    @property
    def tone(self) -> str:
        """Where it stands, as a colour of the design."""
        return CERTIFICATE.tone(self.certificate_state) if self.certificate_state else MEMBERSHIP.tone(self.state)

    def get_absolute_url(self) -> str:
        """The family at the desk."""
        return reverse("memberships:affiliation", args=[self.pk])


class Cover(models.Model):
    """Days on which a membership covered its people (half-open), as the dues of today say it."""

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="covers")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="cover_ends_after_start"),
            ExclusionConstraint(
                name="covers_never_overlap",
                expressions=[("membership", RangeOperators.EQUAL), (STAY, RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since} {self.until or ''}"


class StandingChange(models.Model):
    """That a membership came to stand somewhere on a day; undone where a payment known later says that it never was."""

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="changes")
    on = models.DateField()
    standing = models.CharField(max_length=20, choices=MEMBERSHIP.choices)
    noted_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(standing__in=MEMBERSHIP.values) & ~Q(standing="draft"), name="standing_change_known"
            ),
            models.UniqueConstraint(
                fields=["membership", "on", "standing"],
                condition=Q(undone_at=None),
                name="one_standing_change_per_day",
            ),
        ]
        indexes = [
            models.Index(fields=["-on", "-id"], condition=Q(undone_at=None), name="standing_changes_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.standing}"

    @property
    def label(self) -> str:
        """Where it came to stand, in words."""
        return MEMBERSHIP.label(self.standing)

    @property
    def tone(self) -> str:
        """Its colour."""
        return MEMBERSHIP.tone(self.standing)
