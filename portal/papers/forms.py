"""Shapes of input: the code of a document, and the PDF to compare."""

from __future__ import annotations

from django import forms

from portal.design.forms import FileInput


class CodeForm(forms.Form):
    """The code printed beside the QR."""

    codigo = forms.CharField(
        label="Código del documento",
        max_length=40,
        help_text="Son 16 letras y números; está junto al cuadro QR.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Escribe el código que está junto al cuadro QR."},
    )


class CopyForm(forms.Form):
    """The PDF somebody holds."""

    archivo = forms.FileField(
        label="PDF que tienes",
        help_text="Lo comparamos con el que emitimos y no lo guardamos. PDF de hasta 10 MB.",
        widget=FileInput(accept="application/pdf,.pdf", label="Elegir PDF"),
        error_messages={"required": "Elige el PDF que quieres comparar.", "empty": "El archivo llegó vacío."},
    )
