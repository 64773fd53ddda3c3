"""Shapes of registering by a certificate: what is typed, and the notices that are accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.design.forms import DayInput, EmailField, Form, TextField
from portal.people.models import ConsentText

_DAY = {"required": "Escribe la fecha de nacimiento.", "invalid": "Esa fecha no existe. Revisa día, mes y año."}


class RegisterForm(Form):
    """A certificate's data as printed; who has no account yet also types their addresses (S3.2-S3.4, S3.8)."""

    policy = TextField(
        label="Número de póliza",
        max_length=60,
        help_text="Como viene en tu certificado individual. No importan guiones ni espacios.",
    )
    name = TextField(
        label="Tu nombre completo",
        max_length=254,
        help_text="Todas las palabras, como vienen en tu certificado.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    born_on = forms.DateField(
        label="Tu fecha de nacimiento",
        widget=DayInput,
        error_messages=_DAY,
        help_text="En la póliza de una empresa todos conocen el número y los nombres: esta fecha muestra que eres tú.",
    )
    email = EmailField(
        label="Correo",
        max_length=254,
        help_text="Con él entras: es tu usuario.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    second_email = EmailField(
        label="Segundo correo",
        max_length=254,
        required=False,
        help_text="Recibe los mismos avisos, cuando lo confirmes.",
    )

    def __init__(self, *given: Any, texts: Sequence[ConsentText], signed_in: bool, **named: Any) -> None:
        super().__init__(*given, **named)
        if signed_in:
            del self.fields["email"], self.fields["second_email"]
        for one in texts:
            self.fields[f"text_{one.pk}"] = forms.BooleanField(
                label=f"Leí y acepto: {one.label}",
                error_messages={"required": f"Para registrarte hace falta que aceptes: {one.label}."},
            )


class BirthForm(Form):
    """The birth date once more, by who got the mail."""

    born_on = forms.DateField(label="Tu fecha de nacimiento", widget=DayInput, error_messages=_DAY)
