"""What is owed and how it is paid: payable → batch (locked) → bank file (once) → bank result → posted (MO-09)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from portal import ids
from portal.access import Permission
from portal.design import dates
from portal.imports import rules as imported
from portal.listing.search import beginnings
from portal.treasury import labels, registry, rules
from portal.treasury.models.fields import money, whole_clp
from portal.vault import EncryptedTextField


class PayableQuerySet(models.QuerySet["Payable"]):
    """What is owed, by state and by who may see it."""

    def visible_to(self, user: Any) -> PayableQuerySet:
        """The payments desk sees all; others what is owed to their own, as each kind says who sees it."""
        if not user.is_authenticated:
            return self.none()
        if Permission.SEE_PAYMENTS in user.permissions:
            return self.all()
        own = Q(pk__in=[])
        for kind in registry.payable_kinds():
            parties = user.proved_party_ids(kind.see) if kind.by_rfc else user.party_ids(kind.see)
            own |= Q(kind=kind.kind, party__in=parties)
        return self.filter(own)

    def waiting(self) -> PayableQuerySet:
        """Not in any live batch and not paid."""
        return self.filter(state__in=[rules.PayableState.OPEN, rules.PayableState.REJECTED])


class Payable(models.Model):
    """An amount owed to a party for one subject, in `currency`, to be paid by `due_on`, which `due_rule` gave.

    `waiting_since`: when it was opened, or came back last.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="payables")
    purpose = models.CharField(max_length=32)
    amount = money()
    currency = models.CharField(max_length=3, choices=rules.CURRENCIES)
    kind = models.SlugField(max_length=40)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    reference = models.CharField(max_length=60)
    liability = models.SlugField(max_length=40)
    due_on = models.DateField()
    due_rule = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=rules.PAYABLE.choices, default=rules.PAYABLE.initial)
    transfer = models.ForeignKey(
        "treasury.Transfer", on_delete=models.PROTECT, null=True, blank=True, related_name="payables"
    )
    reason = models.CharField(max_length=300, blank=True, default="")
    opened_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    waiting_since = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = PayableQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_type", "subject_id"], name="one_payable_per_subject"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payable_positive"),
            whole_clp("payable_clp_whole"),
            models.CheckConstraint(condition=~Q(due_rule=""), name="payable_due_says_its_rule"),
            models.CheckConstraint(condition=Q(state__in=rules.PAYABLE.values), name="payable_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["scheduled", "paid"], transfer__isnull=False)
                | Q(state__in=["open", "rejected", "cancelled"], transfer=None),
                name="payable_scheduled_with_transfer",
            ),
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False) | (~Q(state="paid") & Q(paid_at=None)),
                name="payable_paid_when",
            ),
            models.CheckConstraint(
                condition=(Q(state="cancelled", cancelled_at__isnull=False) & ~Q(reason=""))
                | (~Q(state="cancelled") & Q(cancelled_at=None, cancelled_by=None)),
                name="payable_cancelled_says_why",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="payable_state_due")]

    def __str__(self) -> str:
        return self.reference


class PaymentBatchQuerySet(models.QuerySet["PaymentBatch"]):
    """Batches by who may see them."""

    def visible_to(self, user: Any) -> PaymentBatchQuerySet:
        """The payments desk and the auditor see every batch; nobody else sees any."""
        allowed = user.is_authenticated and Permission.SEE_PAYMENTS in user.permissions
        return self.all() if allowed else self.none()


class PaymentBatch(models.Model):
    """Transfers that leave together. Its folio is given at the legal act: the last approval, which locks it."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    folio = models.CharField(max_length=24, unique=True, null=True, blank=True)
    currency = models.CharField(max_length=3, choices=rules.CURRENCIES)
    state = models.CharField(max_length=16, choices=rules.BATCH.choices, default=rules.BATCH.initial)
    total = money()
    count = models.PositiveIntegerField()
    approvals_needed = models.PositiveSmallIntegerField()
    limit_rule = models.CharField(max_length=200)
    prepared_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True, default="")

    objects = PaymentBatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "payment batches"
        indexes = [models.Index(beginnings("folio"), name="batch_folio_begins")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=rules.BATCH.values), name="batch_state_known"),
            models.CheckConstraint(
                condition=Q(folio=None, locked_at=None) | Q(folio__isnull=False, locked_at__isnull=False),
                name="batch_folio_at_lock",
            ),
            models.CheckConstraint(
                condition=Q(state="prepared", locked_at=None)
                | Q(state__in=["approved", "exported", "posted"], locked_at__isnull=False)
                | Q(state="cancelled"),
                name="batch_locked_by_state",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_by=None, cancelled_at=None)
                | Q(cancelled_by__isnull=False, cancelled_at__isnull=False),
                name="batch_cancelled_who_and_when",
            ),
            models.CheckConstraint(
                condition=(Q(state="cancelled", cancelled_at__isnull=False) & ~Q(cancel_reason=""))
                | (~Q(state="cancelled") & Q(cancelled_at=None, cancel_reason="")),
                name="batch_cancelled_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="posted", posted_at__isnull=False) | (~Q(state="posted") & Q(posted_at=None)),
                name="batch_posted_when",
            ),
            models.CheckConstraint(condition=Q(total__gt=0) | Q(state="cancelled"), name="batch_total_positive"),
            whole_clp("batch_clp_whole", "total"),
            models.CheckConstraint(condition=Q(approvals_needed__gte=1), name="batch_needs_approval"),
        ]

    def __str__(self) -> str:
        return self.folio or labels.batch_name(dates.short(self.prepared_at), self.count)

    @property
    def needs_two(self) -> bool:
        """Whether its total passed the limit above which more than one person approves it."""
        return self.approvals_needed > 1

    @property
    def is_to_approve(self) -> bool:
        """Whether it still lacks somebody's yes."""
        return self.state == rules.BatchState.PREPARED


