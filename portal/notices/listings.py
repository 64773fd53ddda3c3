"""A person's inbox, and how they narrow it."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from portal.access import WORKSPACE_LABELS
from portal.listing import Column, Filters, Kind, Link, Listing, from_day, to_day
from portal.notices import rules, selectors
from portal.notices.models import Notice

UNREAD_TONE = "info"
SHELVES = {place.value: label for place, label in WORKSPACE_LABELS.items()} | {selectors.OWN: selectors.OWN_LABEL}


class NoticeFilter(Filters):
    """By words, by whether it was read, and by when it came."""

    buscar = django_filters.CharFilter(method="search", label="Palabras del aviso", max_length=60)
    estado = django_filters.ChoiceFilter(
        method="standing",
        label="Estado",
        choices=[(rules.UNREAD, "Sin leer"), (rules.READ, "Leídos")],
        empty_label="Todos",
    )
    desde = from_day("created_at__date", "Desde")
    hasta = to_day("created_at__date", "Hasta")

    def search(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        """A part of what it says."""
        return rows.filter(Q(title__icontains=value) | Q(body__icontains=value))

    def standing(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        """What waits to be read, or what was."""
        return rows.filter(read_at__isnull=value == rules.UNREAD)


INBOX = Listing(
    permission=None,
    name="notices",
    title="Avisos",
    rows=selectors.inbox,
    order=("-standing", "-created_at", "-pk"),
    nouns=("aviso", "avisos"),
    filters=NoticeFilter,
    file_name="avisos",
    own=True,
    parts={"shelf": ("Espacio", SHELVES.get)},
    columns=(
        Column("title", "Aviso"),
        Column("body", "Mensaje"),
        Column("kind", "De qué trata", labels=rules.ABOUT),
        Column("created_at", "Llegó", kind=Kind.INSTANT),
        Column("standing", "Estado", kind=Kind.STATE, labels=rules.STANDING, tones={rules.UNREAD: UNREAD_TONE}),
        Column("leads", "Dónde se atiende", path="action_url"),
        Column("act", "", path="action_label", href=Link("notices:open"), nothing="Ver", export=False),
    ),
)
