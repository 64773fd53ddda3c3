"""Shapes of the room's forms; whether it is allowed belongs to rules and services."""

from __future__ import annotations

from django import forms

from portal.design.forms import DecisionField, EmailField, FileInput, Form, RfcInput, TextField
from portal.proofs import rules
from portal.states import choices


class PaperForm(Form):
    """A paper that names the RFC."""

    kind = forms.ChoiceField(
        label="Qué documento subes",
        choices=choices(rules.KIND_LABELS),
        initial=rules.PaperKind.CONSTANCIA,
        widget=forms.RadioSelect,
        error_messages={"required": "Elige qué documento subes.", "invalid_choice": "Elige uno de la lista."},
    )
    file = forms.FileField(
        label="Documento en PDF",
        allow_empty_file=True,
        widget=FileInput(accept=".pdf", label="Elegir el PDF"),
        help_text="El que descargas del SAT o de tu banco, sin contraseña. Hasta 5 MB.",
        error_messages={"required": "Elige el PDF que trae tu RFC."},
    )


class CodeForm(Form):
    """The code that the insurer handed out."""

    code = forms.CharField(
        label="Código de tu aseguradora",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
        help_text="Con o sin guiones; no importa si va en mayúsculas.",
        error_messages={"required": "Escribe el código que te dio tu aseguradora."},
    )


class ReviewForm(Form):
    """A reviewer's decision."""

    decision = DecisionField(choices=[("accept", "Aceptar"), ("return", "Devolver")])
    reason = TextField(
        label="Motivo",
        required=False,
        max_length=500,
        multiline=True,
        help_text="Solo si lo devuelves. Lo lee quien lo subió.",
    )


class MoveForm(Form):
    """An RFC that somebody took wrongly, its owner, and what shows it."""

    rfc = forms.CharField(
        label="RFC", max_length=20, widget=RfcInput, error_messages={"required": "Escribe el RFC que se va a entregar."}
    )
    name = TextField(
        label="Nombre de su dueño",
        max_length=200,
        help_text="Tal como está en su Constancia de Situación Fiscal.",
        error_messages={"required": "Escribe el nombre de su dueño."},
    )
    email = EmailField(
        label="Correo de su dueño",
        max_length=254,
        help_text="Ahí le mandamos cómo entrar. Comprueba que sea suyo.",
        error_messages={
            "required": "Escribe el correo de su dueño.",
            "invalid": "Escribe un correo completo, por ejemplo ana@ejemplo.mx.",
        },
    )
    file = forms.FileField(
        label="Su Constancia de Situación Fiscal en PDF",
        allow_empty_file=True,
        widget=FileInput(accept=".pdf", label="Elegir el PDF"),
        error_messages={"required": "Elige el PDF de su Constancia."},
    )
    evidence = TextField(
        label="Cómo comprobaste que es suyo",
        max_length=1000,
        multiline=True,
        help_text="Por ejemplo: el folio de su mensaje y la llamada en que confirmó sus datos.",
        error_messages={"required": "Escribe cómo comprobaste que el RFC es suyo."},
    )


class MoveDecisionForm(Form):
    """The second administrator's word."""

    decision = DecisionField(choices=[("confirm", "Entregar"), ("refuse", "No entregar")])
    reason = TextField(
        label="Motivo", required=False, max_length=500, multiline=True, help_text="Solo si no se entrega."
    )
