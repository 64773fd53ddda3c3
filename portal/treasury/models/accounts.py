"""A party's bank account per purpose, and who judged it (S0.4-S0.8, N10, MO-06)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from portal import ids
from portal.access import Permission
from portal.errors import Finding
from portal.people.scopes import insurers_of, of_party
from portal.queue import Undoable
from portal.states import choices
from portal.treasury import rules
from portal.vault import EncryptedTextField

if TYPE_CHECKING:
    from datetime import datetime


# What was captured before the RFC moved to its owner is another's (AC-11).
_SINCE_MOVED = Q(party__rfc_moved_at=None) | Q(captured_at__gt=F("party__rfc_moved_at"))


class BankAccountQuerySet(models.QuerySet["BankAccount"]):
    """Bank accounts by state and by who may see them."""

    def visible_to(self, user: Any) -> BankAccountQuerySet:
        """Reviewers see every account that left its owner's hands; an owner sees those of their own parties."""
        if not user.is_authenticated:
            return self.none()
        own = user.party_ids(Permission.MANAGE_OWN_ACCOUNT)
        if Permission.REVIEW_ACCOUNTS in user.permissions:
            return self.of_reviewer(own, insurers_of(user, Permission.REVIEW_ACCOUNTS))
        return self.of_owners(own)

    def of_reviewer(self, own: Sequence[UUID], insurers: Collection[UUID] | None) -> BankAccountQuerySet:
        """What was handed in by whom these insurers reach (None: by all), and what is of a reviewer's own parties."""
        handed_in = ~Q(submitted_at=None)
        if insurers is not None:
            handed_in &= of_party("party", insurers)
        return self.filter(_SINCE_MOVED & Q(party__in=own) | handed_in)

    def of_owner(self, party: Any) -> BankAccountQuerySet:
        """Accounts of one party, without those that another captured there before the RFC moved to its owner."""
        return self.filter(_SINCE_MOVED, party=party)

    def of_owners(self, party_ids: Sequence[UUID]) -> BankAccountQuerySet:
        """The same of several parties."""
        return self.filter(_SINCE_MOVED, party__in=party_ids)

    def under_way(self) -> BankAccountQuerySet:
        """Captured or waiting for a reviewer."""
        return self.filter(state__in=[rules.AccountState.CAPTURED, rules.AccountState.IN_REVIEW])

    def to_review(self) -> BankAccountQuerySet:
        """Waiting for a reviewer: nobody has just decided."""
        return self.filter(~Exists(AccountDecision.open_about(OuterRef("pk"))), state=rules.AccountState.IN_REVIEW)

    def validated(self) -> BankAccountQuerySet:
        """The account of record, whether or not its hold still runs."""
        return self.filter(state=rules.AccountState.VALIDATED)

    def of_record(self) -> BankAccountQuerySet:
        """The account a party is paid to: validated, or back in review because the bank returned what it had paid."""
        again = Q(state=rules.AccountState.IN_REVIEW, returned_at__isnull=False)
        return self.filter(Q(state=rules.AccountState.VALIDATED) | again)

    def usable(self, *, at: datetime) -> BankAccountQuerySet:
        """Accounts that may be paid at `at`: validated, and the hold after a change is over (MO-06)."""
        return self.validated().filter(usable_from__lte=at)


