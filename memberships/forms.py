"""Shapes of memberships' forms; whether something is allowed belongs to rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from memberships import gateway
from memberships.models import Plan, PlanCoverage, ReferenceScheme
from memberships.rules import KINSHIP_LABELS, Kinship
from memberships.rules.joining import Contact, NewPerson
from memberships.rules.paying import Typed, read_typed
from memberships.rules.policies import COVERAGE_LABELS, SCOPE_CHOICES, CoverageKind, Scope, Terms
from memberships.rules.schemes import BY_CARD
from memberships.rules.states import SEX_CHOICES
from memberships.selectors import schemes_in_use
from portal.design.forms import (
    Combobox,
    DateInput,
    DayInput,
    EmailField,
    FileInput,
    Form,
    MoneyInput,
    RfcInput,
    TextField,
)
from portal.errors import RuleBroken
from portal.people.models import Party
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


class SchemeForm(Form):
    """Where something is paid: one of the networks and banks in use."""

    scheme = forms.ChoiceField(
        label="Cómo pagas",
        error_messages={"required": "Elige cómo pagas.", "invalid_choice": "Elige una opción de la lista."},
    )

    takes_cards = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = [(one.code, one.label) for one in schemes_in_use()]
        if self.takes_cards and gateway.is_on():
            shown.insert(0, (BY_CARD, "Con tarjeta de crédito o débito"))
        self.fields["scheme"].choices = shown  # type: ignore[attr-defined]

    def clean_scheme(self) -> ReferenceScheme | None:
        """The scheme of that code; None: by card."""
        return ReferenceScheme.objects.filter(code=self.cleaned_data["scheme"]).first()


_MONTHS: dict[str, Any] = {
    "label": "Cuántas mensualidades",
    "error_messages": {"required": "Elige cuántas.", "invalid_choice": "Elige una opción de la lista."},
}


class SlipForm(SchemeForm):
    """Where one pays (None: by card), and how many months."""

    takes_cards = True
    months = forms.TypedChoiceField(coerce=int, **_MONTHS)

    def __init__(self, *args: Any, months: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"].choices = list(months)  # type: ignore[attr-defined]


class _OneSelect(forms.Select):
    """A list of which one is chosen, told as the list that several would be."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.getlist(name)


class PayForm(SlipForm):
    """The same of one or several families of one titular: months are each one's id and how many."""

    months = forms.MultipleChoiceField(widget=_OneSelect, **_MONTHS)  # type: ignore[assignment]

    def __init__(self, *args: Any, several: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if several:
            self.fields["months"].help_text = "Una opción de cada membresía; una ficha las paga juntas."
            self.fields["months"].widget = forms.CheckboxSelectMultiple(choices=self.fields["months"].choices)  # type: ignore[attr-defined]

    def clean_months(self) -> list[tuple[str, int]]:
        """Whose, and how many of each."""
        found = [(whose, int(count)) for whose, count in (one.split(":") for one in self.cleaned_data["months"])]
        if len({whose for whose, _count in found}) < len(found):
            raise forms.ValidationError("Elige una sola opción de cada membresía.")
        return found

    def clean(self) -> dict[str, Any]:
        """By card one family is paid at a time."""
        told = super().clean() or {}
        if told.get("scheme", "") is None and len(told.get("months", ())) > 1:
            self.add_error("months", "Con tarjeta se paga una membresía a la vez. Elige una.")
        return told


class CountForm(SchemeForm):
    """Where a slip is paid, and how many months, as a program says it."""

    months = forms.IntegerField(label="Cuántas mensualidades", min_value=1, max_value=60)


class CardCountForm(Form):
    """How many months are paid by card, as a program says it."""

    months = forms.IntegerField(label="Cuántas mensualidades", min_value=1, max_value=60)


class LookUpForm(SchemeForm):
    """Where one pays, and whose dues: an RFC, CURP or folio with the titular's birth date."""

    takes_cards = True

    who = TextField(
        label="RFC o folio de la membresía",
        max_length=40,
        help_text="Sin RFC, escribe la CURP de quien es titular. El folio se ve como ME-2026-000123.",
        error_messages={"required": "Escribe el RFC, la CURP o el folio."},
    )
    born_on = forms.DateField(
        label="Nacimiento de quien es titular",
        widget=DayInput,
        help_text="Por ejemplo: 7 3 1984.",
        error_messages=DAY | {"required": "Escribe la fecha de nacimiento."},
    )

    def clean_who(self) -> Typed:
        """What was typed, as it is stored."""
        try:
            return read_typed(self.cleaned_data["who"])
        except RuleBroken as broken:
            raise forms.ValidationError(broken.message, code=broken.code) from broken


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
        shown = [("", "Elige"), *((key, plan.name) for key, plan in self.plans.items())]
        self.fields["plan"].choices = shown  # type: ignore[attr-defined]
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
        self.fields["person"].choices = [("", "Elige"), *people]  # type: ignore[attr-defined]


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


class ImssConstanciaForm(Form):
    """The IMSS's own PDF of a person."""

    file = forms.FileField(
        label="PDF del IMSS",
        widget=FileInput(accept=".pdf", label="Elegir PDF"),
        error_messages={"required": "Elige el PDF que expidió el IMSS."},
    )


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


_WHOLE = {"invalid": "Escribe un número entero.", "min_value": "Escribe un número mayor que cero."}


class FamiliesFileForm(Form):
    """A file of families, with its control totals where its sender announced them."""

    file = forms.FileField(
        label="Archivo CSV o Excel",
        widget=FileInput(accept=".csv,.tsv,.txt,.xlsx", label="Elegir archivo"),
        error_messages={"required": "Elige el archivo de afiliaciones."},
    )
    families = forms.IntegerField(
        label="Familias que te anunciaron", required=False, min_value=1, error_messages=_WHOLE
    )
    people = forms.IntegerField(label="Personas que te anunciaron", required=False, min_value=1, error_messages=_WHOLE)

    def clean(self) -> dict[str, Any]:
        """Both totals, or neither."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        names = [name for name in ("families", "people") if told.get(name) is None and name not in self.errors]
        if len(names) == 1:
            self.add_error(names[0], "Escribe los dos totales, o deja los dos en blanco.")
        return told


class CertificatesFileForm(Form):
    """An insurer's file of certificates."""

    file = forms.FileField(
        label="Archivo CSV o Excel",
        widget=FileInput(accept=".csv,.tsv,.txt,.xlsx", label="Elegir archivo"),
        error_messages={"required": "Elige el archivo de certificados."},
    )
