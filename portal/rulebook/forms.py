"""Shape of what a person types to change a rule."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from portal.design.forms import DateInput, Form, MoneyInput, TextField
from portal.rulebook import rules
from portal.states import choices


class VersionForm(Form):
    """The next version of one rule. The fields of its value depend on the rule's family."""

    value = forms.CharField(label="Valor", max_length=60)
    isr = forms.DecimalField(label="ISR, en porcentaje", max_digits=8, decimal_places=4, min_value=Decimal("0.0001"))
    local = forms.DecimalField(label="Impuesto local, en porcentaje", max_digits=8, decimal_places=4)
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
        family = rules.family_of(current.code)
        if family.kind is rules.ValueKind.WITHHOLDING:
            del self.fields["value"]
            if len(current.value["components"]) == 1:
                del self.fields["local"]
            return
        del self.fields["isr"], self.fields["local"]
        self.fields["value"].label = f"Valor, en {current.unit}" if current.unit else "Valor"
        if family.kind is rules.ValueKind.AMOUNT:
            self.fields["value"].widget = MoneyInput()

    @staticmethod
    def initial_of(current: rules.RuleInForce, *, on: date) -> dict[str, Any]:
        """What the form shows first: the present version, ruling from a date."""
        shared = ("enforcement", "source_kind", "source", "title", "note", "conflict_note")
        first: dict[str, Any] = {name: getattr(current, name) for name in shared}
        first |= {"valid_from": on, "seen_version": current.version}
        value = current.value
        if isinstance(value, dict):
            rates = {
                part["component"].lower(): (Decimal(part["rate"]) * 100).normalize() for part in value["components"]
            }
            return first | {name: f"{rate:f}" for name, rate in rates.items()}
        return first | {"value": ", ".join(map(str, value)) if isinstance(value, list) else value}

    def draft(self) -> rules.Draft:
        """The typed version as a draft. Call after `is_valid`."""
        typed = self.cleaned_data
        return rules.Draft(
            code=self.current.code,
            value=self._value(),
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

    def _value(self) -> Any:
        if "isr" not in self.fields:
            return self.cleaned_data["value"]
        names = [name for name in ("isr", "local") if name in self.fields]
        components = [{"component": name.upper(), "rate": str(self.cleaned_data[name] / 100)} for name in names]
        return {**self.current.value, "components": components}


class ActivationForm(Form):
    """Why a version that waited comes into force; the rule says so when it is missing."""

    reason = TextField(label="Motivo", max_length=500, required=False, multiline=True, rows=2)


class ClosingForm(Form):
    """When a rule ends without a successor, and why."""

    closes_on = forms.DateField(label="Deja de regir el", widget=DateInput, help_text="Ese día ya no rige.")
    reason = TextField(label="Motivo", max_length=500, multiline=True, rows=2)
