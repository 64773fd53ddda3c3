"""Shape of what an administrator hands in about trust."""

from __future__ import annotations

from django import forms

from portal.design.forms import FileInput, Form, TextField


class CertificateForm(Form):
    """One file with certificates."""

    file = forms.FileField(
        label="Certificado",
        help_text="Un .cer (DER o PEM) o un ZIP con varios. Nunca subas una llave privada.",
        widget=FileInput(accept=".cer,.crt,.pem,.der,.zip", label="Elegir certificado"),
        error_messages={"required": "Elige el archivo del certificado."},
    )


class WithdrawForm(Form):
    """Why nobody vouches any more."""

    reason = TextField(label="Motivo", max_length=200, error_messages={"required": "Escribe el motivo."})
