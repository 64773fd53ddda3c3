"""Shapes of the forms of formats and networks; whether something is allowed belongs to rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.design.forms import Form, TextField

_FORMAT = {"required": "Elige un formato.", "invalid_choice": "Elige un formato de la lista."}


class FormatForm(Form):
    """Which format, for whom."""

    what = forms.ChoiceField(label="Formato", error_messages=_FORMAT)
    choice = forms.ChoiceField(
        label="Para quién y con qué cobertura",
        error_messages={"required": "Elige una persona.", "invalid_choice": "Elige una persona de la lista."},
    )

    def __init__(
        self,
        *given: Any,
        formats: Sequence[tuple[str, str]] = (),
        people: Sequence[tuple[str, str]] = (),
        **named: Any,
    ) -> None:
        super().__init__(*given, **named)
        for name, offered in (("what", formats), ("choice", people)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(offered)


class NewFormatForm(Form):
    """The next version of a format."""

    what = forms.ChoiceField(label="Formato", error_messages=_FORMAT)
    asked = TextField(
        label="Qué pregunta, una pregunta por renglón",
        max_length=3000,
        multiline=True,
        error_messages={"required": "Escribe qué pregunta."},
    )
    declaration = TextField(
        label="Qué declara quien firma",
        max_length=2000,
        multiline=True,
        error_messages={"required": "Escribe qué declara quien firma."},
    )

    def __init__(self, *given: Any, formats: Sequence[tuple[str, str]] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(formats)


class NetworkForm(Form):
    """Where an insurer shows its network."""

    insurer = forms.ChoiceField(
        label="Aseguradora",
        error_messages={"required": "Elige la aseguradora.", "invalid_choice": "Elige una aseguradora de la lista."},
    )
    address = TextField(
        label="Dirección de su red médica",
        max_length=300,
        help_text="Completa, como https://www.aseguradora.mx/red-medica.",
        error_messages={"required": "Escribe la dirección."},
    )

    def __init__(self, *given: Any, insurers: Sequence[tuple[str, str]] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        field = self.fields["insurer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(insurers)
