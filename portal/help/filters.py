"""How the desk narrows its list of messages."""

import django_filters

from portal.help import rules
from portal.listing import Filters
from portal.states import choices


class ContactFilter(Filters):
    """By folio, kind and state."""

    folio = django_filters.CharFilter(label="Folio", lookup_expr="icontains", max_length=24)
    kind = django_filters.ChoiceFilter(label="Tipo", choices=choices(rules.KIND_LABELS), empty_label="Todos")
    state = django_filters.ChoiceFilter(label="Estado", choices=choices(rules.LABELS), empty_label="Todos")
