"""Shape of an adult's «sí» to a claim."""

from __future__ import annotations

from django import forms

from portal.design.forms import Form


class AssentForm(Form):
    """Express consent on health data, never ticked beforehand (PR-01)."""

    consent = forms.BooleanField(
        label="Sí: que lo presente, y doy mi consentimiento para tratar mis datos de salud de este trámite",
        error_messages={"required": "Para dar tu «sí» marca la casilla."},
    )
