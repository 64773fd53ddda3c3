"""What an analyst asks a family for, what both write to each other, and the days that a claim is watched by."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from claims.models.claims import Claim
from claims.models.filing import Submission
from claims.rules.papers import PAPER_LABELS
from claims.rules.requests import WANTABLE, WHY_WANTED, WhyWanted
from portal import ids
from portal.calendars.models import Due, DueQuerySet
from portal.papers.rules import Wanted
from portal.papers.wanted import DocumentsWanted, WantedItem


class DocumentRequest(DocumentsWanted):
    """One complete request about a claim (N14); what answers it comes in an envelope of its own, opened with it."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="requests")
    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, null=True, blank=True, related_name="request"
    )
    document = models.ForeignKey("papers.IssuedDocument", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            *DocumentsWanted.Meta.constraints,
            models.UniqueConstraint(fields=["claim", "number"], name="request_number_once"),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(state__in=["proposed", "open"]), name="one_live_request_per_claim"
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None) | Q(submission__isnull=False), name="open_request_has_its_envelope"
            ),
        ]

    @property
    def folio(self) -> str:
        """That of its claim: where it is worked on."""
        return self.claim.folio

    @property
    def is_open(self) -> bool:
        """Whether its family may answer it."""
        return self.state == Wanted.OPEN


class RequestItem(WantedItem):
    """One document that a request asks for."""

    request = models.ForeignKey(DocumentRequest, on_delete=models.PROTECT, related_name="items")

    class Meta:
        constraints = [
            *WantedItem.Meta.constraints,
            models.UniqueConstraint(fields=["request", "place"], name="request_item_place_once"),
            models.CheckConstraint(condition=Q(document__in=WANTABLE), name="request_item_document_known"),
            models.CheckConstraint(
                condition=Q(why__in=[one.value for one in WhyWanted]), name="request_item_why_known"
            ),
        ]

    @property
    def label(self) -> str:
        """What is asked for, in words."""
        return PAPER_LABELS[self.document]

    @property
    def sentence(self) -> str:
        """Why, as its family reads it."""
        return WHY_WANTED[WhyWanted(self.why)].sentence


class DueKind(StrEnum):
    """What a day of a claim is watched for."""

    DOCUMENTS = "documents"
    PROMISE = "promise"
    LEGAL = "legal"


class ClaimDueQuerySet(DueQuerySet["ClaimDue"]):
    """Days of claims."""

    def open(self) -> ClaimDueQuerySet:
        """Those that were neither met nor ended."""
        return self.filter(met_at=None, ended_at=None)


class ClaimDue(Due):
    """A day by which documents are to come, a claim is answered as promised, or answered as the law says.

    Met by what was waited for; `ended_at`: it binds no more (the clock stood still, the claim was withdrawn).
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="dues")
    kind = models.CharField(max_length=12)
    request = models.OneToOneField(DocumentRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="due")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ClaimDueQuerySet.as_manager()

    class Meta:
        constraints = [
            *Due.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind=DueKind.DOCUMENTS.value, request__isnull=False)
                | Q(kind__in=[DueKind.PROMISE.value, DueKind.LEGAL.value], request=None),
                name="claim_due_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(met_at=None, next_reminder_on=None), name="ended_claim_due_asks_nothing"
            ),
            models.UniqueConstraint(
                fields=["claim", "kind"],
                condition=Q(met_at=None, ended_at=None),
                name="one_open_due_per_claim_and_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_reminder_on"], condition=Q(met_at=None, ended_at=None), name="claim_due_to_remind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on.isoformat()}"


class ClaimMessage(models.Model):
    """What a family and the desk write to each other about a claim; `internal`: the desk's own note. Moves nothing."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="messages")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    of_desk = models.BooleanField(default=False)
    internal = models.BooleanField("nota interna", default=False)
    text = models.TextField("mensaje")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="claim_message_says_something"),
            models.CheckConstraint(condition=Q(internal=False) | Q(of_desk=True), name="internal_notes_are_the_desks"),
        ]
        indexes = [models.Index(fields=["claim", "at", "id"], name="claim_message_of_claim")]

    def __str__(self) -> str:
        return str(self.id)