class BatchApproval(models.Model):
    """One person's yes to one batch; triggers refuse its preparer and everybody barred from it (MO-05).

    Void when a transfer left the batch afterwards: a yes counts for the total it was given for.
    """

    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="approvals")
    approver = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "approver"], condition=Q(voided_at=None), name="one_approval_per_person"
            )
        ]

    def __str__(self) -> str:
        return str(self.approver_id)


class BatchBarred(models.Model):
    """Who may neither prepare nor approve a batch, because they reviewed something inside it (MO-05)."""

    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="barred")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "user"], name="one_bar_per_person")]

    def __str__(self) -> str:
        return str(self.user_id)


class Transfer(models.Model):
    """One SPEI transfer to one account, frozen as prepared: CLABE, holder, amount and tracking key never change."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="transfers")
    number = models.PositiveIntegerField()
    account = models.ForeignKey("treasury.BankAccount", on_delete=models.PROTECT, related_name="transfers")
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="transfers")
    clabe = EncryptedTextField()
    clabe_index = models.CharField(max_length=64)
    last4 = models.CharField(max_length=4)
    bank_name = models.CharField(max_length=80, blank=True, default="")
    holder = models.CharField(max_length=254)
    rfc = models.CharField(max_length=13, blank=True, default="")
    amount = money()
    currency = models.CharField(max_length=3, choices=rules.CURRENCIES)
    tracking = models.CharField(max_length=30, unique=True)
    numeric_reference = models.CharField(max_length=7)
    concept = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=rules.TRANSFER.choices, default=rules.TRANSFER.initial)
    paid_on = models.DateField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    bank_reference = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    advice = models.ForeignKey(
        "papers.IssuedDocument", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "account"], condition=~Q(state="withdrawn"), name="one_transfer_per_account"
            ),
            models.UniqueConstraint(fields=["batch", "number"], name="one_transfer_per_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_positive"),
            whole_clp("transfer_clp_whole"),
            models.CheckConstraint(
                condition=Q(state__in=["paid", "returned"], paid_on__isnull=False)
                | (~Q(state__in=["paid", "returned"]) & Q(paid_on=None)),
                name="transfer_paid_on",
            ),
            models.CheckConstraint(
                condition=Q(state="returned", returned_on__isnull=False, returned_on__gte=F("paid_on"))
                | (~Q(state="returned") & Q(returned_on=None)),
                name="transfer_returned_on",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["rejected", "returned"]) | ~Q(reason=""), name="transfer_rejected_why"
            ),
            models.CheckConstraint(condition=Q(state__in=rules.TRANSFER.values), name="transfer_state_known"),
        ]

    def __str__(self) -> str:
        return self.tracking

    @property
    def label(self) -> str:
        """The state in words."""
        return rules.TRANSFER.label(self.state)

    @property
    def is_pending(self) -> bool:
        """Whether it goes with its batch and nobody said yet what became of it."""
        return self.state == rules.TransferState.PENDING

    @property
    def tone(self) -> str:
        """The state's colour."""
        return rules.TRANSFER.tone(self.state)


class TransferItem(models.Model):
    """Which payables a transfer carries; kept when the bank rejects or returns it and they go into another one."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="items")
    payable = models.ForeignKey(Payable, on_delete=models.PROTECT, related_name="items")
    amount = money()
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payable"], condition=Q(live=True), name="one_live_transfer_per_payable"),
            models.UniqueConstraint(fields=["transfer", "payable"], name="one_item_per_payable"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_item_positive"),
        ]

    def __str__(self) -> str:
        return str(self.amount)


class BankFile(models.Model):
    """The order to the bank: written once per batch, numbered, its bytes kept by hash (MO-09).

    Made, downloaded first and sent are three facts; sent by nobody = the bank's answer said it.
    """

    batch = models.OneToOneField(PaymentBatch, on_delete=models.PROTECT, related_name="bank_file")
    number = models.PositiveIntegerField(unique=True)
    file = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    exported_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    exported_at = models.DateTimeField()
    downloads = models.PositiveIntegerField(default=0)
    downloaded_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    downloaded_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(downloads=0, downloaded_by=None, downloaded_at=None)
                | Q(downloads__gt=0, downloaded_by__isnull=False, downloaded_at__isnull=False),
                name="bank_file_downloaded_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(sent_by=None) | Q(sent_at__isnull=False, downloads__gt=0),
                name="bank_file_sent_after_download",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number:06d}"


class BankResultQuerySet(models.QuerySet["BankResult"]):
    """Bank answers by what became of them."""

    def applied(self) -> BankResultQuerySet:
        """Those whose rows were settled."""
        return self.filter(run__state="applied")


class BankResult(models.Model):
    """What the bank answered of a batch, read first and applied by a second act; file, counts and who are its import's.

    `told` are the rows to apply as they were read (`bank_files.Answer`), `sums` their counts and totals.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    run = models.OneToOneField("imports.ImportRun", on_delete=models.PROTECT, related_name="bank_result")
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="results")
    told = models.JSONField(default=list)
    sums = models.JSONField()

    objects = BankResultQuerySet.as_manager()

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
