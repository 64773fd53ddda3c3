"""A family's claim, its clock and what was estimated of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from claims.models.shared import MONEY
from claims.rules.kinds import KIND_LABELS, STAGE_LABELS, SUBTYPE_LABELS, Kind, Stage, Subtype
from claims.rules.states import BEFORE_SENDING, CLAIM, PAYMENT, UNDER_WAY, ClaimState, PaymentState, claim_stand
from memberships.models import Member
from memberships.selectors import seen_clinically
from portal import clock, ids
from portal.access import Permission
from portal.listing.search import beginnings
from portal.people.selectors import parties_of
from portal.states import BALL_LABELS, Stand, choices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from portal.people.models import User


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Claims by who sees that they are there; what of one is read `selectors.sees_whole` answers."""

    def visible_to(self, user: User) -> ClaimQuerySet:
        """The desk sees what was sent; a person their own, beside it."""
        if Permission.DECIDE_CLAIMS in user.permissions:
            return self.for_desk(user) | self.of_member(user)
        return self.of_member(user)

    def of_member(self, user: User) -> ClaimQuerySet:
        """What somebody filed, is paid, or is about them or somebody whose clinical data they see today."""
        own = user.party_ids(Permission.SEE_OWN_CLAIMS)
        if not own:
            return self.none()
        people = seen_clinically(user, clock.today())
        sent = ~Q(state__in=BEFORE_SENDING)
        return self.filter(Q(filed_by=user) | Q(payee__in=own) & sent | Q(affected__in=people) & sent)

    def for_desk(self, user: User) -> ClaimQuerySet:
        """What an analyst works on: whatever was sent, but their own and their family's: those they do not read."""
        if Permission.DECIDE_CLAIMS not in user.permissions:
            return self.none()
        return self._of_others(user)

    def for_reports(self, user: User) -> ClaimQuerySet:
        """What a report counts: whatever was sent, but their own and their family's."""
        if Permission.SEE_CLAIM_REPORTS not in user.permissions:
            return self.none()
        return self._of_others(user)

    def _of_others(self, user: User) -> ClaimQuerySet:
        return self.sent().exclude(filed_by=user).exclude(self._of_household(parties_of(user)))

    @staticmethod
    def _of_household(own: Sequence[UUID]) -> Q:
        """About, paid to or insured with any of these parties: whoever is or was in one of their certificates."""
        if not own:
            return Q(pk__in=[])
        together = Member.objects.filter(person__party__in=own).values("membership")
        return Q(affected__party__in=own) | Q(payee__in=own) | Q(certificate__in=together)

    def sent(self) -> ClaimQuerySet:
        """Those that have a folio."""
        return self.exclude(state__in=BEFORE_SENDING)

    def drafts_to_pass(self, *, on: date) -> ClaimQuerySet:
        """Drafts whose stored day has come: they are told of, or fall."""
        return self.filter(state=ClaimState.DRAFT, looks_again_on__lte=on)

    def drafts_of(self, user: User) -> ClaimQuerySet:
        """What somebody began and has not sent."""
        return self.filter(filed_by=user, state=ClaimState.DRAFT)


