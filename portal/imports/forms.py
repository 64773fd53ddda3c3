"""Shapes of the room's forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from portal.design.forms import Form, MoneyInput
from portal.imports.rules.layouts import Layout


class TotalsForm(Form):
    """The control totals of a delivery, as its sender announces them: how many rows, each count, each sum."""

    rows = forms.IntegerField(
        label="Cuántos renglones trae",
        min_value=1,
        error_messages={
            "required": "Escribe cuántos renglones trae.",
            "invalid": "Escribe un número entero.",
            "min_value": "Escribe un número mayor que cero.",
        },
    )

    def __init__(self, *args: Any, layout: Layout, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layout = layout
        for count in layout.counts:
            self.fields[count.name] = forms.IntegerField(
                label=count.label,
                min_value=1,
                error_messages={
                    "required": f"Escribe cuántos grupos se anunciaron: {count.noun[1]}.",
                    "invalid": "Escribe un número entero.",
                    "min_value": "Escribe un número mayor que cero.",
                },
            )
        for total in layout.totals:
            self.fields[total.name] = forms.CharField(
                label=total.label, widget=MoneyInput(), error_messages={"required": "Escribe el total que se anunció."}
            )

    @property
    def amounts(self) -> dict[str, str]:
        """The counts and sums as they were typed."""
        return {one.name: self.cleaned_data[one.name] for one in (*self.layout.counts, *self.layout.totals)}


class HeadingsForm(Form):
    """Which heading of a file each lacking column is."""

    def __init__(self, *args: Any, layout: Layout, headings: Mapping[str, Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        foreign = [("", "Elige un título"), *((one, one) for one in dict.fromkeys(headings.get("foreign", ())))]
        for name in headings.get("lacking", ()):
            self.fields[name] = forms.ChoiceField(
                label=f"Cuál es «{layout.heading(name)}»",
                choices=foreign,
                required=any(one.name == name and one.required for one in layout.fields),
                error_messages={"required": "Elige el título.", "invalid_choice": "Elige un título de la lista."},
            )
