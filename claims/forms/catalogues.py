"""Shapes of the forms of formats, networks and catalogues; whether something is allowed belongs to rules."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from claims.rules.catalogues import NEED_LABELS, USE_LABELS
from claims.rules.formats import STAGE_WORDS, WHAT_LABELS
from claims.rules.missing import Document
from claims.rules.papers import PAPER_LABELS
from claims.texts import TEXT_LABELS
from portal.design.forms import DateInput, Form, TextField
from portal.states import choices

_FORMAT = {"required": "Elige un formato.", "invalid_choice": "Elige un formato de la lista."}


class FormatForm(Form):
    """Which format, for whom."""

    chosen_from = {"formats": "what", "people": "choice"}

    what = forms.ChoiceField(label="Formato", error_messages=_FORMAT)
    choice = forms.ChoiceField(
        label="Para quién y con qué cobertura",
        error_messages={"required": "Elige una persona.", "invalid_choice": "Elige una persona de la lista."},
    )


class NewFormatForm(Form):
    """The next version of a format; which one was chosen before it."""

    chosen_from = {"formats": "what"}

    what = forms.ChoiceField(label="Formato", widget=forms.HiddenInput, error_messages=_FORMAT)
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


class NetworkForm(Form):
    """Where an insurer shows its network."""

    chosen_from = {"insurers": "insurer"}

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


class TextForm(Form):
    """The next version of what families agree to, everybody's or an insurer's own; which text was chosen before it."""

    chosen_from = {"insurers": "insurer"}

    kind = forms.ChoiceField(
        label="Texto",
        choices=list(TEXT_LABELS.items()),
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "Elige un texto de la lista."},
    )
    insurer = forms.ChoiceField(
        label="De quién",
        required=False,
        help_text="El de una aseguradora sustituye al general para sus familias.",
        error_messages={"invalid_choice": "Elige una aseguradora de la lista."},
    )
    body = TextField(
        label="Texto completo",
        max_length=20_000,
        multiline=True,
        rows=14,
        error_messages={"required": "Escribe el texto completo."},
    )

    def offer(self, **choices: Iterable[tuple[str, str]]) -> None:
        """Everybody's stands before the insurers'."""
        super().offer(insurer=[("", "General, para todas las aseguradoras"), *choices["insurer"]])


_DAY = {"required": "Escribe desde cuándo.", "invalid": "Escribe una fecha, por ejemplo 31/01/2026."}


class _FromADay(Form):
    """What every new row of a catalogue says of itself."""

    since = forms.DateField(
        label="Rige desde", widget=DateInput, help_text="Desde mañana o después.", error_messages=_DAY
    )
    source = TextField(
        label="Fuente",
        max_length=120,
        help_text="Póliza, documento u oficio que lo dice.",
        error_messages={"required": "Escribe de dónde sale."},
    )
    reason = TextField(
        label="Motivo del cambio",
        max_length=500,
        multiline=True,
        rows=2,
        help_text="Queda en la auditoría.",
        error_messages={"required": "Escribe por qué cambia."},
    )


class RequirementForm(_FromADay):
    """What a kind of claim asks for from a day on."""

    what = forms.ChoiceField(label="Trámite", choices=list(WHAT_LABELS.items()))
    stage = forms.ChoiceField(label="Envío", choices=[(str(one), word) for one, word in STAGE_WORDS.items()])
    document = forms.ChoiceField(label="Documento", choices=[(one.value, PAPER_LABELS[one]) for one in Document])
    required = forms.ChoiceField(label="Se pide así", choices=[(str(one), label) for one, label in NEED_LABELS.items()])
    field_order = ("what", "stage", "document", "required", "since", "source", "reason")


class ReasonForm(_FromADay):
    """A reason of not covering in the words that hold from a day on."""

    code = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput, label="Clave")
    use = forms.ChoiceField(label="Desde ese día", choices=choices(USE_LABELS))
    label = TextField(label="Nombre para la mesa", max_length=80, error_messages={"required": "Escribe cómo se llama."})
    sentence = TextField(
        label="Qué lee la familia",
        max_length=200,
        help_text="Una frase que dice por qué no se cubre.",
        error_messages={"required": "Escribe qué lee la familia."},
    )
    cure = TextField(
        label="Qué puede hacer",
        max_length=200,
        error_messages={"required": "Escribe qué puede hacer la familia."},
    )
    document = forms.ChoiceField(
        label="Documento que lo aclara",
        required=False,
        choices=[("", "Ninguno"), *((one.value, PAPER_LABELS[one]) for one in Document)],
    )
    field_order = ("code", "label", "sentence", "cure", "document", "use", "since", "source", "reason")
