"""Shapes of the desk's forms of claims; whether something is allowed belongs to rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from claims.models import ClaimLine
from claims.rules.deciding import Told
from claims.selectors.catalogues import reasons_on
from memberships.models import Condition
from portal import clock
from portal.design.forms import DateInput, FileInput, Form, MoneyInput, TextField, of_rows


@of_rows
def reason_choices() -> list[tuple[str, str]]:
    """The reasons that may be chosen today."""
    return [(code, one.label) for code, one in reasons_on(clock.today()).items()]


def choose_condition(form: Any, *, needed: bool) -> None:
    """The illnesses of a decision's form; where the deductible is of one, there is no way around choosing it."""
    field = form.fields["condition"]
    field.required = needed
    field.error_messages["required"] = "Elige el padecimiento: el deducible es por padecimiento."
    none = "Elige" if needed else "Sin padecimiento"
    form.offer(condition=[("", none), *((key, one.name) for key, one in form.conditions.items())])


class DecisionForm(Form):
    """What an analyst says of each line, the illness first; and what the family reads beside the lines."""

    condition = forms.ChoiceField(
        label="Padecimiento",
        required=False,
        error_messages={"invalid_choice": "Elige un padecimiento de la lista."},
    )
    note = TextField(
        label="Nota para la familia",
        required=False,
        max_length=1000,
        multiline=True,
        help_text="La lee junto con sus renglones.",
    )

    def __init__(
        self, *given: Any, lines: Sequence[ClaimLine], conditions: Sequence[Condition], needed: bool, **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self.lines, self.conditions = lines, {str(one.pk): one for one in conditions}
        choose_condition(self, needed=needed)
        whys = [("", "Se cubre entero"), *reason_choices()]
        for one in lines:
            self.fields[f"covered_{one.number}"] = forms.DecimalField(
                label=f"Cubierto del renglón {one.number}",
                max_digits=16,
                decimal_places=2,
                initial=one.claimed,
                widget=MoneyInput,
                error_messages={"required": "Escribe cuánto se cubre.", "invalid": "Escribe un importe, como 1200.50."},
            )
            self.fields[f"why_{one.number}"] = forms.ChoiceField(
                label=f"Motivo del renglón {one.number}",
                required=False,
                choices=whys,
                error_messages={"invalid_choice": "Elige un motivo de la lista."},
            )

    @property
    def rows(self) -> list[tuple[ClaimLine, Any, Any]]:
        """Each line with its two fields."""
        return [(one, self[f"covered_{one.number}"], self[f"why_{one.number}"]) for one in self.lines]

    def told(self) -> dict[str, Any]:
        """What was decided, as the service takes it."""
        said, data = dict[int, Told](), self.cleaned_data
        for one in self.lines:
            said[one.number] = Told(one.claimed, data[f"covered_{one.number}"], data[f"why_{one.number}"])
        return {"condition": self.conditions.get(data["condition"]), "told": said, "note": data["note"]}


class ConditionForm(Form):
    """An illness that is registered while deciding."""

    code = TextField(label="Clave", max_length=20, error_messages={"required": "Escribe la clave."})
    name = TextField(label="Nombre del padecimiento", max_length=200, error_messages={"required": "Escribe el nombre."})
    began_on = forms.DateField(
        label="Empezó el",
        widget=DateInput,
        error_messages={"required": "Escribe la fecha.", "invalid": "Escribe una fecha, por ejemplo 31/01/2026."},
    )


class LookForm(Form):
    """What a second person says of a decision."""

    note = TextField(label="Nota", required=False, max_length=1000, multiline=True)


class OpenForm(Form):
    """Why somebody opens a claim that they did not take."""

    reason = TextField(
        label="Motivo", max_length=300, error_messages={"required": "Escribe por qué lo abres: queda registrado."}
    )


class TableForm(Form):
    """A table that claims take in."""

    file = forms.FileField(
        label="Archivo CSV o Excel",
        widget=FileInput(accept=".csv,.tsv,.txt,.xlsx", label="Elegir archivo"),
        error_messages={"required": "Elige el archivo."},
    )
