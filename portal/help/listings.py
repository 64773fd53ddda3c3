"""The desk's list of messages, and how it narrows it."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet

from portal import clock
from portal.access import Permission
from portal.help import rules
from portal.help.models import ContactMessage
from portal.listing import Column, Filters, Kind, Link, Listing
from portal.work.columns import holder_column

OVERDUE = "vencido"


class ContactFilter(Filters):
    """By folio, kind and state."""

    buscar = django_filters.CharFilter(field_name="folio", label="Folio", lookup_expr="icontains", max_length=24)
    tipo = django_filters.ChoiceFilter(field_name="kind", label="Tipo", choices=rules.offered, empty_label="Todos")
    estado = django_filters.ChoiceFilter(
        method="standing",
        label="Estado",
        choices=[*rules.MESSAGE.choices, (OVERDUE, "Vencidos: por responder y pasó su fecha")],
        empty_label="Todos",
    )

    def standing(self, rows: QuerySet[ContactMessage], name: str, value: str) -> QuerySet[ContactMessage]:
        """One state, or those whose day has passed without an answer."""
        if value != OVERDUE:
            return rows.filter(state=value)
        late = ContactMessage.objects.overdue(on=clock.today())
        return rows.filter(pk__in=late.values("pk"))


MESSAGES = Listing(
    permission=Permission.ANSWER_CONTACTS,
    name="contacts",
    rows=ContactMessage.objects.visible_to,
    title="Mensajes de contacto",
    order=("-created_at", "-id"),
    nouns=("mensaje", "mensajes"),
    filters=ContactFilter,
    file_name="mensajes",
    columns=(
        Column("folio", "Folio", href=Link("help:message", "folio", carries=True)),
        Column("kind", "Tipo", labels=rules.KINDS),
        Column("subject_folio", "Folio o asunto"),
        Column("name", "De"),
        Column("created_at", "Llegó", kind=Kind.INSTANT, sort=True),
        Column("due_on", "Responder a más tardar", kind=Kind.DATE, sort=True),
        Column("state", "Estado", kind=Kind.STATE, labels=rules.MESSAGE.labels, tones=rules.MESSAGE.tones),
        holder_column("help.contactmessage"),
    ),
)
