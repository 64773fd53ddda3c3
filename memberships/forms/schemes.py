"""Shapes of schemes of references: a contract's terms, and the amount and day of a worked example."""

from __future__ import annotations

from django import forms

from memberships.rules.references import LETTERS
from memberships.rules.schemes import ALGORITHMS
from memberships.rules.states import MEANS_LABELS, Means
from portal.design.forms import DateInput, Form, MoneyInput, TextField
from portal.states import choices

_MEANS = [(one.value, MEANS_LABELS[one]) for one in (Means.STORE, Means.BANK)]


class SchemeTermsForm(Form):
    """What a contract says of its references, and what a slip says of where it is paid."""

    label = TextField(
        label="Cómo se llama en la ficha", max_length=80, error_messages={"required": "Escribe un nombre."}
    )
    means = forms.ChoiceField(label="Dónde se paga", choices=_MEANS)
    algorithm = forms.ChoiceField(label="Dígitos verificadores", choices=choices(ALGORITHMS))
    prefix = TextField(label="Prefijo", max_length=12, required=False)  # type: ignore[assignment]
    agreement = TextField(label="Convenio", max_length=20, required=False)
    number_length = forms.IntegerField(label="Dígitos de nuestro número", min_value=8, max_value=16, initial=10)
    base_year = forms.IntegerField(label="Año base de la fecha", min_value=1950, max_value=2200, initial=2014)
    constant = TextField(label="Constante", max_length=4, required=False)
    amount_digit_sum = forms.BooleanField(label="Suma los dígitos de cada producto del importe", required=False)
    letters = TextField(
        label="Valor de las letras",
        max_length=40,
        required=False,
        initial=LETTERS,
        help_text="Las que valen 1, las que valen 2 y así hasta 9, con un espacio entre grupos.",
    )
    places = TextField(
        label="Dónde pagar", max_length=1000, multiline=True, error_messages={"required": "Escribe dónde se paga."}
    )
    seen = TextField(
        label="Cuándo lo vemos", max_length=200, error_messages={"required": "Escribe cuándo se ve el pago."}
    )

    def clean_letters(self) -> str:
        """In capitals; the networks' own where nothing is said."""
        return self.cleaned_data["letters"].upper() or LETTERS


class ChangeSchemeForm(SchemeTermsForm):
    """The same of one that stands, and whether slips are made by it."""

    in_use = forms.BooleanField(label="Se usa en fichas nuevas", required=False)


class NewSchemeForm(SchemeTermsForm):
    """The same of a new one, with the code by which it is known."""

    code = forms.SlugField(
        label="Clave",
        max_length=32,
        error_messages={"required": "Escribe una clave.", "invalid": "Usa letras, números y guiones."},
    )


class ExampleForm(Form):
    """What a worked example is of."""

    importe = forms.DecimalField(label="Importe", min_value=1, max_digits=10, decimal_places=2, widget=MoneyInput)
    hasta = forms.DateField(label="Se paga a más tardar el", widget=DateInput)
