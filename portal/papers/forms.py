"""Shapes of input: the code of a document, and the PDF to compare."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.design.forms import FileInput, Form


class CodeForm(Form):
    """The code printed beside the QR."""

    codigo = forms.CharField(
        label="Código del documento",
        max_length=40,
        help_text="Son 16 letras y números; está junto al cuadro QR.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Escribe el código que está junto al cuadro QR."},
    )


# Why an upload was not kept, so that nothing is said of a copy that nobody could read.
NOT_KEPT = {
    "too_large": "Ese archivo es demasiado grande: ningún PDF nuestro pasa de 10 MB. Elige el PDF que emitimos.",
    "no_space": "En este momento no hay espacio para recibir archivos. Inténtalo más tarde.",
}


class CopyForm(Form):
    """The PDF somebody holds."""

    archivo = forms.FileField(
        label="PDF que tienes",
        help_text="Lo comparamos con el que emitimos y no lo guardamos. PDF de hasta 10 MB.",
        widget=FileInput(accept="application/pdf,.pdf", label="Elegir PDF"),
        error_messages={"required": "Elige el PDF que quieres comparar."},
    )

    def clean_archivo(self) -> Any:
        """The upload, if its bytes arrived whole."""
        upload = self.cleaned_data["archivo"]
        if upload.fault:
            raise forms.ValidationError(NOT_KEPT[upload.fault], code=upload.fault)
        return upload
