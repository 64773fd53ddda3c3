"""Shapes of what a family itself fills in to join, and to invite."""

from __future__ import annotations

from typing import Any

from django import forms

from memberships.forms.families import PersonForm
from memberships.models import Plan
from memberships.rules import Kinship
from memberships.rules.joining import Contact, NewPerson
from portal.design.forms import EmailField, Form, TextField
from portal.people.models import ConsentText


class PlanChoiceForm(Form):
    """The plan that somebody joins."""

    plan = forms.ChoiceField(
        label="Plan",
        widget=forms.RadioSelect,
        error_messages={"required": "Elige un plan.", "invalid_choice": "Elige un plan de la lista."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plans = {str(plan.pk): plan for plan in Plan.objects.offered().order_by("name")}
        self.offer(plan=[(key, plan.name) for key, plan in self.plans.items()])

    def clean_plan(self) -> Plan:
        """The plan that was chosen."""
        return self.plans[self.cleaned_data["plan"]]


class JoinerForm(PersonForm):
    """Who joins, as their own titular, and where they live."""

    phone = TextField(label="Teléfono", max_length=20, error_messages={"required": "Escribe tu teléfono."})
    street = TextField(
        label="Calle y número", max_length=120, error_messages={"required": "Escribe tu calle y número."}
    )
    neighbourhood = TextField(label="Colonia", max_length=80, error_messages={"required": "Escribe tu colonia."})
    zip_code = forms.RegexField(
        r"\A[0-9]{5}\Z",
        label="Código postal",
        error_messages={
            "required": "Escribe tu código postal.",
            "invalid": "El código postal lleva 5 dígitos, por ejemplo 44100.",
        },
    )
    municipality = TextField(
        label="Municipio o alcaldía", max_length=80, error_messages={"required": "Escribe tu municipio."}
    )
    region = TextField(label="Estado de la República", max_length=40, error_messages={"required": "Escribe tu estado."})

    def __init__(self, *args: Any, keeps_identity: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rfc"].help_text = "Con tu RFC o tu CURP basta."
        if keeps_identity:
            for name in PersonForm.base_fields:
                del self.fields[name]

    @property
    def who(self) -> list[Any]:
        """The fields that say who somebody is."""
        return [self[name] for name in self.fields if name in PersonForm.base_fields]

    @property
    def where(self) -> list[Any]:
        """The fields that say how they are reached."""
        return [self[name] for name in self.fields if name not in PersonForm.base_fields]

    def joiner(self) -> NewPerson:
        """Who was typed."""
        return NewPerson(Kinship.TITULAR, **{name: self.cleaned_data[name] for name in PersonForm.base_fields})

    def contact(self, email: str) -> Contact:
        """How they are reached."""
        names = ("phone", "street", "neighbourhood", "zip_code", "municipality", "region")
        return Contact(email, **{name: self.cleaned_data[name] for name in names})


class AgreeForm(Form):
    """That the family's data may be kept, as the notice says; never ticked beforehand (PR-01)."""

    consent = forms.BooleanField(
        label="Leí el aviso de privacidad y acepto que traten los datos de mi familia para atender la membresía",
        error_messages={"required": "Para afiliarte hace falta que aceptes el aviso de privacidad."},
    )
    text = forms.IntegerField(label="Aviso de privacidad", widget=forms.HiddenInput)

    def __init__(self, *args: Any, text: ConsentText, **kwargs: Any) -> None:
        """`text` is the version in force; who read another one reads it first."""
        kwargs["initial"] = {"text": text.pk}
        super().__init__(*args, **kwargs)
        self.shown = text

    def clean_text(self) -> int:
        """The version that was read."""
        if self.cleaned_data["text"] != self.shown.pk:
            raise forms.ValidationError("El aviso cambió mientras lo leías. Lee la versión nueva y acéptala.")
        return self.shown.pk


class AdultForm(Form):
    """The address to which an adult's own account goes."""

    email = EmailField(label="Su correo", error_messages={"required": "Escribe su correo."})
