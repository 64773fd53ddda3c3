"""Shapes of the forms of a request, its answers and messages; whether something is allowed belongs to rules."""

from __future__ import annotations

from typing import Any

from django import forms

from claims.rules.papers import PAPER_LABELS
from claims.rules.requests import WANTABLE, WHY_WANTED
from portal.design.forms import Form, TextField

NOT_ASKED = ""


class AskForm(Form):
    """Everything that lacks, asked for at once: a row a document, with why and what exactly."""

    def __init__(self, *given: Any, again: bool, **named: Any) -> None:
        super().__init__(*given, **named)
        for document in WANTABLE:
            label = PAPER_LABELS[document]
            self.fields[f"why_{document}"] = forms.ChoiceField(
                label=label,
                required=False,
                choices=[(NOT_ASKED, "No pedir"), *((one.value, told.label) for one, told in WHY_WANTED.items())],
                error_messages={"invalid_choice": "Elige un motivo de la lista."},
            )
            self.fields[f"detail_{document}"] = TextField(label=f"Detalle: {label}", max_length=300, required=False)
        if again:
            self.fields["reason"] = TextField(
                label="Por qué hace falta pedir más",
                max_length=500,
                multiline=True,
                required=False,
                help_text="Lo lee la otra persona de dictamen, que lo autoriza o no.",
            )

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Each document with its two fields."""
        return [(self[f"why_{one}"], self[f"detail_{one}"]) for one in WANTABLE]

    def told(self) -> dict[str, Any]:
        """What is asked for, as the service takes it."""
        data = self.cleaned_data
        things = [(one, data[f"why_{one}"], data[f"detail_{one}"]) for one in WANTABLE if data[f"why_{one}"]]
        return {"things": things, "reason": data.get("reason", "")}


class NoteForm(Form):
    """What a family says of one thing that it is asked for."""

    note = TextField(
        label="Observaciones",
        max_length=1000,
        multiline=True,
        required=False,
        help_text="Si no lo tienes, dilo aquí.",
    )


class MessageForm(Form):
    """A message about a claim."""

    text = TextField(
        label="Mensaje", max_length=2000, multiline=True, error_messages={"required": "Escribe tu mensaje."}
    )


class DeskMessageForm(MessageForm):
    """The same of the desk, which may keep it to itself."""

    internal = forms.BooleanField(label="Nota interna: la familia no la lee", required=False)


class DeclineForm(Form):
    """Why another analyst does not ask again."""

    note = TextField(label="Nota", max_length=1000, multiline=True, required=False)