class BankAccount(models.Model):
    """One CLABE of one party for one purpose. The CLABE is encrypted; equality goes through a blind index."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="bank_accounts")
    purpose = models.CharField(max_length=32)
    clabe = EncryptedTextField()
    clabe_index = models.CharField(max_length=64, db_index=True)
    last4 = models.CharField(max_length=4)
    bank_code = models.CharField(max_length=3)
    bank_name = models.CharField(max_length=80, blank=True, default="")
    holder = models.CharField(max_length=254)
    statement = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, related_name="+")
    statement_on = models.DateField(null=True, blank=True)
    findings = models.JSONField(default=list, blank=True)
    names_rfc = models.BooleanField("el estado de cuenta trae el RFC", default=False)
    state = models.CharField(max_length=16, choices=rules.ACCOUNT.choices, default=rules.ACCOUNT.initial)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="changes")
    reviews_needed = models.PositiveSmallIntegerField(default=1)
    captured_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    captured_at = models.DateTimeField()
    submitted_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")
    usable_from = models.DateTimeField(null=True, blank=True)
    hold_rule = models.CharField(max_length=200, blank=True, default="")
    replaced_at = models.DateTimeField(null=True, blank=True)
    # Each time the bank returns a transfer paid to it, its reviews begin again: another round.
    round = models.PositiveSmallIntegerField(default=1)
    returned_at = models.DateTimeField(null=True, blank=True)

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party", "purpose"], condition=Q(state="validated"), name="one_validated_account"
            ),
            models.UniqueConstraint(
                fields=["party", "purpose"],
                condition=Q(state__in=["captured", "in_review"], returned_at=None),
                name="one_account_under_way",
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=~Q(state__in=["rejected", "stopped"]), name="one_change_in_force"
            ),
            models.CheckConstraint(
                condition=Q(submitted_by=None, submitted_at=None)
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="account_submitted_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="validated") | Q(usable_from__isnull=False, decided_at__isnull=False),
                name="validated_account_has_usable_from",
            ),
            models.CheckConstraint(condition=~Q(state="rejected") | ~Q(reason=""), name="rejected_account_has_reason"),
            models.CheckConstraint(condition=Q(state__in=rules.ACCOUNT.values), name="account_state_known"),
            models.CheckConstraint(
                condition=Q(replaces=None) | Q(reviews_needed__gte=2), name="change_needs_two_reviews"
            ),
            models.CheckConstraint(
                condition=Q(usable_from=None) | Q(usable_from__gte=F("decided_at")), name="usable_after_decision"
            ),
            models.CheckConstraint(
                condition=~Q(state="stopped") | Q(usable_from=None, replaced_at__isnull=False),
                name="stopped_account_was_never_usable",
            ),
            models.CheckConstraint(
                condition=Q(round=1, returned_at=None) | Q(round__gte=2, returned_at__isnull=False),
                name="account_round_begins_with_a_return",
            ),
        ]

    def __str__(self) -> str:
        return f"•••• {self.last4}"

    @property
    def needs_two(self) -> bool:
        """Whether two people must approve it."""
        return self.reviews_needed > 1

    @property
    def is_change(self) -> bool:
        """Whether it takes the place of an account that could be paid before; one back in review takes nobody's."""
        return self.reviews_needed >= rules.CHANGE_REVIEWS and self.returned_at is None

    @property
    def found(self) -> list[Finding]:
        """What the machine said of the statement for this CLABE; the same PDF may prove another one too."""
        return [Finding.from_json(item) for item in self.findings]


class AccountDecision(Undoable):
    """What a reviewer decided of an account, until it cannot be undone; its effect writes the AccountReview."""

    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=16, choices=choices(rules.DECISION_LABELS))
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(done_at=None), name="one_open_decision_per_account"
            ),
            models.CheckConstraint(
                condition=Q(decision="approved") | ~Q(reason=""), name="account_decision_rejects_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | Q(undone_at=None, refused=""),
                name="ended_account_decision_is_done",
            ),
        ]
        indexes = [models.Index(fields=["by", "not_before"], condition=Q(done_at=None), name="account_decision_waits")]

    def __str__(self) -> str:
        return self.decision

    @staticmethod
    def open_about(account: object) -> models.QuerySet[AccountDecision]:
        """The decision about an account (a row, its id or an OuterRef) that waits, if there is one."""
        return AccountDecision.objects.filter(account=account, done_at=None)

    @property
    def subject(self) -> BankAccount:
        """The account."""
        return self.account

    @property
    def said(self) -> str:
        """What was decided, to who decided."""
        return f"{rules.DECIDED[rules.Decision(self.decision)]} la cuenta bancaria de {self.account.holder}"

    @property
    def href(self) -> str:
        """The account at the desk."""
        return reverse("treasury:account_review", args=[self.account_id])


class AccountReview(models.Model):
    """One reviewer's decision on one account in one round; a change of account needs two different reviewers."""

    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=16, choices=choices(rules.DECISION_LABELS))
    reason = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "reviewer", "round"], name="one_review_per_reviewer"),
            models.CheckConstraint(condition=Q(decision="approved") | ~Q(reason=""), name="review_rejects_with_reason"),
        ]

    def __str__(self) -> str:
        return self.decision
