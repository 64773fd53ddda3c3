"""The money of memberships: charges, payments, what the books were told of them, and the dates that are reminded of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from memberships.models.memberships import Membership
from memberships.models.shared import MONEY
from memberships.rules import ledger
from memberships.rules.states import CHARGE, MEANS_CHOICES, MEANS_LABELS, Means
from portal import ids
from portal.calendars.models import Due, DueQuerySet
from portal.money import ZERO

if TYPE_CHECKING:
    pass

POSTED = [(ledger.CHARGED, "Se cargó"), (ledger.SETTLED, "Se pagó"), (ledger.WRITTEN_OFF, "Ya no se cobra")]


class Charge(models.Model):
    """One month's dues of a membership, at the price of the day on which it was due. Amount in MXN.

    The first one has no month until it is settled. `undone_at`: the dues of today no longer know it.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    # Its index is `charges_of_membership`.
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="charges", db_index=False)
    is_first = models.BooleanField(default=False)
    period = models.DateField(null=True, blank=True)  # the month's first day
    due_on = models.DateField()
    grace_ends_on = models.DateField(null=True, blank=True)
    amount = models.DecimalField(**MONEY)
    state = models.CharField(max_length=12, choices=CHARGE.choices, default=CHARGE.initial.value)
    settled_on = models.DateField(null=True, blank=True)
    written_off_on = models.DateField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CHARGE.values), name="charge_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="charge_positive"),
            models.CheckConstraint(
                condition=Q(state="open", settled_on=None, written_off_on=None)
                | Q(state="settled", settled_on__isnull=False, written_off_on=None)
                | Q(state="written_off", settled_on=None, written_off_on__isnull=False),
                name="charge_state_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(is_first=True) | Q(period__isnull=False, grace_ends_on__isnull=False),
                name="charge_has_its_month",
            ),
            models.CheckConstraint(condition=Q(period=None) | Q(period__day=1), name="charge_month_is_its_first_day"),
            models.UniqueConstraint(
                fields=["membership", "period"],
                condition=Q(undone_at=None),
                name="one_charge_per_membership_and_month",
            ),
            models.UniqueConstraint(
                fields=["membership"], condition=Q(is_first=True, undone_at=None), name="one_first_charge"
            ),
        ]
        indexes = [
            models.Index(fields=["membership", "due_on"], name="charges_of_membership"),
        ]

    def __str__(self) -> str:
        return f"{self.period or self.due_on} {self.amount}"

    @property
    def state_label(self) -> str:
        """Whether it is owed, in words."""
        return CHARGE.label(self.state)


class DuesPayment(models.Model):
    """Money that came for a membership, by its value date. Amount in MXN; `source` is the thing that brought it.

    `taken_back_on`: its match was undone or its card charged back that day; `lost`: what of it the family had got back
    by then, which nobody covers any more; `kept`: what of it is still there, where only the rest was taken.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(**MONEY)
    value_on = models.DateField()
    means = models.CharField(max_length=8, choices=MEANS_CHOICES)
    source_type = models.CharField(max_length=60)
    source_id = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_back_on = models.DateField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    lost = models.DecimalField(**MONEY, default=ZERO)
    kept = models.DecimalField(**MONEY, default=ZERO)
    receipt = models.ForeignKey(
        "papers.IssuedDocument", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="dues_payment_positive"),
            models.CheckConstraint(
                condition=Q(means__in=[one.value for one in Means]), name="dues_payment_means_known"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_on=None, taken_back_at=None)
                | Q(taken_back_on__gte=F("value_on"), taken_back_at__isnull=False),
                name="dues_payment_taken_back_whole",
            ),
            models.CheckConstraint(
                condition=Q(lost=0) | Q(lost__gt=0, lost__lte=F("amount"), taken_back_on__isnull=False),
                name="dues_payment_lost_once_taken_back",
            ),
            models.CheckConstraint(
                condition=Q(kept=0) | Q(kept__gt=0, kept__lt=F("amount"), lost=0, taken_back_on__isnull=False),
                name="dues_payment_kept_once_taken_back",
            ),
            models.UniqueConstraint(
                fields=["membership", "source_type", "source_id"],
                condition=Q(taken_back_on=None),
                name="one_live_payment_per_source",
            ),
        ]
        indexes = [
            models.Index(
                fields=["value_on", "means"], condition=Q(taken_back_on=None), name="dues_payments_that_stand"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value_on} {self.amount}"

    @property
    def means_label(self) -> str:
        """How it came, in words."""
        return MEANS_LABELS[Means(self.means)]


class DuesPosting(models.Model):
    """One thing that the books were told of a charge; its entry is reversed where the past turns out otherwise."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="postings")
    act = models.CharField(max_length=20, choices=POSTED)
    on = models.DateField()
    amount = models.DecimalField(**MONEY)
    entry = models.OneToOneField(
        "treasury.LedgerTransaction", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reversed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(act__in=[act for act, _ in POSTED]), name="dues_posting_act_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="dues_posting_positive"),
            models.UniqueConstraint(
                fields=["charge", "act"], condition=Q(reversed_at=None), name="one_live_posting_per_act"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.on}"


class DuesDueQuerySet(DueQuerySet["DuesDue"]):
    """Dates of dues."""


class DuesDue(Due):
    """The day on which a month's dues are owed, with its reminders (5 days before, that day, 3 and 8 after).

    Met when the month is settled; `ended_at`: the month was not to be charged after all.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="dues_dates")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DuesDueQuerySet.as_manager()

    class Meta:
        constraints = [
            *Due.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(met_at=None, next_reminder_on=None), name="ended_dues_date_asks_nothing"
            ),
            models.UniqueConstraint(
                fields=["membership", "due_on"], condition=Q(ended_at=None), name="one_dues_date_per_day"
            ),
        ]
        indexes = [
            models.Index(fields=["next_reminder_on"], condition=Q(met_at=None), name="dues_to_remind"),
        ]

    def __str__(self) -> str:
        return self.due_on.isoformat()
