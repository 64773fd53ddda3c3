"""Invoices: what they bill, what is withheld, what a reviewer decided."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from billing import rules
from billing.models.orders import CareOrder
from billing.models.shared import MONEY
from portal import ids
from portal.access import Permission
from portal.errors import Verdict
from portal.listing.search import beginnings
from portal.people.scopes import insurers_of, within
from portal.queue import Undoable
from portal.states import BALL_LABELS, Stand

if TYPE_CHECKING:
    from datetime import date

    from portal.people.models import User


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices by who sees them and what is due."""

    def visible_to(self, user: User) -> InvoiceQuerySet:
        """Desk sees what was submitted; a physician and their assistants their own; others none."""
        desk = {Permission.REVIEW_INVOICES, Permission.SEE_PAYMENTS}
        if user.permissions & desk:
            return self.filter(within(user, "insurer", *desk)).exclude(state=rules.ReviewState.DRAFT)
        return self.filter(party__in=user.proved_party_ids(Permission.SEE_OWN_BILLING))

    def for_review(self, user: User) -> InvoiceQuerySet:
        """Submitted ones that this person reviews: of the insurers that the role names."""
        return self.sent_to(insurers_of(user, Permission.REVIEW_INVOICES))

    def sent_to(self, insurers: Collection[UUID] | None) -> InvoiceQuerySet:
        """Submitted ones to these insurers; None for all."""
        sent = self.exclude(state=rules.ReviewState.DRAFT)
        return sent if insurers is None else sent.filter(insurer__in=insurers)

    def to_review(self) -> InvoiceQuerySet:
        """Waiting for a reviewer: nobody has decided yet."""
        return self.filter(~Exists(InvoiceDecision.open_about(OuterRef("pk"))), state=rules.ReviewState.SUBMITTED)

    def without_complement(self) -> InvoiceQuerySet:
        """Paid, and its physician has to hand the complement in: one that is in review is with us."""
        owed = self.filter(payment_state=rules.PaymentState.COMPLEMENT_DUE)
        return owed.exclude(Exists(self._in_review()))

    def with_complement_in_review(self) -> InvoiceQuerySet:
        """Paid, and a person is looking at its complement."""
        return self.filter(Exists(self._in_review()), payment_state=rules.PaymentState.COMPLEMENT_DUE)

    @staticmethod
    def _in_review() -> models.QuerySet[models.Model]:
        links = apps.get_model("billing", "ComplementPayment")._default_manager
        state = rules.ComplementState.IN_REVIEW
        return links.filter(invoice=OuterRef("pk"), live=True, complement__state=state)

    def overdue(self, *, on: date) -> InvoiceQuerySet:
        """Complement owed and its date gone."""
        return self.without_complement().filter(complement_due__due_on__lt=on)


