"""Forms of this room: shape only."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.design.forms import Form


class PreferencesForm(Form):
    """Which events also come by mail."""

    by_mail = forms.MultipleChoiceField(
        label="También por correo",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Los avisos de seguridad siempre van por correo.",
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str, bool]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["by_mail"]
        field.choices = [(kind, label) for kind, label, _on in choices]  # type: ignore[attr-defined]
        field.initial = [kind for kind, _label, on in choices if on]
        self.offered = [kind for kind, _label, _on in choices]

    def silent(self) -> list[str]:
        """Kinds that were offered and left unticked."""
        return [kind for kind in self.offered if kind not in self.cleaned_data["by_mail"]]
