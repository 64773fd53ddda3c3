"""Papers that should prove an RFC, and RFCs that an administrator asks to give to their owner (AC-11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from portal import ids
from portal.access import Permission
from portal.errors import Finding
from portal.people.scopes import within_party
from portal.proofs import rules
from portal.states import choices

if TYPE_CHECKING:
    from portal.people.models import User

KINDS = [kind.value for kind in rules.PaperKind]


class RfcPaperQuerySet(models.QuerySet["RfcPaper"]):
    """Papers by who sees them."""

    def visible_to(self, user: User) -> RfcPaperQuerySet:
        """Reviewers see all; a physician those of their own party."""
        if Permission.REVIEW_ACCOUNTS in user.permissions:
            return self.filter(within_party(user, "party", Permission.REVIEW_ACCOUNTS))
        return self.of_owner(user.party_ids(Permission.PROVE_OWN_RFC))

    def of_owner(self, party_ids: list[Any]) -> RfcPaperQuerySet:
        """Those of these parties; what was handed in before the RFC moved to its owner is another's."""
        moved = Q(party__rfc_moved_at=None) | Q(handed_in_at__gt=F("party__rfc_moved_at"))
        return self.filter(moved, party__in=party_ids)

    def in_review(self) -> RfcPaperQuerySet:
        """Those that wait for a reviewer."""
        return self.filter(state=rules.PaperState.IN_REVIEW)


class RfcPaper(models.Model):
    """A Constancia or a bank statement handed in to prove an RFC; a reviewer accepts or returns it, once."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="rfc_papers")
    rfc = models.CharField("RFC", max_length=13)
    kind = models.CharField("documento", max_length=12, choices=choices(rules.DESK_KIND_LABELS))
    file = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, related_name="+")
    findings = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=12, choices=rules.PAPER.choices, default=rules.PAPER.initial.value)
    handed_in_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField()
    decided_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    objects = RfcPaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party"], condition=Q(state="in_review"), name="one_rfc_paper_in_review"),
            models.CheckConstraint(condition=Q(state__in=rules.PAPER.values), name="rfc_paper_state_known"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="rfc_paper_kind_known"),
            models.CheckConstraint(
                condition=Q(state="in_review", decided_by=None, decided_at=None)
                | (~Q(state="in_review") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="rfc_paper_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("handed_in_by")), name="rfc_paper_decided_by_another"
            ),
            models.CheckConstraint(condition=~Q(state="returned") | ~Q(reason=""), name="rfc_paper_returned_says_why"),
        ]

    def __str__(self) -> str:
        return self.rfc

    @property
    def is_in_review(self) -> bool:
        """Whether it waits for a reviewer."""
        return self.state == rules.PaperState.IN_REVIEW

    @property
    def found(self) -> list[Finding]:
        """What the machine said of it."""
        return [Finding.from_json(item) for item in self.findings]


class RfcMoveQuerySet(models.QuerySet["RfcMove"]):
    """Requests to hand an RFC over."""

    def open(self) -> RfcMoveQuerySet:
        """Those that wait for a second administrator."""
        return self.filter(state=rules.MoveState.WAITING)


class RfcMove(models.Model):
    """An RFC that an administrator asks to give to its owner, with evidence; another administrator decides."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="rfc_moves")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200)
    evidence = models.TextField("qué lo prueba")
    file = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=rules.MOVE.choices, default=rules.MOVE.initial.value)
    decided_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    objects = RfcMoveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party"], condition=Q(state="waiting"), name="one_open_move_per_rfc"),
            models.CheckConstraint(condition=Q(state__in=rules.MOVE.values), name="rfc_move_state_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="rfc_move_decided_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | (~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="rfc_move_decision_whole",
            ),
            models.CheckConstraint(condition=~Q(evidence=""), name="rfc_move_says_its_evidence"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
