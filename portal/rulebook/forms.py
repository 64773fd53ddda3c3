"""Shape of what a person types to change a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from portal.declared import Declared
from portal.design.forms import DateInput, Form, MoneyInput, TextField
from portal.rulebook import rules
from portal.states import choices


@dataclass(frozen=True, slots=True)
class ValueFields:
    """How a kind of value is typed: its fields for the version in force, what they show first, the value read back."""

    fields: Callable[[rules.RuleInForce], dict[str, forms.Field]]
    first: Callable[[Any], dict[str, Any]]
    read: Callable[[rules.RuleInForce, Mapping[str, Any]], Any]


def _one_field(current: rules.RuleInForce) -> dict[str, forms.Field]:
    label = f"Valor, en {current.unit}" if current.unit else "Valor"
    widget = MoneyInput if rules.family_of(current.code).kind is rules.AMOUNT else forms.TextInput
    return {"value": forms.CharField(label=label, max_length=60, widget=widget)}


_PLAIN = ValueFields(
    _one_field,
    lambda value: {"value": ", ".join(map(str, value)) if isinstance(value, list) else value},
    lambda current, typed: typed["value"],
)
# Of kinds that apps bring; all others are one box.
FIELDS: Declared[ValueFields] = Declared("the fields of the value")


def fields_of(current: rules.RuleInForce) -> ValueFields:
    """How the value of a rule is typed."""
    return FIELDS.get(rules.family_of(current.code).kind.name, _PLAIN)


class VersionForm(Form):
    """The next version of one rule. The fields of its value depend on the rule's family."""

    valid_from = forms.DateField(label="Rige desde", widget=DateInput)
    valid_to = forms.DateField(
        label="Rige hasta",
        widget=DateInput,
        required=False,
        help_text="Ese día ya no rige. Déjala vacía si no termina.",
    )
    enforcement = forms.ChoiceField(label="Efecto", choices=choices(rules.ENFORCEMENT_LABELS))
    source_kind = forms.ChoiceField(label="Tipo de fuente", choices=choices(rules.SOURCE_KIND_LABELS))
    source = TextField(label="Fuente", max_length=120, help_text="Artículo, documento u oficio que lo dice.")
    title = TextField(label="Nombre", max_length=120)
    note = TextField(label="Nota", required=False, max_length=1000, multiline=True)
    conflict_note = TextField(label="Conflicto por resolver", required=False, max_length=1000, multiline=True)
    reason = TextField(
        label="Motivo del cambio", max_length=500, help_text="Queda en la auditoría.", multiline=True, rows=2
    )
    seen_version = forms.IntegerField(label="Versión que viste", widget=forms.HiddenInput)

    def __init__(self, *args: Any, current: rules.RuleInForce, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = current
        self.asked = fields_of(current).fields(current)
        self.fields = {**self.asked, **self.fields}  # the value stands first

    @staticmethod
    def initial_of(current: rules.RuleInForce, *, on: date) -> dict[str, Any]:
        """What the form shows first: the present version, ruling from a date."""
        shared = ("enforcement", "source_kind", "source", "title", "note", "conflict_note")
        first: dict[str, Any] = {name: getattr(current, name) for name in shared}
        first |= {"valid_from": on, "seen_version": current.version}
        return first | fields_of(current).first(current.value)

    def draft(self) -> rules.Draft:
        """The typed version as a draft. Call after `is_valid`."""
        typed = self.cleaned_data
        return rules.Draft(
            code=self.current.code,
            value=fields_of(self.current).read(self.current, typed),
            unit=self.current.unit,
            valid_from=typed["valid_from"],
            valid_to=typed["valid_to"],
            source=typed["source"],
            source_kind=typed["source_kind"],
            title=typed["title"],
            note=typed["note"],
            enforcement=typed["enforcement"],
            conflict_note=typed["conflict_note"],
        )


class ActivationForm(Form):
    """Why a version that waited comes into force; the rule says so when it is missing."""

    reason = TextField(label="Motivo", max_length=500, required=False, multiline=True, rows=2)


class ClosingForm(Form):
    """When a rule ends without a successor, and why."""

    closes_on = forms.DateField(label="Deja de regir el", widget=DateInput, help_text="Ese día ya no rige.")
    reason = TextField(label="Motivo", max_length=500, multiline=True, rows=2)
