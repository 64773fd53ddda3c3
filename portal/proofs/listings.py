"""What the room's list shows, and by what it is searched."""

from __future__ import annotations

import django_filters
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from portal.access import Permission
from portal.listing import Column, Filters, Kind, Link, Listing
from portal.proofs import rules
from portal.proofs.models import RfcMove, RfcPaper
from portal.states import choices
from portal.text import name_pattern
from portal.work.columns import holder_column


class PaperFilter(Filters):
    """By state, and by RFC or name."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=choices(rules.PAPER.desk_labels), empty_label="Todos"
    )
    buscar = django_filters.CharFilter(method="search", label="RFC o nombre")

    def search(self, rows: QuerySet[RfcPaper], name: str, value: str) -> QuerySet[RfcPaper]:
        """RFC by its start, name by any part however typed."""
        return rows.filter(Q(rfc__istartswith=value) | Q(party__name__regex=name_pattern(value)))


PAPERS = Listing(
    permission=Permission.REVIEW_ACCOUNTS,
    name="rfc_papers",
    rows=RfcPaper.objects.visible_to,
    title="RFC por acreditar",
    nouns=("documento", "documentos"),
    filters=PaperFilter,
    columns=(
        Column("rfc", "RFC", kind=Kind.LINK, href=Link("proofs:paper", carries=True)),
        Column("party", "Nombre", path="party__name", sort=True, nothing="Aún no lo dice"),
        Column("kind", "Documento", labels=rules.DESK_KIND_LABELS),
        Column("handed_in_at", "Recibido", kind=Kind.INSTANT, sort=True),
        Column("state", "Estado", kind=Kind.STATE, labels=rules.PAPER.desk_labels, tones=rules.PAPER.tones),
        holder_column("proofs.rfcpaper"),
    ),
    order=("handed_in_at", "pk"),
)


class MoveFilter(Filters):
    """By state, and by RFC."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=choices(rules.MOVE.desk_labels), empty_label="Todos"
    )
    buscar = django_filters.CharFilter(field_name="party__rfc", lookup_expr="istartswith", label="RFC")


_ASKED_BY = Coalesce(NullIf("asked_by__name", Value("")), "asked_by__email", output_field=CharField())
RFC_MOVES = Listing(
    permission=Permission.MANAGE_PEOPLE,
    name="rfc_moves",
    rows=lambda _user: RfcMove.objects.all(),
    title="RFC por entregar a su dueño",
    nouns=("solicitud", "solicitudes"),
    filters=MoveFilter,
    columns=(
        Column("rfc", "RFC", path="party__rfc", kind=Kind.LINK, href=Link("proofs:move")),
        Column("asked_by", "Quién lo pidió", expression=_ASKED_BY),
        Column("asked_at", "Pedido", kind=Kind.INSTANT, sort=True),
        Column("state", "Estado", kind=Kind.STATE, labels=rules.MOVE.desk_labels, tones=rules.MOVE.tones),
    ),
    order=("-asked_at", "-pk"),
)
