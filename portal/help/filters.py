"""How the desk narrows its list of messages."""

import django_filters

from portal.help import rules
from portal.help.models import ContactMessage


class ContactFilter(django_filters.FilterSet):
    """By folio, kind and state."""

    folio = django_filters.CharFilter(label="Folio", lookup_expr="icontains", max_length=24)
    kind = django_filters.ChoiceFilter(
        label="Tipo", choices=[(k.value, label) for k, label in rules.KIND_LABELS.items()], empty_label="Todos"
    )
    state = django_filters.ChoiceFilter(
        label="Estado", choices=[(s.value, label) for s, label in rules.LABELS.items()], empty_label="Todos"
    )

    class Meta:
        model = ContactMessage
        fields = ["folio", "kind", "state"]
