"""Shape of a contact message and of its answer."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.errors import RuleBroken
from portal.help import rules
from portal.text import clean_text

BODY_LENGTH = 4000


class _Clean(forms.Form):
    def _cleaned(self, name: str, length: int, *, multiline: bool = False) -> str:
        try:
            return clean_text(self.cleaned_data[name], max_length=length, multiline=multiline)
        except RuleBroken as broken:
            raise forms.ValidationError(broken.message, code=broken.code) from broken


class ContactForm(_Clean):
    """Every field is required (S3.7)."""

    kind = forms.ChoiceField(
        label="¿Qué nos escribes?", choices=[(k.value, label) for k, label in rules.KIND_LABELS.items()]
    )
    name = forms.CharField(label="Tu nombre", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label="Tu correo",
        max_length=254,
        help_text="Ahí recibes el folio y la respuesta.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    subject_folio = forms.CharField(
        label="Folio o asunto", max_length=40, help_text="El folio de tu trámite, o de qué se trata en pocas palabras."
    )
    body = forms.CharField(label="Mensaje", max_length=BODY_LENGTH, widget=forms.Textarea(attrs={"rows": 6}))

    def clean_name(self) -> Any:
        """Readable text only."""
        return self._cleaned("name", 120)

    def clean_subject_folio(self) -> Any:
        """Readable text only."""
        return self._cleaned("subject_folio", 40)

    def clean_body(self) -> Any:
        """Readable text only."""
        return self._cleaned("body", BODY_LENGTH, multiline=True)


class AnswerForm(_Clean):
    """The desk's answer."""

    answer = forms.CharField(label="Respuesta", max_length=BODY_LENGTH, widget=forms.Textarea(attrs={"rows": 6}))

    def clean_answer(self) -> Any:
        """Readable text only."""
        return self._cleaned("answer", BODY_LENGTH, multiline=True)
