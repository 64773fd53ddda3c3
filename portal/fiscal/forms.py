"""Shape of what an administrator hands in about trust."""

from __future__ import annotations

from django import forms

from portal.design.forms import FileInput, Form, TextField
from portal.fiscal.catalogues import LABELS


class CertificateForm(Form):
    """One file with certificates."""

    file = forms.FileField(
        label="Certificado",
        help_text="Un .cer (DER o PEM) o un ZIP con varios. Nunca subas una llave privada.",
        widget=FileInput(accept=".cer,.crt,.pem,.der,.zip", label="Elegir certificado"),
        error_messages={"required": "Elige el archivo del certificado."},
    )


class KeyForm(Form):
    """One key of a SAT catalogue, as the SAT published it."""

    catalogue = forms.ChoiceField(
        label="Catálogo",
        choices=sorted(LABELS.items(), key=lambda pair: pair[1]),
        error_messages={"required": "Elige el catálogo.", "invalid_choice": "Elige un catálogo de la lista."},
    )
    key = TextField(
        label="Clave",
        max_length=12,
        help_text="Como viene en el XML, con sus mayúsculas.",
        error_messages={"required": "Escribe la clave."},
    )
    meaning = TextField(
        label="Descripción del SAT",
        max_length=200,
        help_text="Lo que el SAT dice de esa clave y desde cuándo vale.",
        error_messages={"required": "Escribe qué dice el SAT de esa clave."},
    )


class WithdrawForm(Form):
    """Why nobody vouches any more."""

    reason = TextField(label="Motivo", max_length=200, error_messages={"required": "Escribe el motivo."})
