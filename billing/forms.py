"""Shapes of billing's forms; whether something is allowed belongs to rules."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from billing import rules
from portal.design.forms import DayInput, DecisionField, FileInput, FilesInput, Form, MoneyInput, TextField
from portal.rulebook.forms import ValueFields
from portal.rulebook.rules import RuleInForce
from portal.states import choices


class RegimeForm(Form):
    """Name, postal code, fiscal regime, state and specialty of a physician, as on the tax certificate."""

    name = TextField(
        label="Tu nombre, como está en tu constancia",
        max_length=200,
        help_text="Con él comparamos tu estado de cuenta del banco.",
        error_messages={"required": "Escribe tu nombre como está en tu constancia."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    zip_code = forms.RegexField(
        r"\A[0-9]{5}\Z",
        label="Código postal fiscal",
        error_messages={
            "required": "Escribe tu código postal fiscal.",
            "invalid": "El código postal lleva 5 dígitos, por ejemplo 44100.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )

    regime = forms.ChoiceField(
        label="Tu régimen fiscal",
        choices=list(rules.REGIME_LABELS.items()),
        widget=forms.RadioSelect,
        help_text="Está en tu constancia de situación fiscal.",
        error_messages={"required": "Elige tu régimen fiscal.", "invalid_choice": "Elige tu régimen de la lista."},
    )
    state = forms.ChoiceField(
        label="¿Pagas impuesto cedular?",
        choices=list(rules.STATE_LABELS.items()),
        required=False,
        widget=forms.RadioSelect,
        help_text="En Jalisco la aseguradora también retiene el impuesto estatal.",
        error_messages={"invalid_choice": "Elige una opción de la lista."},
    )
    valid_from = forms.DateField(
        label="Desde qué día vale",
        required=False,
        widget=DayInput,
        help_text="El día que dice tu constancia. Si lo dejas vacío, desde hoy.",
        error_messages={"invalid": "Escribe una fecha, por ejemplo 01/01/2027."},
    )
    specialty = TextField(label="Especialidad", max_length=120, required=False)


class InvoiceFilesForm(Form):
    """The XML and the PDF of one invoice, together or one by one."""

    xml = forms.FileField(
        label="XML de tu factura", required=False, widget=FileInput(accept=".xml", label="Elegir XML")
    )
    pdf = forms.FileField(
        label="PDF de tu factura", required=False, widget=FileInput(accept=".pdf", label="Elegir PDF")
    )


class InvoiceUploadsForm(Form):
    """The same files in one place, each sent by itself: the script of uploads takes them from there."""

    files = forms.FileField(
        label="XML y PDF de tu factura",
        widget=FilesInput(accept=".xml,.pdf"),
        help_text="Los dos de una vez o uno por uno. Deja el XML con el nombre que te dio tu sistema.",
    )


class BundleForm(Form):
    """XML and PDF of several invoices: each sent by itself where the script runs, all of them in one form where not."""

    files = forms.FileField(
        label="XML y PDF de tus facturas",
        widget=FilesInput(accept=".xml,.pdf"),
        help_text="Hasta 50 archivos, de 5 MB cada uno. Deja cada uno con el nombre que le dio tu sistema.",
        error_messages={"required": "Elige los XML y los PDF de tus facturas para subirlos."},
    )


class BundleFileForm(Form):
    """One of those files, as a program sends it."""

    file = forms.FileField(
        label="XML o PDF de una factura",
        widget=FileInput(accept=".xml,.pdf", label="Elegir archivo"),
        error_messages={"required": "Manda el XML o el PDF de una factura."},
    )


class ComplementForm(Form):
    """The XML of one payment complement."""

    xml = forms.FileField(
        label="XML de tu complemento",
        widget=FileInput(accept=".xml", label="Elegir XML"),
        error_messages={"required": "Elige el XML de tu complemento para subirlo."},
    )


class ComplementUploadsForm(Form):
    """The same, one or several, each sent by itself: the script of uploads takes them from there."""

    files = forms.FileField(
        label="XML de tus complementos",
        widget=FilesInput(accept=".xml"),
        help_text="El XML timbrado de tu complemento (REP). Si emitiste varios, todos de una vez o uno por uno.",
    )


class ReasonsForm(Form):
    """Why a reviewer returns or rejects: all reasons at once and a note."""

    reasons = forms.MultipleChoiceField(
        label="Qué tiene que corregir",
        choices=choices(rules.REASON_LABELS),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Marca al menos un motivo para que el médico sepa qué corregir."},
    )
    note = TextField(label="Nota para el médico", required=False, max_length=1000, multiline=True)


class CancelledForm(Form):
    """How the desk knows that an accepted invoice was cancelled at the SAT."""

    reason = TextField(
        label="Cómo lo supiste",
        max_length=300,
        multiline=True,
        rows=2,
        help_text="Por ejemplo: lo consultaste en el SAT el 12/11/2026. Lo lee el médico.",
        error_messages={"required": "Escribe cómo supiste que está cancelada."},
    )


class ComplementDecisionForm(Form):
    """What is decided of a complement, and why it is rejected or marked as cancelled."""

    act = DecisionField(choices=[(name, name) for name in ("accept", "reject", "cancel")])
    reason = TextField(label="Motivo", max_length=300, required=False, multiline=True, rows=2)


class OrdersFileForm(Form):
    """A CSV or XLSX of digital orders with the control totals of its cover letter."""

    chosen_from = {"insurers": "insurer"}

    insurer = forms.ChoiceField(
        label="Aseguradora", error_messages={"required": "Elige la aseguradora que manda las órdenes."}
    )
    file = forms.FileField(
        label="Archivo CSV o Excel",
        widget=FileInput(accept=".csv,.tsv,.txt,.xlsx", label="Elegir archivo"),
        error_messages={"required": "Elige el archivo de órdenes."},
    )
    rows = forms.IntegerField(
        label="Cuántas órdenes trae",
        min_value=1,
        help_text="El número que anuncia la aseguradora.",
        error_messages={
            "required": "Escribe cuántas órdenes trae.",
            "invalid": "Escribe un número entero.",
            "min_value": "Escribe un número mayor que cero.",
        },
    )
    payable = forms.CharField(
        label="Por cuánto en total",
        widget=MoneyInput(),
        help_text="La suma del importe a pagar que anuncia la aseguradora.",
        error_messages={"required": "Escribe el total que anuncia la aseguradora."},
    )


class WithdrawForm(Form):
    """Why an order is taken back."""

    reason = TextField(
        label="Motivo",
        max_length=300,
        multiline=True,
        rows=2,
        error_messages={"required": "Escribe por qué la retira la aseguradora."},
    )


def _rates(current: RuleInForce) -> dict[str, forms.Field]:
    isr = forms.DecimalField(label="ISR, en porcentaje", max_digits=8, decimal_places=4, min_value=Decimal("0.0001"))
    if len(current.value["components"]) == 1:
        return {"isr": isr}
    return {
        "isr": isr,
        "local": forms.DecimalField(label="Impuesto local, en porcentaje", max_digits=8, decimal_places=4),
    }


def _shown_rates(value: Any) -> dict[str, Any]:
    rates = {part["component"].lower(): (Decimal(part["rate"]) * 100).normalize() for part in value["components"]}
    return {name: f"{rate:f}" for name, rate in rates.items()}


def _read_rates(current: RuleInForce, typed: Mapping[str, Any]) -> Any:
    names = [name for name in ("isr", "local") if name in typed]
    components = [{"component": name.upper(), "rate": str(typed[name] / 100)} for name in names]
    return {**current.value, "components": components}


# How Administration types a withholding rule: each component's rate in per cent.
SCHEME_FIELDS = ValueFields(_rates, _shown_rates, _read_rates)
