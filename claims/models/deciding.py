"""What was decided of a claim, line by line, and the accumulators that its money came from."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from claims.models.claims import Claim
from claims.models.filing import ClaimLine
from claims.models.shared import (
    CURRENCY,
    MONEY,
    SETTLED_ADDS_UP,
    SETTLED_NOT_NEGATIVE,
    SHARES_ADD_UP,
    SHARES_NOT_NEGATIVE,
    Settles,
    Shares,
)
from claims.rules.deciding import (
    APPEAL_LABELS,
    DESK_APPEAL_LABELS,
    DESK_LABELS,
    OUTCOME_LABELS,
    OUTCOME_TONES,
    SECOND_LOOK_LABELS,
    Outcome,
    SecondLook,
)
from claims.rules.kinds import Stage
from portal import ids
from portal.money import format_money
from portal.states import choices


class Decision(Settles):
    """What an analyst, or the published rules (`by` None), decided of a claim; final once nobody else has to look.

    `ended_at` without `final_at`: a second person sent it back; with it: it was withdrawn. Frozen from final on.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=16, choices=choices(OUTCOME_LABELS))
    note = models.TextField(blank=True, default="")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    second_look = models.CharField(max_length=8, choices=choices(SECOND_LOOK_LABELS), blank=True, default="")
    looked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_note = models.TextField(blank=True, default="")
    final_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    explanations = models.JSONField(default=list)
    # Of a scheduled event: up to how much a hospital may bill, until when; what it billed is a further decision.
    authorised = models.DecimalField("autorizado", **MONEY, null=True, blank=True)
    valid_until = models.DateField("vigente hasta", null=True, blank=True)
    of_bill = models.BooleanField("de la cuenta del hospital", default=False)
    document = models.ForeignKey("papers.IssuedDocument", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="decision_number_once"),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(ended_at=None, of_bill=False),
                name="one_standing_decision_per_claim",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=[one.value for one in Outcome])
                & Q(second_look__in=[one.value for one in SecondLook]),
                name="decision_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(authorised=None) & ~Q(outcome=Outcome.AUTHORISED.value)
                | Q(authorised__gt=0, outcome=Outcome.AUTHORISED.value, of_bill=False),
                name="what_is_authorised_has_an_amount",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.AUTHORISED.value) | Q(final_at=None) | Q(valid_until__isnull=False),
                name="letter_says_until_when",
            ),
            models.CheckConstraint(condition=SETTLED_ADDS_UP, name="decision_adds_up"),
            models.CheckConstraint(condition=SETTLED_NOT_NEGATIVE, name="decision_not_negative"),
            models.CheckConstraint(
                condition=Q(looked_by=None, looked_at=None)
                | (Q(looked_by__isnull=False, looked_at__isnull=False) & (Q(by=None) | ~Q(looked_by=F("by")))),
                name="decision_looked_at_by_another",
            ),
            models.CheckConstraint(
                condition=Q(final_at=None) | Q(second_look="") | Q(looked_by__isnull=False),
                name="second_look_comes_before_final",
            ),
            models.CheckConstraint(
                condition=Q(document=None) | Q(final_at__isnull=False), name="only_final_decisions_are_papers"
            ),
        ]

    def __str__(self) -> str:
        return self.outcome

    @property
    def label(self) -> str:
        """What it says, in words."""
        of_appeal = self.claim.stage == Stage.APPEAL
        return (APPEAL_LABELS if of_appeal else OUTCOME_LABELS)[Outcome(self.outcome)]

    @property
    def desk_label(self) -> str:
        """The same as the desk reads it."""
        of_appeal = self.claim.stage == Stage.APPEAL
        return (DESK_APPEAL_LABELS if of_appeal else DESK_LABELS)[Outcome(self.outcome)]

    @property
    def told_bill(self) -> str:
        """A hospital's bill in a sentence."""
        told = {name: format_money(getattr(self, name), CURRENCY) for name in ("claimed", "covered", "paid")}
        return f"Cobró {told['claimed']}, se cubren {told['covered']} y la aseguradora paga {told['paid']}."

    @property
    def author(self) -> str:
        """Who decided it, as people read it."""
        return str(self.by) if self.by is not None else "las reglas publicadas"

    @property
    def tone(self) -> str:
        """The colour that goes with it."""
        return OUTCOME_TONES[Outcome(self.outcome)]


class Opening(models.Model):
    """An analyst said why they open a claim that they did not take; never changed."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="openings")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="opening_says_why")]
        indexes = [models.Index(fields=["by", "at"], name="opening_of_analyst")]

    def __str__(self) -> str:
        return self.reason


class Accumulator(Shares):
    """What one bucket has covered, and who bore it: one a person, coverage, condition and year, as the scope says.

    `of_…` are the terms under which it was first booked; whatever comes to it later is shared by them.
    """

    person = models.ForeignKey("memberships.CoveredPerson", on_delete=models.PROTECT, related_name="+")
    coverage = models.ForeignKey("memberships.PlanCoverage", on_delete=models.PROTECT, related_name="+")
    condition = models.ForeignKey(
        "memberships.Condition", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    year = models.DateField(null=True, blank=True)
    of_deductible = models.DecimalField(**MONEY)
    of_rate = models.DecimalField(max_digits=8, decimal_places=6)
    of_coaseguro_cap = models.DecimalField(**MONEY, null=True, blank=True)
    of_sum_insured = models.DecimalField(**MONEY, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "coverage", "condition", "year"],
                nulls_distinct=False,
                name="one_accumulator_per_bucket",
            ),
            models.CheckConstraint(condition=SHARES_ADD_UP, name="accumulator_adds_up"),
            models.CheckConstraint(condition=SHARES_NOT_NEGATIVE, name="accumulator_not_negative"),
            models.CheckConstraint(
                condition=Q(of_deductible__gte=0, of_rate__gte=0, of_rate__lte=1),
                name="accumulator_terms_in_range",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DecisionLine(Settles):
    """One line of a decision: what the analyst says is covered, why not the rest, and who bears what."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(ClaimLine, on_delete=models.PROTECT, related_name="+")
    told = models.DecimalField("cubierto según dictamen", max_digits=16, decimal_places=2)
    why = models.CharField(max_length=16, blank=True, default="")  # a reason of the catalogue of its day
    rate = models.DecimalField("coaseguro", max_digits=8, decimal_places=6, default=0)
    accumulator = models.ForeignKey(Accumulator, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_final = models.BooleanField("de una decisión definitiva", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "line"], name="line_once_per_decision"),
            models.CheckConstraint(condition=SETTLED_ADDS_UP, name="decision_line_adds_up"),
            models.CheckConstraint(condition=SETTLED_NOT_NEGATIVE, name="decision_line_not_negative"),
            models.CheckConstraint(condition=Q(not_covered=0) | ~Q(why=""), name="what_is_not_covered_says_why"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=1), name="decision_line_rate_is_a_fraction"),
        ]

    def __str__(self) -> str:
        return str(self.line_id)


class AccumulatorEntry(Shares):
    """What one line of a final decision added to its bucket; never changed, undone by another one (`undoes`)."""

    accumulator = models.ForeignKey(Accumulator, on_delete=models.PROTECT, related_name="entries")
    line = models.ForeignKey(DecisionLine, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=SHARES_ADD_UP, name="accumulator_entry_adds_up"),
            models.UniqueConstraint(fields=["line"], condition=Q(undoes=None), name="line_is_booked_once"),
            models.CheckConstraint(
                condition=Q(undoes=None, covered__gte=0) | Q(undoes__isnull=False, covered__lte=0),
                name="entry_grows_or_undoes",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
