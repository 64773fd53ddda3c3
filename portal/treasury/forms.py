"""Shape of treasury's input; whether it is allowed belongs to the rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from portal.design.forms import ClabeInput, DecisionField, FileInput, Form, MoneyInput, TextField, of_rows
from portal.errors import RuleBroken
from portal.money import parse_money
from portal.states import choices
from portal.treasury import rules
from portal.treasury.models import CollectionAccount
from portal.treasury.selectors import EVERYTHING, Due


class AccountForm(Form):
    """A CLABE and the statement that proves it (S0.5)."""

    clabe = forms.CharField(
        label="CLABE",
        max_length=40,
        widget=ClabeInput(bank="api:bank"),
        strip=True,
        help_text="Son 18 dígitos. Está en tu estado de cuenta y en tu banca en línea.",
        error_messages={"required": "Escribe tu CLABE: son 18 dígitos."},
    )
    statement = forms.FileField(
        label="Estado de cuenta en PDF",
        allow_empty_file=True,
        widget=FileInput(accept=".pdf", label="Elegir el PDF"),
        help_text="El que descargas de tu banco, de los últimos 3 meses y sin contraseña. Hasta 5 MB.",
        error_messages={"required": "Sube tu estado de cuenta en PDF."},
    )

    def __init__(self, *args: Any, is_kept: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_kept:
            self.expect_kept()

    def expect_kept(self) -> None:
        """A right statement waits for its CLABE: none has to be chosen again."""
        self.fields["statement"].required = False


class ReviewForm(Form):
    """A reviewer's decision."""

    decision = DecisionField(choices=choices(rules.DECISION_LABELS))
    reason = TextField(
        label="Motivo",
        required=False,
        max_length=500,
        multiline=True,
        help_text="Solo si rechazas. Lo lee quien registró la cuenta bancaria.",
    )


class DueForm(Form):
    """Which days of what is owed: an address that nobody can read asks for everything; «hoy» is whatever day it is."""

    desde = forms.DateField(label="Vence desde", required=False)
    hasta = forms.DateField(label="Vence hasta", required=False)
    moneda = forms.ChoiceField(label="Moneda", required=False, choices=[("", ""), *rules.CURRENCIES])

    def asked(self) -> Due:
        """As the selectors take it."""
        if not self.is_valid():
            return EVERYTHING
        said = self.cleaned_data
        return Due(said["desde"], said["hasta"], said["moneda"])


def due_asked(query: Mapping[str, Any], *, on: date) -> Due:
    """Which days of what is owed an address asks for, read on a day."""
    given = {name: query.get(name, "") for name in DueForm.base_fields}
    return DueForm({name: on.isoformat() if text == "hoy" else text for name, text in given.items()}).asked()


