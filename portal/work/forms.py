"""How somebody narrows what waits for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import forms

from portal.design.forms import Form
from portal.work import rules
from portal.work.registry import Queue


class QueueFilter(Form):
    """What waits: of which kind, in whose hands, only what is late, of which insurer where there are two."""

    cola = forms.ChoiceField(label="Tipo", required=False)
    quien = forms.ChoiceField(
        label="Quién lo atiende",
        required=False,
        choices=[(one.value, label) for one, label in rules.WHOSE_LABELS.items()],
    )
    plazo = forms.ChoiceField(label="Plazo", required=False, choices=[("", "Todos"), ("vencido", "Vencidos")])

    aseguradora = forms.ChoiceField(label="Aseguradora", required=False)

    def __init__(
        self, *args: object, queues: Iterable[Queue], insurers: Sequence[tuple[str, str]], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        if len(insurers) > 1:
            self.offer(**{"aseguradora": [("", "Todas"), *insurers]})
        else:
            del self.fields["aseguradora"]
        self.offer(cola=[("", "Todo"), *((one.name, one.label) for one in queues)])
