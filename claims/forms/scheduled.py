"""Shapes of the forms of scheduled events, the adviser and hospitals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from claims.forms.deciding import choose_condition, reason_choices
from claims.models import Claim, Hospital
from claims.rules.kinds import SUBTYPE_LABELS
from claims.selectors import scheduled
from claims.services.scheduled import Billed
from memberships.models import Condition
from portal.design.forms import Combobox, DateInput, Form, MoneyInput, TextField, of_rows
from portal.people import selectors as people
from portal.states import choices

BILL_LINES, MORE_LINES, MOST_BILLED, BILL_IDS = 3, 10, 200, "cuenta_%s"
_DAY = "Escribe una fecha, por ejemplo 31/01/2026."
_AMOUNT = "Escribe un importe, como 1200.50."


@of_rows
def _whys_of_event() -> list[tuple[str, str]]:
    return [("", "Se autoriza"), *reason_choices()]


@of_rows
def _whys_of_line() -> list[tuple[str, str]]:
    return [("", "Se cubre entero"), *reason_choices()]


class EventForm(Form):
    """What is planned, when and where; a hospital that is not listed is typed."""

    subtype = forms.ChoiceField(
        label="Qué se programa", choices=choices(SUBTYPE_LABELS), error_messages={"required": "Di qué se programa."}
    )
    planned_on = forms.DateField(
        label="Día previsto", widget=DateInput, error_messages={"required": "Escribe el día previsto.", "invalid": _DAY}
    )
    hospital = forms.ChoiceField(
        label="Hospital",
        required=False,
        widget=Combobox,
        help_text="Los que tienen convenio con tu aseguradora.",
        error_messages={"invalid_choice": "Elige un hospital de la lista, o escribe cuál es abajo."},
    )
    unlisted = TextField(
        label="¿No está? Escribe cuál es",
        required=False,
        max_length=200,
        help_text="Al continuar se le pregunta a asesoría de servicio; mientras contesta, tu borrador te espera.",
    )

    @classmethod
    def of(cls, claim: Claim, data: Any, *, on: date) -> EventForm:
        """With the hospitals of a draft's insurer, and what was said before."""
        told = {"subtype": claim.subtype, "planned_on": claim.planned_on, "unlisted": claim.unlisted}
        told["hospital"] = str(claim.hospital_id or "")
        form = cls(data, initial=told)
        form.hospitals = {str(one.pk): one for one in scheduled.agreed_hospitals(claim, on=on)}
        told = ((key, str(one)) for key, one in form.hospitals.items())
        form.offer(hospital=[("", "No está en la lista"), *told])
        return form

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.hospitals: dict[str, Hospital] = {}

    def told(self) -> dict[str, Any]:
        """What was said, as the service takes it."""
        return self.cleaned_data | {"hospital": self.hospitals.get(self.cleaned_data["hospital"])}

    def told_so_far(self) -> dict[str, Any]:
        """What is filled in by now, where a field was changed by itself: what is empty yet is no mistake."""
        for name in [one for one in self.errors if not self.data.get(one)]:
            del self.errors[name]
        told = {name: self.cleaned_data[name] for name in ("subtype", "planned_on") if self.cleaned_data.get(name)}
        if "hospital" in self.cleaned_data:
            told["hospital"] = self.hospitals.get(self.cleaned_data["hospital"])
        if "unlisted" in self.cleaned_data:
            told["unlisted"] = self.cleaned_data["unlisted"]
        return told


