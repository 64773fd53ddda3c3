"""The accounts of ours that money comes in to, what moved on them, and what became of it (domain 2.9, 2.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from portal import ids
from portal.access import Permission
from portal.imports import rules as imported
from portal.listing.search import beginnings
from portal.queue import Claimable
from portal.states import choices
from portal.treasury import rules
from portal.treasury.models.fields import money, whole_clp
from portal.treasury.rules import collecting

if TYPE_CHECKING:
    from portal.people.models import User


class CollectionAccount(models.Model):
    """An account that is watched for what comes in: a bank's, or a shop network's until it settles.

    `ledger` is its account of the books; one that is `cleared` is settled by the network's lump sum at a bank. One
    without `formats` sends no file: what it collected is told in another way.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    code = models.SlugField(max_length=32, unique=True)
    label = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, choices=rules.CURRENCIES)
    formats = ArrayField(models.CharField(max_length=16))
    ledger = models.SlugField(max_length=32)
    cleared = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.label


class MovementFileQuerySet(models.QuerySet["MovementFile"]):
    """Files of movements by who sees them."""

    def visible_to(self, user: User) -> MovementFileQuerySet:
        """Who sees collections sees all of them; nobody else any."""
        return self.all() if Permission.SEE_COLLECTIONS in user.permissions else self.none()


class MovementFile(models.Model):
    """A file of movements of one account, read first and applied by a second act; counts and who are its import's.

    `credits` and `debits` are the sums of what is new in it, both positive.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    run = models.OneToOneField("imports.ImportRun", on_delete=models.PROTECT, related_name="movement_file")
    account = models.ForeignKey(CollectionAccount, on_delete=models.PROTECT, related_name="files")
    credits = money()
    debits = money()

    objects = MovementFileQuerySet.as_manager()

    def __str__(self) -> str:
        return self.run.sha256[:12]

    @property
    def label(self) -> str:
        """Where its import stands, in words."""
        return imported.RUN.label(self.run.state)

    @property
    def tone(self) -> str:
        """The colour of that."""
        return imported.RUN.tone(self.run.state)


class MatchRun(Claimable):
    """What the drain `deposits` does of a file that entered: it asks of each deposit what it pays."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    file = models.ForeignKey(MovementFile, on_delete=models.PROTECT, related_name="matchings")
    asked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(done_at=None), name="match_run_waiting")]

    def __str__(self) -> str:
        return str(self.file_id)


class MovementQuerySet(models.QuerySet["Movement"]):
    """Movements by who sees them and where they stand."""

    def visible_to(self, user: User) -> MovementQuerySet:
        """Who sees collections sees all of them; nobody else any."""
        return self.all() if Permission.SEE_COLLECTIONS in user.permissions else self.none()

    def deposits(self) -> MovementQuerySet:
        """What came in."""
        return self.filter(amount__gt=0)

    def waiting(self) -> MovementQuerySet:
        """Deposits of which nobody said yet what they pay."""
        return self.filter(state=collecting.MovementState.WAITING)


class Movement(models.Model):
    """One movement of an account as its file told it, known by its identity; negative where money went out.

    `proposal` is what the matcher found for a person to decide (`outcome`, `result`, `targets` as kind and
    key, `parties` whose they are, `periods`, `score`, `code`, `message`); empty until it was asked.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(CollectionAccount, on_delete=models.PROTECT, related_name="movements")
    file = models.ForeignKey(MovementFile, on_delete=models.PROTECT, related_name="movements")
    row = models.PositiveIntegerField()
    on = models.DateField()
    amount = money()
    currency = models.CharField(max_length=3, choices=rules.CURRENCIES)
    text = models.TextField(blank=True, default="")
    reference = models.CharField(max_length=200, blank=True, default="")
    tracking = models.CharField(max_length=200, blank=True, default="")
    identity = models.CharField(max_length=64)
    state = models.CharField(
        max_length=9, choices=collecting.MOVEMENT.choices, default=collecting.MOVEMENT.initial.value
    )
    proposal = models.JSONField(default=dict, blank=True)
    score = models.PositiveSmallIntegerField(default=0)
    arrived_at = models.DateTimeField()

    objects = MovementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=collecting.MOVEMENT.values), name="movement_state_known"),
            models.CheckConstraint(condition=~Q(amount=0), name="movement_not_zero"),
            models.CheckConstraint(
                condition=Q(state="outgoing", amount__lt=0) | (~Q(state="outgoing") & Q(amount__gt=0)),
                name="movement_out_is_only_noted",
            ),
            models.UniqueConstraint(fields=["account", "identity"], name="one_movement_per_identity"),
            whole_clp("movement_clp_whole"),
        ]
        indexes = [
            models.Index(fields=["state", "on", "id"], name="movement_by_state"),
            models.Index(fields=["account", "on"], name="movement_by_day"),
            models.Index(beginnings("tracking"), name="movement_tracking"),
            models.Index(beginnings("reference"), name="movement_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.on}"

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has to say yet what it pays."""
        return self.state == collecting.MovementState.WAITING


class Allocation(models.Model):
    """What became of a deposit: shared out, taken for a network's lump sum, or set aside; until it is undone.

    `by` is empty where the system did it; `result`, `score` and `message` are the matcher's, where a person followed
    it or nobody was asked.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    movement = models.ForeignKey(Movement, on_delete=models.PROTECT, related_name="allocations")
    act = models.CharField(max_length=9, choices=choices(collecting.ACT_LABELS))
    result = models.CharField(max_length=16, blank=True, default="")
    score = models.PositiveSmallIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True, default="")
    comment = models.CharField(max_length=500, blank=True, default="")
    settles = models.ForeignKey(CollectionAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    fee = money()
    at = models.DateTimeField()
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["movement"], condition=Q(undone_at=None), name="one_live_allocation_per_movement"
            ),
            models.CheckConstraint(
                condition=Q(act__in=[one.value for one in collecting.Act]), name="allocation_act_known"
            ),
            models.CheckConstraint(
                condition=~Q(act="discarded") | (~Q(comment="") & Q(by__isnull=False)),
                name="allocation_discards_with_comment",
            ),
            models.CheckConstraint(
                condition=Q(act="settled", settles__isnull=False, fee__gte=0)
                | (~Q(act="settled") & Q(settles=None, fee=0)),
                name="allocation_settles_one_account",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__gte=F("at"), undone_by__isnull=False),
                name="allocation_undone_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.movement_id}"

    @property
    def label(self) -> str:
        """What became of it, in words."""
        return collecting.ACT_LABELS[collecting.Act(self.act)]


class AllocationShare(models.Model):
    """What of a deposit went to one thing of an app: its kind and key there, whose credit, on which account."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="shares")
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=64)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    liability = models.SlugField(max_length=32)
    amount = money()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="share_positive"),
            models.UniqueConstraint(fields=["allocation", "kind", "key"], name="one_share_per_target"),
        ]
        indexes = [models.Index(fields=["kind", "key"], name="share_by_target")]

    def __str__(self) -> str:
        return self.key
