"""Forms whose choices are told when they are made: who asks knows what may be chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from portal.design.forms import Form

Choices = Iterable[tuple[str, str]]


class ChoosingForm(Form):
    """A form that is given the choices of its fields; `chosen_from`: the word by which they are told → the field."""

    chosen_from: ClassVar[dict[str, str]] = {}

    def __init__(self, *given: Any, **named: Any) -> None:
        told = {field: named.pop(name, ()) for name, field in self.chosen_from.items()}
        super().__init__(*given, **named)
        self.offer(**told)

    def offer(self, **choices: Choices) -> None:
        """Say what may be chosen in each of these fields."""
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(offered)