class Invoice(models.Model):
    """One CFDI that bills one or several orders: base - withholdings = total (S0.14)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    folio = models.CharField(max_length=24, blank=True, default="")
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="invoices")
    insurer = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=rules.REVIEW.choices, default=rules.REVIEW.initial.value)
    payment_state = models.CharField(max_length=16, choices=rules.PAYMENT.choices, default=rules.PAYMENT.initial.value)
    currency = models.CharField(max_length=3, default=rules.CURRENCY)
    base = models.DecimalField("importe a facturar", **MONEY)
    withheld_isr = models.DecimalField("ISR retenido", **MONEY)
    withheld_local = models.DecimalField("impuesto local retenido", **MONEY)
    total = models.DecimalField("total", **MONEY)
    scheme = models.CharField(max_length=40)
    explanation = models.JSONField(default=dict)
    xml = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pdf = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    uuid = models.CharField("folio fiscal", max_length=36, blank=True, default="")
    issued_on = models.DateField("fecha de la factura", null=True, blank=True)
    verdict = models.CharField(max_length=10, blank=True, default="")
    findings = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    created_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    review_due_on = models.DateField("respondemos a más tardar el", null=True, blank=True)
    review_due_rule = models.CharField(max_length=200, blank=True, default="")
    clean = models.BooleanField("sin hallazgos al enviarla", default=False)
    drawn = models.BooleanField("sorteada para abrirla", default=False)
    files_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    receipt = models.ForeignKey("papers.IssuedDocument", on_delete=models.PROTECT, null=True, related_name="+")
    transfer = models.ForeignKey("treasury.Transfer", on_delete=models.PROTECT, null=True, related_name="invoices")
    paid_on = models.DateField(null=True, blank=True)
    complement_due = models.OneToOneField(
        "billing.ComplementDue", on_delete=models.PROTECT, null=True, blank=True, related_name="invoice"
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["folio"], condition=~Q(folio=""), name="one_invoice_per_folio"),
            models.CheckConstraint(
                condition=Q(total=F("base") - F("withheld_isr") - F("withheld_local")),
                name="total_is_base_minus_withheld",
            ),
            models.CheckConstraint(condition=Q(currency=rules.CURRENCY), name="invoice_whole_clp_is_not_billed_here"),
            models.CheckConstraint(
                condition=Q(state__in=rules.REVIEW.values) & Q(payment_state__in=rules.PAYMENT.values),
                name="invoice_states_known",
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | (~Q(folio="") & Q(submitted_at__isnull=False) & Q(submitted_by__isnull=False)),
                name="submitted_invoice_has_folio_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (Q(review_due_on__isnull=False) & ~Q(review_due_rule="")),
                name="sent_invoice_says_when_it_is_answered",
            ),
            models.CheckConstraint(
                condition=Q(payment_state="none") | Q(state="accepted"), name="only_accepted_invoices_are_paid"
            ),
            models.CheckConstraint(
                condition=~Q(payment_state__in=["complement_due", "closed"])
                | (Q(paid_on__isnull=False) & Q(complement_due__isnull=False)),
                name="paid_invoice_has_its_dates",
            ),
            models.CheckConstraint(
                condition=Q(transfer=None, paid_on=None) | Q(transfer__isnull=False, paid_on__isnull=False),
                name="invoice_transfer_and_day_together",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["returned", "accepted", "rejected", "cancelled"]) | Q(decided_at__isnull=False),
                name="decided_invoice_has_when",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["", *(one.value for one in Verdict)]), name="invoice_verdict_known"
            ),
        ]
        indexes = [
            models.Index(fields=["party", "-created_at", "-id"], name="invoice_of_party"),
            models.Index(beginnings("folio"), name="invoice_folio_begins"),
            models.Index(fields=["uuid"], condition=~Q(uuid=""), name="invoice_by_uuid"),
            models.Index(fields=["state", "submitted_at", "id"], name="invoice_queue"),
        ]

    def __str__(self) -> str:
        return self.folio or "Borrador"

    @property
    def complement_due_on(self) -> date | None:
        """The day by which its complement is due (strict); None before it was paid."""
        return self.complement_due.due_on if self.complement_due else None

    def is_overdue(self, *, on: date) -> bool:
        """Whether the date of its complement is gone; False before it was paid."""
        return self.complement_due is not None and self.complement_due.is_over(on=on)

    @property
    def review_state(self) -> rules.ReviewState:
        """The review state as its enum."""
        return rules.ReviewState(self.state)

    @property
    def is_editable(self) -> bool:
        """Whether its files can still be changed by the physician."""
        return self.review_state in {rules.ReviewState.DRAFT, rules.ReviewState.RETURNED}

    @property
    def is_mended(self) -> bool:
        """Whether its files changed since a reviewer gave it back; true for one that never was."""
        if self.review_state is not rules.ReviewState.RETURNED or self.decided_at is None:
            return True
        return self.files_at is not None and self.files_at >= self.decided_at

    @property
    def is_paired(self) -> bool:
        """Whether XML and PDF can be of one invoice; true while one of them lacks."""
        return self.xml_id is None or self.pdf is None or rules.shows_uuid(self.pdf.facts, self.uuid)

    @property
    def stand(self) -> Stand:
        """Where it stands for the physician: with the money once accepted, with the review before."""
        return rules.invoice_stand(self.state, self.payment_state)

    @property
    def state_label(self) -> str:
        """One sentence for the physician."""
        return self.stand.label

    @property
    def tone(self) -> str:
        """The colour that goes with `state_label`."""
        return self.stand.tone

    @property
    def desk_label(self) -> str:
        """The review state as the desk reads it."""
        return rules.REVIEW.desk_label(self.state)

    @property
    def desk_tone(self) -> str:
        """The colour that goes with `desk_label`."""
        return rules.REVIEW.tone(self.state)

    @property
    def ball_label(self) -> str:
        """Who has to move next, seen by the physician."""
        return BALL_LABELS[self.stand.ball]


class InvoiceLine(models.Model):
    """Where an invoice and an order meet; one live line per order."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    order = models.ForeignKey(CareOrder, on_delete=models.PROTECT, related_name="lines")
    amount = models.DecimalField(**MONEY)
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(live=True), name="one_live_line_per_order"),
            models.UniqueConstraint(fields=["invoice", "order"], name="order_once_per_invoice"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="line_amount_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}"


class InvoiceWithholding(models.Model):
    """One withheld tax with the rule row that computed it; copied, so later rules change nothing (domain 1.2)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="withholdings")
    component = models.CharField(max_length=8)
    rate = models.DecimalField(max_digits=8, decimal_places=6)
    base = models.DecimalField(**MONEY)
    amount = models.DecimalField(**MONEY)
    rule_code = models.CharField(max_length=60)
    rule_version = models.PositiveIntegerField()
    rule_source = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "component"], name="one_withholding_per_component"),
            models.CheckConstraint(condition=Q(amount__gte=0) & Q(amount__lte=F("base")), name="withheld_within_base"),
            models.CheckConstraint(condition=Q(component__in=["ISR", "LOCAL"]), name="withholding_component_known"),
        ]

    def __str__(self) -> str:
        return f"{self.component} {self.rate}"


class InvoiceDecision(Undoable):
    """What a reviewer decided, until it cannot be undone; its effect writes the ReviewDecision that everybody reads."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=rules.REVIEW.choices)
    reasons = models.JSONField(default=list)
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(done_at=None), name="one_open_decision_per_invoice"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "returned", "rejected"]), name="invoice_decision_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | Q(undone_at=None, refused=""),
                name="ended_invoice_decision_is_done",
            ),
        ]
        indexes = [models.Index(fields=["by", "not_before"], condition=Q(done_at=None), name="invoice_decision_waits")]

    def __str__(self) -> str:
        return self.outcome

    @staticmethod
    def open_about(invoice: object) -> models.QuerySet[InvoiceDecision]:
        """The decision about an invoice (a row, its id or an OuterRef) that waits, if there is one."""
        return InvoiceDecision.objects.filter(invoice=invoice, done_at=None)

    @property
    def subject(self) -> Invoice:
        """The invoice."""
        return self.invoice

    @property
    def said(self) -> str:
        """What was decided, to who decided."""
        return f"{rules.DECIDED[rules.ReviewState(self.outcome)]} {self.invoice.folio}"

    @property
    def href(self) -> str:
        """The invoice at the desk."""
        return reverse("billing:review", args=[self.invoice.folio])


class ReviewDecision(models.Model):
    """What a reviewer decided about a submitted invoice, with reasons from the catalogue (N14).

    `seen` is what the papers said then, datum by datum: of a corrected one only what changed is looked at again.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="decisions")
    reviewer = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=rules.REVIEW.choices)
    reasons = models.JSONField(default=list)
    note = models.TextField(blank=True, default="")
    seen = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="accepted", reasons=[])
                | (Q(outcome__in=["returned", "rejected"]) & ~Q(reasons=[])),
                name="review_decision_says_why_or_accepts",
            ),
        ]

    def __str__(self) -> str:
        return self.outcome

    @property
    def sentences(self) -> list[str]:
        """The reasons as the physician reads them."""
        return [rules.REASON_LABELS[rules.ReturnReason(reason)] for reason in self.reasons]
