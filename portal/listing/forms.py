"""Why a mask is opened, and the name of a saved view."""

from __future__ import annotations

from django import forms

from portal.design.forms import Form, TextField
from portal.listing.models import QUERY_LENGTH


class OpenForm(Form):
    """Why a masked value is opened."""

    reason = TextField(
        label="Para qué lo abres",
        max_length=300,
        help_text="Queda registrado junto con tu nombre.",
        error_messages={"required": "Escribe para qué lo abres."},
    )


class ViewForm(Form):
    """A name for the filters and the order of an address."""

    name = TextField(
        label="Nombre de la vista", max_length=60, help_text="Por ejemplo: «Vencidas de esta semana». Solo la ves tú."
    )
    is_default = forms.BooleanField(label="Abrir siempre la lista con esta vista", required=False)
    path = forms.CharField(label="Página", max_length=200, widget=forms.HiddenInput)
    query = forms.CharField(label="Filtros", max_length=4 * QUERY_LENGTH, required=False, widget=forms.HiddenInput)
