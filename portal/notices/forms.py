"""Forms of this room: shape only."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.design.forms import Form
from portal.notices import rules


class ByGroup(forms.CheckboxSelectMultiple):
    """Boxes under the headings of their groups."""

    template_name = "notices/by_group.html"


class PreferencesForm(Form):
    """Which events also come by mail."""

    by_mail = forms.MultipleChoiceField(
        label="También por correo",
        required=False,
        widget=ByGroup,
        help_text="Los avisos de seguridad siempre van por correo.",
    )

    daily = forms.BooleanField(
        label="Juntos en un solo correo al día, a las 7:00",
        required=False,
        help_text="Lo que cuida tu perfil y tu dinero siempre va al momento.",
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str, bool]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[str, str]]] = {}
        for kind, label, _on in choices:
            groups.setdefault(rules.KINDS[kind].group, []).append((kind, label))
        self.offer(by_mail=groups.items())
        self.fields["by_mail"].initial = [kind for kind, _label, on in choices if on]
        self.offered = [kind for kind, _label, _on in choices]

    def silent(self) -> list[str]:
        """Kinds that were offered and left unticked."""
        return [kind for kind in self.offered if kind not in self.cleaned_data["by_mail"]]
