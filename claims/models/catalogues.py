"""The catalogues of claims, each row from a day on and never edited: what is asked for, what is not covered why."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from claims.rules.catalogues import NEED_LABELS, SINCE
from claims.rules.deciding import Reason
from claims.rules.formats import STAGES, label_of
from claims.rules.kinds import KIND_LABELS, SUBTYPE_LABELS, Kind, Stage, Subtype
from claims.rules.missing import Document, Need, Requirement
from claims.rules.papers import PAPER_LABELS
from portal import ids
from portal.design import dates
from portal.states import choices

_NEEDS = [(one.value, NEED_LABELS[one]) for one in Need]
_DOCUMENTS = [(one.value, PAPER_LABELS[one]) for one in Document]
_HOLDS = Func(F("since"), F("until"), function="daterange")


_Row = TypeVar("_Row", bound=models.Model)


class DatedQuerySet(models.QuerySet[_Row]):
    """Rows of a catalogue by when they hold."""

    def holding(self, on: date) -> Self:
        """Those in force on a day."""
        return self.filter(since__lte=on).filter(Q(until=None) | Q(until__gt=on))

    def standing(self, on: date) -> Self:
        """Those in force on a day or to come; rows that are over, or never held, are left out."""
        return self.filter(Q(until=None) | (Q(until__gt=on) & Q(until__gt=F("since"))))


class Dated(models.Model):
    """What every row of a catalogue says of itself. A base for tables."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    since = models.DateField("desde")
    until = models.DateField("hasta", null=True, blank=True)  # the first day without it; `since` itself: it never held
    source = models.CharField("fuente", max_length=120)
    reason = models.CharField("motivo del cambio", max_length=500, blank=True, default="")
    at = models.DateTimeField("publicado")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def holds(self) -> str:
        """From when, and until when, it holds, in words."""
        begins = "Desde siempre" if self.since == SINCE else f"Desde el {dates.short(self.since)}"
        return f"{begins}, hasta antes del {dates.short(self.until)}" if self.until else begins


class DocumentRequirement(Dated):
    """A document that a kind of claim asks for in a stage, from a day on (S3.19)."""

    kind = models.CharField(max_length=16, choices=choices(KIND_LABELS))
    subtype = models.CharField(max_length=16, choices=choices(SUBTYPE_LABELS), blank=True, default="")
    stage = models.CharField(max_length=12, choices=[(one.value, one.value) for one in STAGES])
    document = models.CharField(max_length=20, choices=_DOCUMENTS)
    required = models.CharField(max_length=16, choices=_NEEDS)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_requirement_in_force",
                expressions=[
                    *((name, RangeOperators.EQUAL) for name in ("kind", "subtype", "stage", "document")),
                    (_HOLDS, RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.SCHEDULED.value, subtype__in=[one.value for one in Subtype])
                | Q(kind__in=[Kind.REIMBURSEMENT.value, Kind.MINOR.value], subtype=""),
                name="requirement_is_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(
                    stage__in=[one.value for one in STAGES],
                    document__in=[one.value for one in Document],
                    required__in=[one.value for one in Need],
                ),
                name="requirement_is_of_the_lists",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="requirement_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="requirement_says_its_source"),
        ]

    def __str__(self) -> str:
        return f"{PAPER_LABELS[self.document]}, {self.what}, {self.stage}"

    @property
    def what(self) -> str:
        """The kind, or the subtype of an event."""
        return self.subtype or self.kind

    @property
    def lead(self) -> str:
        """Of which claim, in which sending."""
        return label_of(self.what, self.stage)

    def as_requirement(self) -> Requirement:
        """The plain value that rules look at."""
        subtype = Subtype(self.subtype) if self.subtype else None
        return Requirement(Kind(self.kind), subtype, Stage(self.stage), Document(self.document), Need(self.required))


class NotCoveredReason(Dated):
    """Why something is not covered: its name at the desk, what the family reads and can do, the paper that cures."""

    code = models.CharField("clave", max_length=16)
    label = models.CharField("nombre", max_length=80)
    sentence = models.CharField("qué lee la familia", max_length=200)
    cure = models.CharField("qué puede hacer", max_length=200)
    document = models.CharField("documento que lo aclara", max_length=20, choices=_DOCUMENTS, blank=True, default="")

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_reason_in_force",
                expressions=[("code", RangeOperators.EQUAL), (_HOLDS, RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(label="") & ~Q(sentence="") & ~Q(cure=""), name="reason_says_everything"
            ),
            models.CheckConstraint(
                condition=Q(document__in=["", *(one.value for one in Document)]), name="reason_document_known"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="reason_ends_after_start"),
            models.CheckConstraint(condition=~Q(source=""), name="reason_says_its_source"),
        ]

    def __str__(self) -> str:
        return self.label

    def as_reason(self) -> Reason:
        """The plain value that rules look at."""
        return Reason(self.label, self.sentence, self.cure, Document(self.document) if self.document else None)
