"""What the filters of every list share: narrowing by day, the same field and the same calendar everywhere."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import DateField, DateTimeField, F, Func, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django_filters.constants import EMPTY_VALUES

from portal.design.dates import MONTHS
from portal.design.forms import DateInput, Form, TextField
from portal.zones import MEXICO_CITY


class Filters(django_filters.FilterSet):
    """The filters of one list, for `user`; what they refuse is said in the house's words (`design.forms.Form`)."""

    def __init__(self, data: Any = None, queryset: Any = None, *, user: Any = None) -> None:
        super().__init__(data, queryset)
        self.user = user

    def get_form_class(self) -> type[Form]:
        """The form of these filters."""
        fields: dict[str, Any] = {name: one.field for name, one in self.filters.items()}
        return type(f"{type(self).__name__}Form", (Form,), fields)


class DayFilter(django_filters.DateFilter):
    """By local day: of central Mexico, or with `zone` (a field with a zone's name) of each row's own zone."""

    def __init__(self, field: str, label: str, *, lookup: str, zone: str = "") -> None:
        super().__init__(field_name=field, lookup_expr=lookup, label=label, widget=DateInput)
        self.zone = zone

    def filter(self, qs: Any, value: Any) -> Any:
        """The rows of these days."""
        if value in EMPTY_VALUES or not self.zone:
            return super().filter(qs, value)
        own = Coalesce(NullIf(F(self.zone), Value("")), Value(MEXICO_CITY))
        local = Cast(Func(own, F(self.field_name), function="timezone", output_field=DateTimeField()), DateField())
        return qs.alias(own_day=local).filter(**{f"own_day__{self.lookup_expr}": value})


def from_day(field: str, label: str, *, zone: str = "") -> DayFilter:
    """From this local day on. `field` is a date, the `__date` of an instant (central Mexico's days), or with `zone` the
    instant itself, read in the days of the zone that this field names.
    """
    return DayFilter(field, label, lookup="gte", zone=zone)


def to_day(field: str, label: str, *, zone: str = "") -> DayFilter:
    """Up to this local day, included; otherwise like `from_day`."""
    return DayFilter(field, label, lookup="lte", zone=zone)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar, as `2026-11`; `first` and `last` are its days."""

    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])

    def __str__(self) -> str:
        return f"{MONTHS[self.first.month - 1]} de {self.first.year}"


class MonthField(TextField):
    """A month typed as `2026-11`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=7, **kwargs)

    def clean(self, value: Any) -> Any:
        """The `Month`, or "" where none was typed. Raises ValidationError with the form that it has."""
        typed = super().clean(value)
        found = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", typed)
        if typed and not found:
            raise forms.ValidationError("Escribe el mes con año y mes, así: 2026-11.", code="month_unreadable")
        return Month(date(int(found[1]), int(found[2]), 1)) if found else ""


class MonthFilter(django_filters.Filter):
    """By the month that a date falls in."""

    field_class = MonthField

    def filter(self, qs: Any, value: Any) -> Any:
        """The rows of that month."""
        if value in EMPTY_VALUES:
            return qs
        return qs.filter(**{f"{self.field_name}__gte": value.first, f"{self.field_name}__lte": value.last})


def in_month(field: str, label: str) -> MonthFilter:
    """By the month of a date, typed as `2026-11`."""
    return MonthFilter(field_name=field, label=label)
