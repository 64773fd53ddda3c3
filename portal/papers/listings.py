"""The files of long lists that a person asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import Case, CharField, F, IntegerField, Value, When
from django.urls import reverse

from portal.listing import Column, Filters, Kind, Listing, from_day, to_day
from portal.papers import kinds, rules, selectors
from portal.papers.rules import ExportState


class ExportFilter(Filters):
    """By the list's name, by how far each is, and by when it was asked for."""

    buscar = django_filters.CharFilter(field_name="title", label="Lista", lookup_expr="icontains", max_length=60)
    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=list(rules.EXPORT_LABELS.items()), empty_label="Todos"
    )
    desde = from_day("asked_at__date", "Pedida desde")
    hasta = to_day("asked_at__date", "Pedida hasta")


def _cure() -> Case:
    """Why none was made, or what to do about one that is not there."""
    told = (When(state=state, then=Value(cure)) for state, cure in rules.EXPORT_CURES.items())
    return Case(*told, default=F("refused"), output_field=CharField())


def _download(row: Mapping[str, Any]) -> str:
    return reverse("papers:download", args=[row["made"]]) if row["made"] else ""


DOWNLOADS = Listing(
    permission=None,
    name="downloads",
    title="Mis descargas",
    rows=selectors.exports,
    order=("-asked_at", "-pk"),
    nouns=("lista", "listas"),
    filters=ExportFilter,
    file_name="mis-descargas",
    own=True,
    extra=("made",),
    columns=(
        Column("title", "Lista"),
        Column("file", "Formato", labels=kinds.LABELS),
        Column("asked_at", "Pedida", kind=Kind.INSTANT, sort=True),
        Column("state", "Estado", kind=Kind.STATE, labels=rules.EXPORT_LABELS, tones=rules.EXPORT_TONES),
        Column("rows", "Renglones", kind=Kind.NUMBER),
        Column(
            "made_rows",
            "Ya escritos",
            kind=Kind.NUMBER,
            expression=Case(
                When(made_at__isnull=False, then=F("rows")), default=F("made_rows"), output_field=IntegerField()
            ),
        ),
        Column("why", "Qué pasó", expression=_cure()),
        Column("keep_until", "Se borra el", kind=Kind.DATE),
        Column(
            "download",
            "",
            expression=Case(
                When(state=ExportState.READY, then=Value("Descargar")), default=Value(""), output_field=CharField()
            ),
            href=_download,
            nothing="",
            export=False,
        ),
    ),
)