class BatchForm(Form):
    """Which payables go into a batch."""

    payables = forms.MultipleChoiceField(
        label="Pagos",
        error_messages={
            "required": "Elige al menos un pago para preparar el lote.",
            "invalid_choice": "Un pago de tu selección ya no se puede pagar ahora. Revisa la lista y elige de nuevo.",
        },
    )

    def __init__(self, *args: Any, choices: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(payables=[(value, value) for value in choices])


class ApproveForm(Form):
    """The total that the approver read, typed by themselves."""

    total = forms.CharField(
        label="Escribe el total que autorizas",
        widget=MoneyInput,
        help_text="Léelo arriba y escríbelo tú. Si no coincide, no se autoriza nada.",
        error_messages={"required": "Escribe el total que autorizas, como lo lees arriba."},
    )

    def __init__(self, *args: Any, currency: str = "MXN", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_total(self) -> Any:
        """The amount, in the batch's currency."""
        try:
            return parse_money(self.cleaned_data["total"], self.currency)
        except RuleBroken as wrong:
            raise forms.ValidationError(wrong.message) from wrong


class WithdrawForm(Form):
    """Why a transfer leaves a batch."""

    reason = TextField(
        label="Por qué se quita",
        max_length=300,
        multiline=True,
        rows=2,
        help_text="Lo lee quien prepara los pagos, junto a lo que vuelve a su lista.",
        error_messages={"required": "Escribe por qué se quita: lo lee quien prepara los pagos."},
    )


class CancelForm(Form):
    """Why a batch is undone."""

    reason = TextField(
        label="Motivo",
        max_length=300,
        multiline=True,
        rows=2,
        error_messages={"required": "Escribe por qué se cancela el lote."},
    )


class ResultForm(Form):
    """The bank's answer."""

    result = forms.FileField(
        label="Respuesta del banco en CSV o Excel",
        allow_empty_file=True,
        widget=FileInput(accept=".csv,.tsv,.txt,.xlsx", label="Elegir el archivo"),
        help_text="Columnas: clave_rastreo, resultado (pagada, rechazada o devuelta), fecha, referencia, importe "
        "y, si no la pagó, motivo.",
        error_messages={"required": "Sube la respuesta del banco en CSV o Excel."},
    )


class MovementsForm(Form):
    """A file of movements of one account."""

    file = forms.FileField(
        label="Archivo del banco o de la tienda",
        allow_empty_file=True,
        widget=FileInput(accept=".csv,.tsv,.txt,.sta,.mt940,.940", label="Elegir el archivo"),
        help_text="CSV, MT940 o el archivo de la red de tiendas, tal como lo recibes. Hasta 5 MB.",
        error_messages={"required": "Elige el archivo de movimientos."},
    )


class MatchForm(Form):
    """What a deposit pays: one or several things, `kind:key` each; it is shared out the oldest first."""

    targets = forms.MultipleChoiceField(
        label="A qué corresponde", error_messages={"required": "Elige a qué corresponde el depósito."}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        data: Any = self.data  # which there are only their apps know: the service asks them
        sent = data.getlist("targets") if hasattr(data, "getlist") else data.get("targets", [])
        known = [str(one)[:120] for one in sent] if isinstance(sent, list) else []
        self.offer(targets=[(one, one) for one in known])


class UndoForm(Form):
    """What of a deposit is taken back: that which whoever asks saw."""

    allocation = forms.UUIDField(
        label="Qué se deshace",
        widget=forms.HiddenInput,
        error_messages={"required": "Di qué se deshace.", "invalid": "Di qué se deshace con su identificador."},
    )


class DiscardForm(Form):
    """Why a deposit is set aside."""

    comment = TextField(
        label="Por qué se aparta",
        max_length=500,
        multiline=True,
        rows=2,
        error_messages={"required": "Escribe por qué se aparta: quien revise lo va a leer."},
    )


@of_rows
def account_codes(**narrowed: Any) -> list[tuple[str, str]]:
    """Our collection accounts, to be chosen by code."""
    return list(CollectionAccount.objects.filter(**narrowed).order_by("code").values_list("code", "label"))


class AccountField(forms.ChoiceField):
    """One of our collection accounts, by its code; gives the row."""

    def __init__(self, **narrowed: Any) -> None:
        super().__init__(
            label="Cuenta de cobranza",
            choices=of_rows(lambda: account_codes(**narrowed)),
            error_messages={
                "required": "Elige la cuenta de cobranza.",
                "invalid_choice": "Elige una cuenta de cobranza de la lista.",
            },
        )

    def clean(self, value: Any) -> CollectionAccount:
        """The account of the code that was sent."""
        return CollectionAccount.objects.get(code=super().clean(value))


class SettleForm(Form):
    """Which network settled what it collected, and what it kept."""

    settles = AccountField(cleared=True)
    fee = forms.CharField(
        label="Comisión que se quedó la red",
        initial="0.00",
        widget=MoneyInput,
        error_messages={"required": "Escribe la comisión, o 0.00 si no hubo."},
    )

    def clean_fee(self) -> Any:
        """The fee as an amount in pesos."""
        try:
            return parse_money(self.cleaned_data["fee"], "MXN")
        except RuleBroken as wrong:
            raise forms.ValidationError(wrong.message) from wrong