class Claim(models.Model):
    """What a family asks to be paid of one person's care under one coverage; folio, promise and clock from sending on.

    `payee` is the party of who filed it, the titular or the affected adult with an account: their bank account is its.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    folio = models.CharField(max_length=24, blank=True, default="")
    state = models.CharField(max_length=20, choices=CLAIM.choices, default=CLAIM.initial.value)
    payment_state = models.CharField(max_length=12, choices=PAYMENT.choices, default=PAYMENT.initial.value)
    kind = models.CharField(max_length=16, choices=choices(KIND_LABELS))
    subtype = models.CharField(max_length=16, choices=choices(SUBTYPE_LABELS), blank=True, default="")
    stage = models.CharField(max_length=12, choices=choices(STAGE_LABELS), default=Stage.INITIAL.value)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="later")
    certificate = models.ForeignKey("memberships.Membership", on_delete=models.PROTECT, related_name="+")
    affected = models.ForeignKey("memberships.CoveredPerson", on_delete=models.PROTECT, related_name="claims")
    coverage = models.ForeignKey("memberships.PlanCoverage", on_delete=models.PROTECT, related_name="+")
    condition = models.ForeignKey(
        "memberships.Condition", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    condition_pending = models.BooleanField("padecimiento pendiente", default=False)
    reasons = models.TextField("motivos de la apelación", blank=True, default="")
    hospital = models.ForeignKey("claims.Hospital", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    planned_on = models.DateField("día previsto", null=True, blank=True)
    unlisted = models.CharField("hospital que no está en la lista", max_length=200, blank=True, default="")
    # The help folio by which the adviser was asked for a hospital that the list has not.
    adviser_request = models.ForeignKey(
        "help.ContactMessage", on_delete=models.PROTECT, null=True, blank=True, related_name="claims"
    )
    payee = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    filed_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    claimed = models.DecimalField("reclamado", **MONEY, default=0)
    submitted_at = models.DateTimeField("enviado", null=True, blank=True)
    promised_at = models.DateTimeField("respondemos a más tardar", null=True, blank=True)
    promise_rule = models.CharField(max_length=200, blank=True, default="")
    draft_falls_on = models.DateField("el borrador se borra", null=True, blank=True)
    draft_rule = models.CharField(max_length=200, blank=True, default="")
    looks_again_on = models.DateField(null=True, blank=True)
    decided_at = models.DateTimeField("decidido", null=True, blank=True)
    elapsed_minutes = models.PositiveIntegerField("minutos hábiles hasta la decisión", null=True, blank=True)
    receipt = models.ForeignKey("papers.IssuedDocument", on_delete=models.PROTECT, null=True, related_name="+")
    transfer = models.ForeignKey("treasury.Transfer", on_delete=models.PROTECT, null=True, related_name="+")
    paid_on = models.DateField("pagado", null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["folio"], condition=~Q(folio=""), name="one_claim_per_folio"),
            models.CheckConstraint(
                condition=Q(state__in=CLAIM.values) & Q(payment_state__in=PAYMENT.values), name="claim_states_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[Kind.REIMBURSEMENT.value, Kind.MINOR.value], subtype="")
                | Q(kind=Kind.SCHEDULED.value, subtype__in=["", *(one.value for one in Subtype)]),
                name="claim_subtype_of_a_scheduled_event",
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.INITIAL.value, parent=None)
                | Q(stage__in=[Stage.COMPLEMENT.value, Stage.APPEAL.value], parent__isnull=False),
                name="claim_of_a_later_stage_has_its_first",
            ),
            models.CheckConstraint(
                condition=Q(condition=None) | Q(condition_pending=False), name="claim_condition_is_one_or_pending"
            ),
            models.CheckConstraint(
                condition=Q(reasons="", state__in=[one.value for one in sorted(BEFORE_SENDING)])
                | (Q(stage=Stage.APPEAL.value) & ~Q(reasons=""))
                | (~Q(stage=Stage.APPEAL.value) & Q(reasons="")),
                name="appeal_says_why_and_nothing_else_does",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.SCHEDULED.value)
                | Q(hospital=None, planned_on=None, adviser_request=None, unlisted=""),
                name="only_a_scheduled_event_has_hospital_and_day",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.SCHEDULED.value)
                | Q(state__in=[one.value for one in sorted(BEFORE_SENDING)])
                | (Q(planned_on__isnull=False) & (Q(hospital__isnull=False) | Q(adviser_request__isnull=False))),
                name="sent_event_has_its_day_and_hospital",
            ),
            models.UniqueConstraint(
                fields=["parent"],
                condition=Q(stage=Stage.APPEAL.value, state__in=[one.value for one in sorted(UNDER_WAY)]),
                name="one_open_appeal_per_claim",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in sorted(BEFORE_SENDING)])
                | (
                    ~Q(folio="")
                    & Q(submitted_at__isnull=False, promised_at__isnull=False)
                    & ~Q(promise_rule="")
                    & ~(Q(kind=Kind.SCHEDULED.value) & Q(subtype=""))
                ),
                name="sent_claim_has_folio_when_and_promise",
            ),
            models.CheckConstraint(
                condition=~Q(state=ClaimState.DECIDED.value)
                | Q(decided_at__isnull=False, elapsed_minutes__isnull=False),
                name="decided_claim_has_when",
            ),
            models.CheckConstraint(
                condition=Q(payment_state=PaymentState.NONE.value) | Q(state=ClaimState.DECIDED.value),
                name="only_decided_claims_are_paid",
            ),
            models.CheckConstraint(
                condition=Q(payment_state=PaymentState.PAID.value, transfer__isnull=False, paid_on__isnull=False)
                | (~Q(payment_state=PaymentState.PAID.value) & Q(transfer=None, paid_on=None)),
                name="paid_claim_has_its_transfer_and_day",
            ),
            models.CheckConstraint(condition=Q(claimed__gte=0), name="claimed_not_negative"),
            models.CheckConstraint(
                condition=Q(state=ClaimState.DRAFT.value, draft_falls_on__isnull=False, looks_again_on__isnull=False)
                & ~Q(draft_rule="")
                | ~Q(state=ClaimState.DRAFT.value) & Q(looks_again_on=None),
                name="drafts_alone_fall_on_a_stored_day",
            ),
        ]
        indexes = [
            models.Index(fields=["filed_by", "-created_at", "-id"], name="claim_of_filer"),
            models.Index(fields=["affected", "-created_at", "-id"], name="claim_of_affected"),
            models.Index(fields=["state", "submitted_at", "id"], name="claim_queue"),
            models.Index(fields=["promised_at", "id"], name="claim_promised"),  # the order of the desk's list
            models.Index(  # the same of those that wait: the oldest promises are of claims long answered
                fields=["promised_at", "id"],
                condition=Q(state__in=[one.value for one in sorted(UNDER_WAY)]),
                name="claim_promised_waiting",
            ),
            models.Index(
                fields=["kind", "subtype", "decided_at"], condition=~Q(decided_at=None), name="claim_decided_of_kind"
            ),
            models.Index(beginnings("folio"), name="claim_folio_begins"),
            models.Index(fields=["parent"], condition=Q(stage=Stage.APPEAL.value), name="claim_appeals"),
            models.Index(fields=["looks_again_on"], condition=Q(state="draft"), name="claim_draft_falls"),
        ]

    def __str__(self) -> str:
        return self.folio or "Borrador"

    @property
    def stand(self) -> Stand:
        """Where it stands for its family: with the money once a decision pays, with the review before."""
        return claim_stand(self.state, self.payment_state)

    @property
    def state_label(self) -> str:
        """Where it stands, one sentence for its family."""
        return self.stand.label

    @property
    def tone(self) -> str:
        """The colour that goes with `state_label`."""
        return self.stand.tone

    @property
    def desk_label(self) -> str:
        """Where it stands as the desk reads it."""
        pays = self.payment_state != PaymentState.NONE
        return PAYMENT.desk_label(self.payment_state) if pays else CLAIM.desk_label(self.state)

    @property
    def payee_name(self) -> str:
        """Who is paid, as people read it."""
        return str(self.payee) or str(self.filed_by)

    @property
    def ball_label(self) -> str:
        """Who has to move next, seen by its family."""
        return BALL_LABELS[self.stand.ball]

    @property
    def kind_label(self) -> str:
        """What is asked, in words."""
        label = KIND_LABELS[Kind(self.kind)]
        label = f"{label}: {SUBTYPE_LABELS[Subtype(self.subtype)].lower()}" if self.subtype else label
        return label if self.stage == Stage.INITIAL else f"{STAGE_LABELS[Stage(self.stage)]} de {label.lower()}"


class ClockSegment(models.Model):
    """A stretch in which a claim's clock ran; open while it runs, none while documents are pending (S3.32).

    Each begins with the promise that is given at its beginning: at sending, and anew whenever the clock goes on.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="segments")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    promised_at = models.DateTimeField()
    promise_rule = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="clock_segment_ends_after_start"
            ),
            models.UniqueConstraint(fields=["claim"], condition=Q(until=None), name="one_running_clock_per_claim"),
        ]

    def __str__(self) -> str:
        return f"{self.since} {self.until or ''}"


class Estimate(models.Model):
    """How long such claims took, frozen when one was sent (N8); `hits` of `tested` tell how good that is."""

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="estimate")
    cases = models.PositiveIntegerField()
    p50_minutes = models.PositiveIntegerField()
    p80_minutes = models.PositiveIntegerField()
    p50_due = models.DateTimeField()
    p80_due = models.DateTimeField()
    tested = models.PositiveIntegerField(default=0)
    hits = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(p80_minutes__gte=F("p50_minutes"), p80_due__gte=F("p50_due"), hits__lte=F("tested")),
                name="estimate_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.p50_minutes} {self.p80_minutes}"
