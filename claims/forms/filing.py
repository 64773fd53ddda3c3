"""Shapes of claims' forms; whether something is allowed belongs to rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from claims.models import ClaimInvoice
from claims.rules.kinds import MINOR_COVERAGE
from claims.selectors import Choice
from memberships.models import Condition, CoveredPerson
from portal.design.forms import FilesInput, Form, RfcInput
from portal.people.models import ConsentText

PENDING = "pending"
PAID, EVENT = "", "event"


class WhoForm(Form):
    """Whom a claim is of, under which coverage, and which illness where one is registered."""

    choice = forms.ChoiceField(
        label="Persona afectada y cobertura",
        help_text="El tipo de trámite sale de la cobertura: reembolso o gastos menores.",
        error_messages={"required": "Elige una persona.", "invalid_choice": "Elige una persona de la lista."},
    )
    what = forms.ChoiceField(
        label="Qué pides",
        required=False,
        choices=[(PAID, "Que me paguen un gasto que ya hice"), (EVENT, "Programar una atención que todavía no pasa")],
        widget=forms.RadioSelect,
        initial="",
    )
    condition = forms.ChoiceField(
        label="Padecimiento",
        required=False,
        help_text="Si es la primera vez que presentas este padecimiento, elige «Padecimiento pendiente».",
        error_messages={"invalid_choice": "Elige un padecimiento de la lista."},
    )

    def __init__(self, *given: Any, choices: Sequence[Choice], conditions: Sequence[Condition], **named: Any) -> None:
        super().__init__(*given, **named)
        self.conditions = {str(one.pk): one for one in conditions}
        told = [(key, one.name) for key, one in self.conditions.items()]
        self.offer(
            choice=[(one.key, one.label) for one in choices],
            condition=[("", "No lo sé"), *told, (PENDING, "Padecimiento pendiente")],
        )
        if all(one.coverage.kind == MINOR_COVERAGE for one in choices):
            del self.fields["what"]  # it has no events: nothing to choose

    def told(self) -> dict[str, Any]:
        """What was chosen, as the service takes it."""
        condition = self.cleaned_data["condition"]
        return {
            "choice": self.cleaned_data["choice"],
            "condition": self.conditions.get(condition),
            "pending": condition == PENDING,
            "scheduled": self.cleaned_data.get("what") == EVENT,
        }


class PaperForm(Form):
    """One file of a draft, or several in the order in which they were chosen."""

    files = forms.FileField(label="Archivos", widget=FilesInput(camera=True))

    def __init__(self, *given: Any, label: str, hint: str, accept: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["files"].label, self.fields["files"].help_text = label, hint
        self.fields["files"].widget.attrs["accept"] = accept


class InvoiceOfForm(Form):
    """What an invoice is of, where its keys told it wrongly."""

    medicines = forms.BooleanField(label="Trae medicamentos", required=False)
    hospital = forms.BooleanField(label="Es de un hospital", required=False)

    @classmethod
    def of(cls, invoice: ClaimInvoice, data: Any = None) -> InvoiceOfForm:
        """The form of one of several invoices on a page."""
        initial = {"medicines": invoice.medicines, "hospital": invoice.hospital}
        return cls(data, initial=initial, auto_id=f"factura_{invoice.pk}_%s")


class RfcForm(Form):
    """Whose RFC an invoice bears, where nobody told it."""

    person = forms.ChoiceField(
        label="De quién es",
        error_messages={"required": "Elige de quién es.", "invalid_choice": "Elige a una persona de la lista."},
    )
    rfc = forms.CharField(label="RFC", max_length=20, widget=RfcInput, error_messages={"required": "Escribe su RFC."})

    def __init__(self, *given: Any, people: Sequence[CoveredPerson] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        self.offer(person=[(str(one.pk), one.as_printed) for one in people])


class ConsentsForm(Form):
    """A box for each text that is owed before the first file."""

    def __init__(self, *given: Any, texts: Sequence[ConsentText], **named: Any) -> None:
        super().__init__(*given, **named)
        self.texts = {f"text_{one.pk}": one for one in texts}
        for name, one in self.texts.items():
            self.fields[name] = forms.BooleanField(
                label=f"Acepto: {one.label}", error_messages={"required": f"Falta aceptar: {one.label}."}
            )


class SendForm(Form):
    """The tick before sending (S3.18)."""

    consent = forms.BooleanField(
        label="Estoy de acuerdo en que traten estos datos y documentos para revisar y pagar este trámite",
        error_messages={"required": "Para enviarlo marca que estás de acuerdo."},
    )
