"""Shapes of the guide of the IMSS: its questions, papers, sources and constancia."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from memberships.forms.families import DAY
from memberships.models import ImssCheck
from memberships.rules.imss import CLINIC_LABELS, PAPER_LABELS, Clinic
from portal.design.forms import DateInput, FileInput, Form, TextField

_YES_NO = [("yes", "Sí"), ("no", "No")]


class ImssForm(Form):
    """The three questions about one's constancia (S1.13-S1.16); without rights the other two do not count."""

    rights = forms.ChoiceField(
        label="¿Dice que tus derechos están vigentes?",
        choices=_YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Elige sí o no.", "invalid_choice": "Elige sí o no."},
    )
    clinic = forms.ChoiceField(
        label="¿Qué clínica aparece?",
        choices=[(one.value, text) for one, text in CLINIC_LABELS.items()],
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Elige una opción de la lista."},
    )
    has_card = forms.ChoiceField(
        label="¿Ya tienes tu Carnet (cartilla nacional de salud)?",
        choices=_YES_NO,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Elige sí o no."},
    )

    def clean(self) -> dict[str, Any]:
        """With rights, the clinic counts; with the right one, the Carnet does."""
        told = self.cleaned_data
        if told.get("rights") == "yes":
            if not told.get("clinic") and "clinic" not in self.errors:
                self.add_error("clinic", "Elige qué clínica aparece.")
            elif told.get("clinic") == Clinic.RIGHT and not told.get("has_card") and "has_card" not in self.errors:
                self.add_error("has_card", "Di si ya tienes tu Carnet.")
        return told

    def answers(self) -> dict[str, Any]:
        """What was answered, as the service takes it."""
        return self.as_answers(self.cleaned_data)

    @staticmethod
    def as_answers(told: Mapping[str, str]) -> dict[str, Any]:
        """Words of the form as the service takes them."""
        card = {"yes": True, "no": False, "": None}
        return {"rights": told["rights"] == "yes", "clinic": told["clinic"], "has_card": card[told["has_card"]]}

    @staticmethod
    def told(check: ImssCheck) -> dict[str, str]:
        """What was answered before, as the form shows it."""
        words = {True: "yes", False: "no", None: ""}
        return {"rights": words[check.rights], "clinic": check.clinic, "has_card": words[check.has_card]}


class ImssPapersForm(Form):
    """Which of the six papers are together."""

    ticked = forms.MultipleChoiceField(
        label="Papeles que ya tienes",
        choices=[(one.value, text) for one, text in PAPER_LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Elige papeles de la lista."},
    )


class ImssSourceForm(Form):
    """A link or a telephone of the IMSS, and the day on which it was tried."""

    value = TextField(
        label="Página o teléfono", max_length=300, error_messages={"required": "Escribe la página o el teléfono."}
    )
    checked_on = forms.DateField(
        label="Revisado el",
        widget=DateInput,
        error_messages=DAY | {"required": "Escribe el día en que lo revisaste."},
    )


class ImssConstanciaForm(Form):
    """The IMSS's own PDF of a person."""

    file = forms.FileField(
        label="PDF del IMSS",
        widget=FileInput(accept=".pdf", label="Elegir PDF"),
        error_messages={"required": "Elige el PDF que expidió el IMSS."},
    )
