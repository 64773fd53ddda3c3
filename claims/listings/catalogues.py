"""Lists of the catalogues: what each kind of claim asks for, why something is not covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django.db.models import Case, CharField, DateField, F, QuerySet, Value, When
from django.db.models.functions import NullIf

from claims.models import DocumentRequirement, NotCoveredReason
from claims.rules.catalogues import NEED_LABELS, SINCE
from claims.rules.formats import WHAT_LABELS
from claims.rules.kinds import STAGE_LABELS
from claims.rules.papers import PAPER_LABELS
from portal import clock
from portal.access import Permission
from portal.listing import Column, Filters, Kind, Link, Listing

if TYPE_CHECKING:
    from portal.people.models import User

# What the product is born with holds since ever: no day of it is told.
_BEGINS = NullIf("since", Value(SINCE), output_field=DateField())
_WHEN = (
    Column("since", "Desde", expression=_BEGINS, kind=Kind.DATE, nothing="Siempre"),
    Column("until", "Hasta", kind=Kind.DATE),
)


class RequirementFilter(Filters):
    """By kind, or subtype of events."""

    tipo = django_filters.ChoiceFilter(
        field_name="subtype_or_kind", label="Trámite", choices=list(WHAT_LABELS.items()), empty_label="Todos"
    )


def _requirements(user: User) -> QuerySet[DocumentRequirement]:
    what = Case(When(subtype="", then=F("kind")), default=F("subtype"), output_field=CharField())
    return DocumentRequirement.objects.standing(clock.today()).annotate(subtype_or_kind=what)


REQUIREMENTS = Listing(
    permission=Permission.MANAGE_CLAIM_CATALOGUES,
    name="document_requirements",
    title="Documentos que pide cada trámite",
    rows=_requirements,
    order=("kind", "subtype", "-stage", "document", "since", "pk"),
    nouns=("documento que se pide", "documentos que se piden"),
    filters=RequirementFilter,
    file_name="documentos-de-tramites",
    columns=(
        Column("document", "Documento", labels=PAPER_LABELS, href=Link("claims:requirement", "pk")),
        Column("subtype_or_kind", "Trámite", labels=WHAT_LABELS),
        Column("stage", "Envío", labels=STAGE_LABELS),
        Column("required", "Se pide así", labels=NEED_LABELS),
        *_WHEN,
        Column("source", "Fuente"),
    ),
)


class ReasonFilter(Filters):
    """By name."""

    buscar = django_filters.CharFilter(field_name="label", label="Nombre", lookup_expr="icontains", max_length=80)


def _reasons(user: User) -> QuerySet[NotCoveredReason]:
    return NotCoveredReason.objects.standing(clock.today())


def _by_call_alone(user: User) -> bool:
    """A reason's code is what calls decide by; people read its name."""
    return False


REASONS = Listing(
    permission=Permission.MANAGE_CLAIM_CATALOGUES,
    name="not_covered_reasons",
    title="Motivos de no cubrir",
    rows=_reasons,
    order=("label", "since", "pk"),
    nouns=("motivo de no cubrir", "motivos de no cubrir"),
    filters=ReasonFilter,
    file_name="motivos-de-no-cubrir",
    columns=(
        Column("label", "Motivo", href=Link("claims:reason", "pk")),
        Column("code", "Clave", shown=_by_call_alone),
        Column("sentence", "Qué lee la familia"),
        Column("cure", "Qué puede hacer"),
        Column("document", "Documento que lo aclara", labels=PAPER_LABELS | {"": ""}),
        *_WHEN,
        Column("source", "Fuente"),
    ),
)
