"""Shape of a contact message and of its answer."""

from __future__ import annotations

from django import forms

from portal.design.forms import EmailField, Form, TextField
from portal.help import rules

BODY_LENGTH = 4000


class ContactForm(Form):
    """Every field is required (S3.7)."""

    kind = forms.ChoiceField(
        label="¿Qué nos escribes?",
        choices=lambda: [("", "Elige una opción"), *rules.offered()],
        error_messages={"required": "Elige si es una queja, una sugerencia o una duda."},
    )
    name = TextField(label="Tu nombre", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = EmailField(
        label="Tu correo",
        max_length=254,
        help_text="Ahí recibes el folio y la respuesta.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    subject_folio = TextField(
        label="Folio o asunto", max_length=40, help_text="El folio de tu trámite, o de qué se trata en pocas palabras."
    )
    body = TextField(label="Mensaje", max_length=BODY_LENGTH, multiline=True, rows=6)


class AnswerForm(Form):
    """The desk's answer."""

    answer = TextField(label="Respuesta", max_length=BODY_LENGTH, multiline=True, rows=6)
