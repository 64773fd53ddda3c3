"""Shapes of a family's people, and of what the desk does with a family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from memberships.models import Plan
from memberships.rules import KINSHIP_LABELS, Kinship
from memberships.rules.joining import Contact, NewPerson
from memberships.rules.states import SEX_CHOICES
from portal.design.forms import (
    DateInput,
    DayInput,
    EmailField,
    Form,
    RfcInput,
    TextField,
)
from portal.states import choices

OTHERS = 8  # people beside the titular that one form holds

TITULAR = "t"  # the titular's part of a family's form

DAY = {"invalid": "Escribe una fecha, por ejemplo 31/01/1985."}


class PersonForm(Form):
    """One person of a family, as typed."""

    given_name = TextField(label="Nombre", max_length=80, error_messages={"required": "Escribe el nombre."})
    first_surname = TextField(
        label="Primer apellido", max_length=80, error_messages={"required": "Escribe el primer apellido."}
    )
    second_surname = TextField(label="Segundo apellido", max_length=80, required=False)
    born_on = forms.DateField(
        label="Nacimiento",
        widget=DayInput,
        help_text="Por ejemplo: 7 3 1984.",
        error_messages=DAY | {"required": "Escribe la fecha de nacimiento."},
    )
    sex = forms.ChoiceField(
        label="Sexo",
        choices=[("", "Elige"), *SEX_CHOICES],
        error_messages={"required": "Elige una opción.", "invalid_choice": "Elige una opción de la lista."},
    )
    curp = TextField(label="CURP", max_length=24, required=False)
    rfc = forms.CharField(label="RFC", max_length=20, required=False, widget=RfcInput)
    nss = TextField(label="NSS", max_length=20, required=False)

    def person(self, kinship: Kinship | None = None) -> NewPerson:
        """What was typed, as rules take it."""
        told = dict(self.cleaned_data)
        return NewPerson(**{**told, "kinship": kinship or Kinship(told["kinship"])})


class RelativeForm(PersonForm):
    """Somebody beside the titular; an empty one is nobody."""

    kinship = forms.ChoiceField(
        label="Parentesco",
        choices=[("", "Elige"), *choices({one: KINSHIP_LABELS[one] for one in Kinship if one != Kinship.TITULAR})],
        error_messages={"required": "Elige el parentesco.", "invalid_choice": "Elige una opción de la lista."},
    )
    field_order = ("kinship",)


def relative_prefix(number: int) -> str:
    """The part of a family's form of one beside the titular, counted from 1."""
    return f"p{number}"


class FamilyForm(Form):
    """Plan, how the family is reached, and the first month where it was paid."""

    plan = forms.ChoiceField(
        label="Plan",
        error_messages={"required": "Elige el plan.", "invalid_choice": "Elige un plan de la lista."},
    )
    email = EmailField(label="Correo de contacto", error_messages={"required": "Escribe el correo."})
    phone = TextField(label="Teléfono", max_length=20, required=False)
    street = TextField(label="Calle y número", max_length=120, required=False)
    neighbourhood = TextField(label="Colonia", max_length=80, required=False)
    zip_code = forms.RegexField(
        r"\A[0-9]{5}\Z",
        label="Código postal",
        required=False,
        error_messages={"invalid": "El código postal lleva 5 dígitos, por ejemplo 44100."},
    )
    municipality = TextField(label="Municipio o alcaldía", max_length=80, required=False)
    region = TextField(label="Estado de la República", max_length=40, required=False)
    paid_on = forms.DateField(
        label="Primera mensualidad pagada el",
        required=False,
        widget=DateInput,
        help_text="Déjalo vacío si todavía no paga.",
        error_messages=DAY,
    )

    def __init__(self, typed: Mapping[str, Any] | None = None, *more: Any, **told: Any) -> None:
        super().__init__(typed, *more, **told)
        self.plans = {str(plan.pk): plan for plan in Plan.objects.offered().order_by("name")}
        self.offer(plan=[("", "Elige"), *((key, plan.name) for key, plan in self.plans.items())])
        self.titular = PersonForm(typed, prefix=TITULAR)
        self.relatives = [
            RelativeForm(typed, prefix=relative_prefix(number), empty_permitted=True, use_required_attribute=False)
            for number in range(1, OTHERS + 1)
        ]

    def clean_plan(self) -> Plan:
        """The plan that was chosen."""
        return self.plans[self.cleaned_data["plan"]]

    @property
    def parts(self) -> list[Form]:
        """The form and those of its people."""
        return [self, self.titular, *self.relatives]

    def is_whole(self) -> bool:
        """Whether everything typed has its shape."""
        return all([one.is_valid() for one in self.parts])

    def people(self) -> list[NewPerson]:
        """Everybody who was typed."""
        told = [one for one in self.relatives if one.has_changed()]
        return [self.titular.person(Kinship.TITULAR), *(one.person() for one in told)]

    def contact(self) -> Contact:
        """How the family is reached."""
        names = ("email", "phone", "street", "neighbourhood", "zip_code", "municipality", "region")
        return Contact(**{name: self.cleaned_data[name] for name in names})


class InviteForm(Form):
    """Who of a family gets an own account, and the address to which the secret goes."""

    person = forms.ChoiceField(
        label="Persona",
        error_messages={"required": "Elige a la persona.", "invalid_choice": "Elige a alguien de la lista."},
    )
    email = EmailField(label="Su correo", error_messages={"required": "Escribe su correo."})

    def __init__(self, *given: Any, people: Sequence[tuple[str, str]] = (), **told: Any) -> None:
        super().__init__(*given, **told)
        self.offer(person=[("", "Elige"), *people])


class ReasonForm(Form):
    """Why a membership ends."""

    reason = TextField(label="Motivo", max_length=300, error_messages={"required": "Escribe el motivo."})


class CardForm(Form):
    """Why somebody's card is changed for a new one."""

    reason = TextField(
        label="Por qué se cambia",
        max_length=300,
        help_text="Por ejemplo: la perdió, o su nombre está mal escrito.",
        error_messages={"required": "Escribe por qué se cambia."},
    )
