"""Payment complements and the balance chain they prove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from billing import rules
from billing.models.invoices import Invoice
from billing.models.shared import MONEY
from portal import ids
from portal.access import Permission
from portal.calendars.models import Due, DueQuerySet
from portal.people.scopes import within
from portal.queue import Undoable

if TYPE_CHECKING:
    from portal.people.models import User


class ComplementDueQuerySet(DueQuerySet["ComplementDue"]):
    """Deadlines of complements: one that is in review is with us."""

    def open(self) -> ComplementDueQuerySet:
        """Owed, and nobody handed it in."""
        return self.filter(met_at=None, invoice__in=Invoice.objects.without_complement())


class ComplementDue(Due):
    """The day by which a paid invoice's complement is due; it begins with the deposit and ends with it (S0.19).

    An invoice names the one that binds now; those of before stay: met by a complement that was cancelled since, or
    ended (`ended_at`) by a deposit that came back.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ComplementDueQuerySet.as_manager()

    class Meta:
        constraints = [
            *Due.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(met_at=None, next_reminder_on=None),
                name="ended_complement_due_asks_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["next_reminder_on"], condition=Q(met_at=None), name="complement_to_remind"),
            models.Index(fields=["due_on"], condition=Q(met_at=None), name="complement_due_waiting"),
        ]

    def __str__(self) -> str:
        return self.due_on.isoformat()


class ComplementQuerySet(models.QuerySet["Complement"]):
    """Complements by who sees them."""

    def visible_to(self, user: User) -> ComplementQuerySet:
        """Desk sees all; a physician and their assistants their own; others none."""
        desk = {Permission.REVIEW_INVOICES, Permission.SEE_PAYMENTS}
        if user.permissions & desk:
            return self._within(user, *desk)
        return self.filter(party__in=user.proved_party_ids(Permission.SEE_OWN_BILLING))

    def for_review(self, user: User) -> ComplementQuerySet:
        """Those that this person reviews: of invoices of the insurers that the role names."""
        return self._within(user, Permission.REVIEW_INVOICES)

    def _within(self, user: User, *permissions: Permission) -> ComplementQuerySet:
        seen = within(user, "invoice__insurer", *permissions)
        return self.filter(pk__in=ComplementPayment.objects.filter(seen).values("complement")) if seen else self.all()

    def to_review(self) -> ComplementQuerySet:
        """Waiting for a reviewer: nobody has decided yet."""
        decided = Exists(ComplementDecision.open_about(OuterRef("pk")))
        return self.filter(~decided, state=rules.ComplementState.IN_REVIEW)


class Complement(models.Model):
    """A payment complement (REP) received for one transfer, or for some of its invoices (S0.19, N11)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="complements")
    transfer = models.ForeignKey("treasury.Transfer", on_delete=models.PROTECT, related_name="complements")
    state = models.CharField(max_length=12, choices=rules.COMPLEMENT.choices)
    xml = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, related_name="+")
    uuid = models.CharField(max_length=36)
    findings = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    handed_in_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField()
    decided_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")

    objects = ComplementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=rules.COMPLEMENT.values), name="complement_state_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="complement_decision_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("handed_in_by")), name="complement_decided_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["in_review", "accepted", "withdrawn"])
                | (Q(state__in=["rejected", "cancelled"], decided_at__isnull=False) & ~Q(reason=""))
                | (Q(state="to_cancel") & ~Q(reason="")),
                name="complement_refused_says_why",
            ),
        ]
        indexes = [models.Index(fields=["uuid"], name="complement_by_uuid")]

    def __str__(self) -> str:
        return self.uuid

    @property
    def state_label(self) -> str:
        """The state as people read it."""
        return rules.COMPLEMENT.label(self.state)

    @property
    def tone(self) -> str:
        """The state as a colour of the design."""
        return rules.COMPLEMENT.tone(self.state)


class ComplementDecision(Undoable):
    """What a reviewer decided of a complement, until it cannot be undone; its effect is written on the complement."""

    complement = models.ForeignKey(Complement, on_delete=models.PROTECT, related_name="+")
    accept = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["complement"], condition=Q(done_at=None), name="one_open_decision_per_complement"
            ),
            models.CheckConstraint(
                condition=Q(accept=True) | ~Q(reason=""), name="complement_decision_rejects_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | Q(undone_at=None, refused=""),
                name="ended_complement_decision_is_done",
            ),
        ]
        indexes = [
            models.Index(fields=["by", "not_before"], condition=Q(done_at=None), name="complement_decision_waits")
        ]

    def __str__(self) -> str:
        return str(self.state)

    @staticmethod
    def open_about(complement: object) -> models.QuerySet[ComplementDecision]:
        """The decision about a complement (a row, its id or an OuterRef) that waits, if there is one."""
        return ComplementDecision.objects.filter(complement=complement, done_at=None)

    @property
    def state(self) -> rules.ComplementState:
        """Where it takes the complement."""
        return rules.ComplementState.ACCEPTED if self.accept else rules.ComplementState.REJECTED

    @property
    def subject(self) -> Complement:
        """The complement."""
        return self.complement

    @property
    def said(self) -> str:
        """What was decided, to who decided."""
        return f"{rules.COMPLEMENT_DECIDED[self.accept]} el complemento de {self.complement.party.name}"

    @property
    def href(self) -> str:
        """The complement at the desk."""
        return reverse("billing:complement_review", args=[self.complement_id])


class ComplementPayment(models.Model):
    """One link of the balance chain of one invoice: before - paid = after, numbers without holes (domain 1.3)."""

    complement = models.ForeignKey(Complement, on_delete=models.PROTECT, related_name="payments")
    transfer = models.ForeignKey("treasury.Transfer", on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="complement_payments")
    number = models.PositiveSmallIntegerField()
    balance_before = models.DecimalField(**MONEY)
    paid = models.DecimalField(**MONEY)
    balance_after = models.DecimalField(**MONEY)
    paid_on = models.DateField()
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "invoice"],
                condition=Q(live=True),
                name="one_live_complement_per_transfer_and_invoice",
            ),
            models.UniqueConstraint(
                fields=["invoice", "number"], condition=Q(live=True), name="one_live_payment_per_number"
            ),
            models.CheckConstraint(
                condition=Q(balance_after=F("balance_before") - F("paid")) & Q(balance_after__gte=0) & Q(paid__gt=0),
                name="complement_balance_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.number}"