class EventDecisionForm(Form):
    """Up to how much an event is authorised, or why it is not."""

    condition = forms.ChoiceField(
        label="Padecimiento",
        required=False,
        error_messages={"invalid_choice": "Elige un padecimiento de la lista."},
    )
    authorised = forms.DecimalField(
        label="Se autoriza hasta",
        required=False,
        max_digits=12,
        decimal_places=2,
        widget=MoneyInput,
        help_text="Lo que el hospital puede cargar. Vacío si no se autoriza.",
        error_messages={"invalid": _AMOUNT},
    )
    why = forms.ChoiceField(
        label="Motivo del rechazo",
        required=False,
        choices=_whys_of_event,
        error_messages={"invalid_choice": "Elige un motivo de la lista."},
    )
    note = TextField(label="Nota para la familia", required=False, max_length=1000, multiline=True)

    def __init__(self, *given: Any, conditions: Sequence[Condition], needed: bool, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conditions = {str(one.pk): one for one in conditions}
        choose_condition(self, needed=needed)

    def told(self) -> dict[str, Any]:
        """What was decided, as the service takes it."""
        return self.cleaned_data | {"condition": self.conditions.get(self.cleaned_data["condition"])}


def _place_of(name: str) -> int:
    """Which row of a bill a field is of; 0 of none."""
    field, _, place = name.rpartition("_")
    known = field in {"concept", "on", "claimed", "covered", "why"}
    return int(place) if known and place.isascii() and place.isdecimal() else 0


class BillForm(Form):
    """The concepts of a hospital's bill, as many as were sent and some at least; an empty row says nothing."""

    def __init__(self, *given: Any, rows: int = BILL_LINES, **named: Any) -> None:
        super().__init__(*given, **named)
        self.sent = max((_place_of(name) for name in self.data), default=0)
        self.count = min(max(rows, self.sent), MOST_BILLED)
        for number in range(1, self.count + 1):
            self.fields[f"concept_{number}"] = TextField(label=f"Concepto {number}", required=False, max_length=300)
            self.fields[f"on_{number}"] = forms.DateField(
                label=f"Día {number}", required=False, widget=DateInput, error_messages={"invalid": _DAY}
            )
            for name, label in (("claimed", "Cobrado"), ("covered", "Cubierto")):
                self.fields[f"{name}_{number}"] = forms.DecimalField(
                    label=f"{label} {number}",
                    required=False,
                    max_digits=12,
                    decimal_places=2,
                    min_value=0,
                    widget=MoneyInput,
                    error_messages={"invalid": _AMOUNT, "min_value": "Escribe un importe desde cero."},
                )
            self.fields[f"why_{number}"] = forms.ChoiceField(
                label=f"Motivo {number}", required=False, choices=_whys_of_line
            )

    @property
    def rows(self) -> list[list[Any]]:
        """The fields of each concept."""
        names = ("concept", "on", "claimed", "covered", "why")
        return [[self[f"{name}_{number}"] for name in names] for number in range(1, self.count + 1)]

    @property
    def is_longer(self) -> bool:
        """Whether more rows were asked for: what was typed is still there."""
        return self.count > BILL_LINES

    @property
    def may_grow(self) -> bool:
        """Whether rows may be added."""
        return self.count < MOST_BILLED

    @classmethod
    def with_more(cls, data: Any) -> BillForm:
        """The form with everything that was typed, and ten rows more."""
        typed = cls(data)
        return cls(initial=data.dict(), rows=typed.count + MORE_LINES, auto_id=BILL_IDS)

    def clean(self) -> dict[str, Any]:
        """A concept that says something says everything."""
        data = super().clean() or {}
        if self.sent > MOST_BILLED:
            self.add_error(
                None, f"La cuenta del hospital lleva hasta {MOST_BILLED} conceptos. Regístrala en dos partes."
            )
        for number in range(1, self.count + 1):
            told = [f"{name}_{number}" for name in ("concept", "on", "claimed", "covered")]
            if any(data.get(name) not in (None, "") for name in told):
                for name in told:
                    if data.get(name) in (None, "") and name not in self.errors:
                        self.add_error(name, "Falta este dato del concepto.")
        return data

    def told(self) -> list[Billed]:
        """What was billed, as the service takes it."""
        data = self.cleaned_data
        return [
            Billed(
                data[f"concept_{number}"],
                data[f"on_{number}"],
                data[f"claimed_{number}"],
                data[f"covered_{number}"],
                data[f"why_{number}"],
            )
            for number in range(1, self.count + 1)
            if data.get(f"concept_{number}")
        ]


class AdviceForm(Form):
    """What the adviser answers, with a hospital under agreement or none."""

    hospital = forms.ChoiceField(
        label="Hospital del trámite",
        required=False,
        widget=Combobox,
        help_text="Con un hospital de la lista el borrador de la familia ya lo lleva.",
        error_messages={"invalid_choice": "Elige un hospital de la lista."},
    )
    answer = TextField(
        label="Respuesta", max_length=4000, multiline=True, rows=6, error_messages={"required": "Escribe la respuesta."}
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.hospitals: dict[str, Hospital] = {}

    @classmethod
    def of(cls, claim: Claim | None, data: Any, *, on: date) -> AdviceForm:
        """With the hospitals of the insurer that was asked about."""
        form = cls(data)
        rows = scheduled.agreed_hospitals(claim, on=on) if claim else []
        form.hospitals = {str(one.pk): one for one in rows}
        form.offer(hospital=[("", "Ninguno"), *((key, str(one)) for key, one in form.hospitals.items())])
        return form

    def told(self) -> dict[str, Any]:
        """What was answered, as the service takes it."""
        return self.cleaned_data | {"hospital": self.hospitals.get(self.cleaned_data["hospital"])}


@of_rows
def _insurers() -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in people.insurers()]


class HospitalForm(Form):
    """A hospital under an insurer's agreement."""

    insurer = forms.ChoiceField(
        label="Aseguradora", choices=_insurers, error_messages={"required": "Elige la aseguradora."}
    )
    key = TextField(label="Clave", max_length=40, error_messages={"required": "Escribe la clave de la aseguradora."})
    name = TextField(label="Nombre", max_length=200, error_messages={"required": "Escribe el nombre."})
    city = TextField(label="Ciudad", max_length=120, error_messages={"required": "Escribe la ciudad."})
    state = TextField(label="Estado", max_length=120, error_messages={"required": "Escribe el estado."})
    since = forms.DateField(
        label="Convenio desde", widget=DateInput, error_messages={"required": "Escribe desde cuándo.", "invalid": _DAY}
    )
    until = forms.DateField(
        label="Primer día sin convenio", required=False, widget=DateInput, error_messages={"invalid": _DAY}
    )

    @classmethod
    def of(cls, row: Hospital | None, data: Any, *, insurer: str) -> HospitalForm:
        """Of a hospital that stands, or a new one."""
        if row is None:
            return cls(data, initial={"insurer": insurer})
        names = ("key", "name", "city", "state", "since", "until")
        return cls(data, initial={"insurer": str(row.insurer_id)} | {name: getattr(row, name) for name in names})

    def told(self) -> dict[str, Any]:
        """What was said, as the service takes it."""
        return self.cleaned_data | {"insurer": people.insurers().get(pk=self.cleaned_data["insurer"])}
