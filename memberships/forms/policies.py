"""Shapes of plans, their prices, policies of insurers and their years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from memberships.forms.families import DAY
from memberships.models import PlanCoverage
from memberships.rules.policies import COVERAGE_LABELS, SCOPE_CHOICES, CoverageKind, Scope, Terms
from portal.design.forms import (
    Combobox,
    DateInput,
    DayInput,
    Form,
    MoneyInput,
    TextField,
)
from portal.people.models import Party


class PriceForm(Form):
    """A price from a day on."""

    amount = forms.DecimalField(
        label="Al mes",
        max_digits=10,
        decimal_places=2,
        widget=MoneyInput,
        error_messages={"required": "Escribe el precio."},
    )
    since = forms.DateField(
        label="Desde", widget=DateInput, error_messages=DAY | {"required": "Escribe desde qué día."}
    )


class PlanForm(PriceForm):
    """A new plan with its first price."""

    name = TextField(label="Nombre", max_length=80, error_messages={"required": "Escribe el nombre del plan."})
    benefits = TextField(label="Beneficios, uno por renglón", max_length=4000, required=False, multiline=True)
    field_order = ("name", "benefits")


class ChangePlanForm(Form):
    """What a plan gives, and whether people may join it."""

    benefits = TextField(label="Beneficios, uno por renglón", max_length=4000, required=False, multiline=True)
    is_offered = forms.BooleanField(label="Se puede elegir al afiliarse", required=False)


_SCOPE: dict[str, Any] = {
    "choices": [("", "No la tiene"), *SCOPE_CHOICES],
    "required": False,
    "error_messages": {"invalid_choice": "Elige una opción de la lista."},
}

_AMOUNT: dict[str, Any] = {"max_digits": 12, "decimal_places": 2, "min_value": 0, "widget": MoneyInput}


def scopes_of(told: Mapping[str, str]) -> dict[CoverageKind, Scope]:
    """The coverages that a policy's form chose."""
    return {kind: Scope(told[kind.value]) for kind in CoverageKind if told[kind.value]}


def terms_of(told: Mapping[str, Any]) -> dict[CoverageKind, Terms]:
    """What the form of a year says of each coverage; a coaseguro becomes a fraction."""
    names = ("deductible", "coaseguro", "coaseguro_cap", "sum_insured")
    kinds = [kind for kind in CoverageKind if f"{kind}_deductible" in told]
    typed = {kind: [told[f"{kind}_{name}"] for name in names] for kind in kinds}
    return {kind: Terms(one[0], one[1] / 100, one[2], one[3]) for kind, one in typed.items()}


class PolicyForm(Form):
    """A policy of an insurer, and what shares a deductible in each of its coverages."""

    insurer = forms.ModelChoiceField(
        label="Aseguradora",
        queryset=Party.objects.none(),
        empty_label="Elige",
        widget=Combobox,
        error_messages={"required": "Elige la aseguradora.", "invalid_choice": "Elige una aseguradora de la lista."},
    )
    number = TextField(
        label="Número de póliza", max_length=40, error_messages={"required": "Escribe el número de la póliza."}
    )
    name = TextField(label="Nombre", max_length=80, error_messages={"required": "Escribe cómo se llama."})
    major = forms.ChoiceField(label="Gastos mayores: qué comparte un deducible", **_SCOPE)
    minor = forms.ChoiceField(label="Gastos menores: qué comparte un deducible", **_SCOPE)

    def __init__(self, *args: Any, insurers: Iterable[Party], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["insurer"].queryset = insurers  # type: ignore[attr-defined]

    def scopes(self) -> dict[CoverageKind, Scope]:
        """The coverages that were chosen."""
        return scopes_of(self.cleaned_data)


class PolicyYearForm(Form):
    """A year of a policy with the terms of each of its coverages, which the page names."""

    since = forms.DateField(
        label="Primer día", widget=DayInput, error_messages=DAY | {"required": "Escribe el primer día."}
    )
    until = forms.DateField(
        label="Primer día que ya no cubre",
        widget=DayInput,
        error_messages=DAY | {"required": "Escribe el primer día que ya no cubre."},
    )

    def __init__(self, *args: Any, coverages: Iterable[PlanCoverage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = [CoverageKind(one.kind) for one in coverages]
        for kind in self.kinds:
            self._add_terms(kind, COVERAGE_LABELS[kind])

    def _add_terms(self, kind: CoverageKind, label: str) -> None:
        needed = {"required": "Escribe este dato.", "invalid": "Escribe un número, por ejemplo 8000.00."}
        open_end = {"required": False, "help_text": "Vacío: sin tope.", "error_messages": needed}
        rate = {"max_digits": 7, "decimal_places": 4, "min_value": 0, "max_value": 100, "error_messages": needed}
        self.fields |= {
            f"{kind}_deductible": forms.DecimalField(label=f"{label}: deducible", error_messages=needed, **_AMOUNT),
            f"{kind}_coaseguro": forms.DecimalField(label=f"{label}: coaseguro en %", **rate),
            f"{kind}_coaseguro_cap": forms.DecimalField(label=f"{label}: tope del coaseguro", **open_end, **_AMOUNT),
            f"{kind}_sum_insured": forms.DecimalField(label=f"{label}: suma asegurada", **open_end, **_AMOUNT),
        }

    def terms(self) -> dict[CoverageKind, Terms]:
        """What was typed of each coverage; a coaseguro becomes a fraction."""
        return terms_of(self.cleaned_data)
