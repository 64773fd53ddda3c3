"""Shape of treasury's input; whether it is allowed belongs to the rules."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.design.forms import ClabeInput, FileInput, Form, TextField
from portal.states import choices
from portal.treasury import rules


class AccountForm(Form):
    """A CLABE and the statement that proves it (S0.5)."""

    clabe = forms.CharField(
        label="CLABE",
        max_length=40,
        widget=ClabeInput,
        strip=True,
        help_text="Son 18 dígitos. Está en tu estado de cuenta y en tu banca en línea.",
        error_messages={"required": "Escribe tu CLABE: son 18 dígitos."},
    )
    statement = forms.FileField(
        label="Estado de cuenta en PDF",
        allow_empty_file=True,
        widget=FileInput(accept=".pdf", label="Elegir el PDF"),
        help_text="El que descargas de tu banco, de los últimos 3 meses y sin contraseña. Hasta 5 MB.",
        error_messages={"required": "Sube tu estado de cuenta en PDF."},
    )

    def __init__(self, *args: Any, is_kept: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_kept:
            self.expect_kept()

    def expect_kept(self) -> None:
        """A right statement waits for its CLABE: none has to be chosen again."""
        self.fields["statement"].required = False


class ReviewForm(Form):
    """A reviewer's decision."""

    decision = forms.ChoiceField(label="Decisión", choices=choices(rules.DECISION_LABELS))
    reason = TextField(
        label="Motivo",
        required=False,
        max_length=500,
        multiline=True,
        help_text="Solo si rechazas. Lo lee quien registró la cuenta.",
    )


class BatchForm(Form):
    """Which payables go into a batch."""

    payables = forms.MultipleChoiceField(
        label="Pagos",
        error_messages={
            "required": "Elige al menos un pago para preparar el lote.",
            "invalid_choice": "Un pago de tu selección ya no se puede pagar ahora. Revisa la lista y elige de nuevo.",
        },
    )

    def __init__(self, *args: Any, choices: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payables"].choices = [(value, value) for value in choices]  # type: ignore[attr-defined]


class ApproveForm(Form):
    """The total that the approver read."""

    total = forms.DecimalField(label="Total del lote", max_digits=16, decimal_places=2, widget=forms.HiddenInput)


class CancelForm(Form):
    """Why a batch is undone."""

    reason = TextField(
        label="Motivo",
        max_length=300,
        multiline=True,
        rows=2,
        error_messages={"required": "Escribe por qué se cancela el lote."},
    )


class ResultForm(Form):
    """The bank's answer."""

    result = forms.FileField(
        label="Respuesta del banco en CSV o Excel",
        allow_empty_file=True,
        widget=FileInput(accept=".csv,.tsv,.txt,.xlsx", label="Elegir el archivo"),
        help_text="Columnas: clave_rastreo, resultado (pagada, rechazada o devuelta), fecha, referencia, importe "
        "y, si no la pagó, motivo.",
        error_messages={"required": "Sube la respuesta del banco en CSV o Excel."},
    )
