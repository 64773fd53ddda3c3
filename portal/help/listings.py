"""The desk's list of messages, and how it narrows it."""

from __future__ import annotations

import django_filters

from portal.access import Permission
from portal.help import rules
from portal.help.models import ContactMessage
from portal.listing import Column, Filters, Kind, Link, Listing
from portal.work.columns import holder_column


class ContactFilter(Filters):
    """By folio, kind and state."""

    buscar = django_filters.CharFilter(field_name="folio", label="Folio", lookup_expr="icontains", max_length=24)
    tipo = django_filters.ChoiceFilter(field_name="kind", label="Tipo", choices=rules.offered, empty_label="Todos")
    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=rules.MESSAGE.choices, empty_label="Todos"
    )


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
