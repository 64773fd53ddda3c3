"""The catalogues of claims as they hold on a day (S3.19, N8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.shortcuts import get_object_or_404

from claims.models import DocumentRequirement, NotCoveredReason
from claims.rules.deciding import Reason
from claims.rules.missing import Requirement
from claims.texts import TEXT_LABELS
from portal.people.models import ConsentText
from portal.reading import once_a_reading


@once_a_reading
def requirements_on(on: date) -> tuple[Requirement, ...]:
    """What every kind of claim asks for on a day."""
    return tuple(one.as_requirement() for one in DocumentRequirement.objects.holding(on))


@once_a_reading
def reasons_on(on: date) -> Mapping[str, Reason]:
    """Why something may be left out on a day, by code, in the order of their names."""
    return {one.code: one.as_reason() for one in NotCoveredReason.objects.holding(on).order_by("label", "code")}


def requirement_of(pk: UUID) -> DocumentRequirement:
    """A row of the catalogue of documents. Raises Http404."""
    return get_object_or_404(DocumentRequirement, pk=pk)


def reason_of(pk: UUID) -> NotCoveredReason:
    """A row of the catalogue of reasons. Raises Http404."""
    return get_object_or_404(NotCoveredReason, pk=pk)


def rows_like(row: DocumentRequirement) -> list[DocumentRequirement]:
    """Every row of the same document of the same kind and stage, the newest first."""
    same = {name: getattr(row, name) for name in ("kind", "subtype", "stage", "document")}
    return list(DocumentRequirement.objects.filter(**same).select_related("by").order_by("-since", "-pk"))


def rows_of(code: str) -> list[NotCoveredReason]:
    """Every row of a reason, the newest first."""
    return list(NotCoveredReason.objects.filter(code=code).select_related("by").order_by("-since", "-pk"))


def texts_in_force() -> list[ConsentText]:
    """The newest version of each text that families agree to: everybody's first, then each insurer's own."""
    rows = ConsentText.objects.filter(kind__in=TEXT_LABELS).select_related("owner").order_by("version", "pk")
    newest = {(one.kind, one.owner_id): one for one in rows}.values()
    return sorted(newest, key=lambda one: (TEXT_LABELS[one.kind], one.owner.name if one.owner else ""))
