"""What follows a claim's first decision or stands beside it: the machine's judgement, a drawn check, a withdrawal."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from claims.models.claims import Claim
from claims.models.deciding import Decision
from claims.rules.automatic import Outcome


class AutomaticAnswer(models.Model):
    """What the published rules said of a sent claim, once: approved by itself, or a person with every reason why.

    `asked` is what they looked at, `rules` which versions; both as the page shows where the answer comes from.
    """

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="automatic_answer")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Outcome])
    because = models.JSONField(default=list, blank=True)
    explanation = models.JSONField(default=dict, blank=True)
    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="automatic_answer"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome=Outcome.APPROVE.value, because=[], decision__isnull=False)
                | (Q(outcome=Outcome.PERSON.value, decision=None) & ~Q(because=[])),
                name="automatic_answer_approves_or_says_why_not",
            ),
        ]

    def __str__(self) -> str:
        return self.outcome


class QualityCheck(models.Model):
    """A decision that the draw gave to a second person: by which seed and share, and whether they agreed."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="quality_check")
    seed = models.CharField(max_length=8)
    percent = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=200)
    drawn_at = models.DateTimeField()
    agreed = models.BooleanField(null=True)
    done_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed=None, done_by=None, done_at=None)
                | Q(agreed__isnull=False, done_by__isnull=False, done_at__isnull=False),
                name="quality_check_is_done_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.seed


class DecisionWithdrawal(models.Model):
    """An analyst asks that a final decision be withdrawn and says why; another agrees, or not."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="withdrawals")
    reason = models.TextField()
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    agreed = models.BooleanField(null=True)
    note = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_says_why"),
            models.UniqueConstraint(
                fields=["decision"], condition=Q(agreed=None), name="one_open_withdrawal_per_decision"
            ),
            models.CheckConstraint(
                condition=Q(agreed=None, answered_by=None, answered_at=None)
                | (
                    Q(agreed__isnull=False, answered_by__isnull=False, answered_at__isnull=False)
                    & ~Q(answered_by=F("by"))
                ),
                name="withdrawal_answered_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.reason
