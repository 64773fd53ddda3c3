"""Shapes of what a family itself fills in: joining, inviting, the guide of the IMSS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from memberships.forms import DAY, PersonForm
from memberships.models import ImssCheck, Plan
from memberships.rules import Kinship
from memberships.rules.imss import CLINIC_LABELS, PAPER_LABELS, Clinic
from memberships.rules.joining import Contact, NewPerson
from portal.design.forms import DateInput, EmailField, Form, TextField
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
        self.fields["plan"].choices = [(key, plan.name) for key, plan in self.plans.items()]  # type: ignore[attr-defined]

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


class DoubtForm(Form):
    """What was done about a doubtful event."""

    comment = TextField(
        label="Qué se hizo",
        max_length=300,
        help_text="Por ejemplo: la pasarela lo devolvió, o se registró como pago en la mesa.",
        error_messages={"required": "Escribe qué se hizo."},
    )
    books = forms.BooleanField(
        label="Asentar lo que dice la pasarela",
        help_text="Mueve el dinero y los libros. Márcalo solo si la pasarela lo confirmó y nadie lo asentó.",
        required=False,
    )


class AdultForm(Form):
    """The address to which an adult's own account goes."""

    email = EmailField(label="Su correo", error_messages={"required": "Escribe su correo."})
