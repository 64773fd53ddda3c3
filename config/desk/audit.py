"""The audit page: everything recorded, filtered, exported, and whether the chain holds."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import CharField, Model, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from config.desk import words
from config.desk.subjects import named
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.history import selectors
from portal.history.models import AccessEvent, AuditEvent
from portal.listing import Column, Filters, Kind, Listing, answer, from_day, to_day


class RecordFilter(Filters):
    """By person, thing and day (central Mexico), whatever was recorded."""

    person = django_filters.CharFilter(
        label="Correo de la persona", field_name="by__email", lookup_expr="iexact", max_length=254
    )
    subject = django_filters.CharFilter(method="about", label="Folio, cuenta o identificador", max_length=64)
    since = from_day("at__date", "Desde")
    until = to_day("at__date", "Hasta")

    def about(self, rows: QuerySet[Model], name: str, value: str) -> QuerySet[Model]:
        """By what a person has in hand: a folio, an order's account, a folio fiscal, a tracking key, or the id."""
        return rows.filter(named(value.strip()))


class AuditFilter(RecordFilter):
    """Acts: what was done, before anything else."""

    action = django_filters.ChoiceFilter(
        label="Acto", choices=sorted(words.ACTS.items(), key=lambda item: item[1]), empty_label="Todos"
    )

    class Meta:
        model = AuditEvent
        fields = ("action", *RecordFilter.base_filters)


class ReadingFilter(RecordFilter):
    """Readings: what happened, before anything else."""

    what = django_filters.ChoiceFilter(label="Qué pasó", choices=list(words.READINGS.items()), empty_label="Todo")

    class Meta:
        model = AccessEvent
        fields = ("what", *RecordFilter.base_filters)


PERSON = Coalesce(NullIf("by__name", Value("")), "by__email", Value("El sistema"), output_field=CharField())
_WHO_AND_WHAT = (
    Column("person", "Quién", expression=PERSON),
    Column("acting_as", "Con qué permiso", labels=words.ROLES, many=True),
    Column("subject_type", "Qué", labels=words.THINGS),
    Column("subject_id", "Identificador"),
)
EVENTS = Listing(
    name="audit",
    title="Auditoría",
    order=("-id",),
    nouns=("registro", "registros"),
    filters=AuditFilter,
    file_name="auditoria",
    columns=(
        Column("at", "Cuándo", kind=Kind.INSTANT),
        Column("action", "Acto", labels=words.ACTS),
        *_WHO_AND_WHAT,
        Column("reason", "Motivo"),
        Column("ip", "Dirección"),
    ),
)


READINGS = Listing(
    name="readings",
    title="Lecturas",
    order=("-id",),
    nouns=("lectura", "lecturas"),
    filters=ReadingFilter,
    file_name="lecturas",
    columns=(
        Column("at", "Cuándo", kind=Kind.INSTANT),
        Column("what", "Qué pasó", labels=words.READINGS),
        *_WHO_AND_WHAT,
        Column("reason", "Detalle"),
        Column("ip", "Dirección"),
    ),
)


@requires(P.SEE_AUDIT)
@require_GET
def readings(request: HttpRequest) -> HttpResponseBase:
    """Who read a file, took a list away or asked for what is not theirs, newest first; as CSV with `formato=csv`."""
    return answer(request, READINGS, selectors.accesses(), "desk/readings.html")


@requires(P.SEE_AUDIT)
@require_GET
def audit(request: HttpRequest) -> HttpResponseBase:
    """The record, newest first; as CSV with `formato=csv`; the whole chain is walked with `verificar=1`."""
    return answer(request, EVENTS, selectors.events(), "desk/audit.html", lambda: _chain(request))


def _chain(request: HttpRequest) -> dict[str, Any]:
    """Whether the record is whole: not asked for a file, which may be long in coming already."""
    real = clock.real_now()
    return {
        "chain": selectors.health(at=real),
        "report": selectors.verify(at=real) if request.GET.get("verificar") == "1" else None,
    }
