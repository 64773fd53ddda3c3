"""Shapes of refunds: what a family writes, what collections ask, why it does not proceed."""

from __future__ import annotations

from typing import Any

from django import forms

from memberships.models import Membership
from memberships.selectors import Way, ways_back, ways_shown
from portal.design.forms import Form, MoneyInput, TextField


class _AmountForm(Form):
    amount = forms.DecimalField(
        label="Importe",
        max_digits=10,
        decimal_places=2,
        widget=MoneyInput,
        error_messages={"required": "Escribe el importe.", "invalid": "Escribe un importe, por ejemplo 350.00."},
    )


class WantForm(_AmountForm):
    """What a family wants back."""

    note = TextField(label="Mensaje para Cobranza", max_length=300, required=False)


class RefundForm(_AmountForm):
    """What collections ask back, how and why."""

    how = forms.ChoiceField(
        label="Cómo se devuelve",
        widget=forms.RadioSelect,
        error_messages={"required": "Elige cómo se devuelve.", "invalid_choice": "Elige una opción de la lista."},
    )
    reason = TextField(label="Motivo", max_length=300, error_messages={"required": "Escribe el motivo."})

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ways = {one.key: one for one in ways_back(membership)}
        self.offer(how=[(one.key, one.label) for one in self.ways.values()])
        shown = ways_shown(list(self.ways.values()), str(self["how"].value()))
        widget: Any = self.fields["how"].widget
        widget.choices = [(one.key, one.label) for one in shown]

    def clean_how(self) -> Way:
        """The way that was chosen."""
        return self.ways[self.cleaned_data["how"]]


class DeclineForm(Form):
    """Why a refund does not proceed, as its family reads it."""

    reason = TextField(label="Por qué no procede", max_length=300, error_messages={"required": "Escribe el motivo."})
