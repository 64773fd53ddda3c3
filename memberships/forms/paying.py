"""Shapes of what is paid: by which way, how many months, of whom."""

from __future__ import annotations

from typing import Any

from django import forms

from memberships import gateway
from memberships.forms.families import DAY
from memberships.models import ReferenceScheme
from memberships.rules.paying import Kind, Typed, read_typed
from memberships.rules.schemes import BY_CARD
from memberships.selectors import schemes_in_use
from portal.design.forms import (
    DayInput,
    Form,
    TextField,
)
from portal.errors import RuleBroken


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
        self.offer(scheme=shown)

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
    chosen_from = {"months": "months"}

    months = forms.TypedChoiceField(coerce=int, **_MONTHS)


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
    """Where one pays, and whose dues: an RFC, CURP or folio with the titular's birth date, or an RFC or CURP with the
    folio (C17).
    """

    takes_cards = True

    who = TextField(
        label="RFC de quien es titular",
        max_length=40,
        help_text="Sin RFC, escribe su CURP o el folio de la membresía, como ME-2026-000123.",
        error_messages={"required": "Escribe el RFC, la CURP o el folio."},
    )
    born_on = forms.DateField(
        label="Nacimiento de quien es titular",
        widget=DayInput,
        help_text="Por ejemplo: 7 3 1984.",
        error_messages=DAY | {"required": "Escribe la fecha de nacimiento, o abajo el folio de la membresía."},
    )
    folio = TextField(
        label="Folio de la membresía",
        max_length=40,
        required=False,
        help_text="En lugar del nacimiento, si buscas por RFC o CURP. Se ve como ME-2026-000123.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get("folio"):
            self.fields["born_on"].required = False

    def clean_who(self) -> Typed:
        """What was typed, as it is stored."""
        return self._typed("who")

    def clean_folio(self) -> Typed | None:
        """The folio as it is stored; None where it was left out."""
        found = self._typed("folio") if self.cleaned_data["folio"] else None
        if found and found.kind is not Kind.FOLIO:
            raise forms.ValidationError("Eso no es un folio. Escríbelo completo, por ejemplo ME-2026-000123.")
        return found

    def clean(self) -> dict[str, Any]:
        """A folio is no second datum of itself."""
        told = super().clean() or {}
        who = told.get("who")
        if who and who.kind is Kind.FOLIO and not told.get("born_on") and "born_on" not in self.errors:
            self.add_error("born_on", "Con el folio escribe también la fecha de nacimiento de quien es titular.")
        return told

    def _typed(self, name: str) -> Typed:
        try:
            return read_typed(self.cleaned_data[name])
        except RuleBroken as broken:
            raise forms.ValidationError(broken.message, code=broken.code) from broken


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
