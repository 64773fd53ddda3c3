"""Files of the affiliation desk: a table, with the totals that its sender announced."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.design.forms import FileInput, Form

_WHOLE = {"invalid": "Escribe un número entero.", "min_value": "Escribe un número mayor que cero."}


class _AnnouncedFileForm(Form):
    """A table, with its two control totals where its sender announced them."""

    totals: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        """Both totals, or neither."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        names = [name for name in self.totals if told.get(name) is None and name not in self.errors]
        if len(names) == 1:
            self.add_error(names[0], "Escribe los dos totales, o deja los dos en blanco.")
        return told

    @property
    def announced(self) -> dict[str, int | None]:
        """What was announced; nothing where nothing was typed."""
        return {name: self.cleaned_data[name] for name in self.totals}


def _table(required: str) -> forms.FileField:
    return forms.FileField(
        label="Archivo CSV o Excel",
        widget=FileInput(accept=".csv,.tsv,.txt,.xlsx", label="Elegir archivo"),
        error_messages={"required": required},
    )


def _total(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, error_messages=_WHOLE)


class FamiliesFileForm(_AnnouncedFileForm):
    """A file of families."""

    totals = ("families", "people")
    file = _table("Elige el archivo de afiliaciones.")
    families = _total("Familias que te anunciaron")
    people = _total("Personas que te anunciaron")


class CertificatesFileForm(_AnnouncedFileForm):
    """An insurer's file of certificates."""

    totals = ("certificates", "people")
    file = _table("Elige el archivo de certificados.")
    certificates = _total("Certificados que te anunciaron")
    people = _total("Personas que te anunciaron")
