"""What the filters of every list share: narrowing by day, the same field and the same calendar everywhere."""

from __future__ import annotations

from typing import Any

import django_filters

from portal.design.forms import DateInput, Form


class Filters(django_filters.FilterSet):
    """The filters of one list, for `user`; what they refuse is said in the house's words (`design.forms.Form`)."""

    def __init__(self, data: Any = None, queryset: Any = None, *, user: Any = None) -> None:
        super().__init__(data, queryset)
        self.user = user

    def get_form_class(self) -> type[Form]:
        """The form of these filters."""
        fields: dict[str, Any] = {name: one.field for name, one in self.filters.items()}
        return type(f"{type(self).__name__}Form", (Form,), fields)


def from_day(field: str, label: str) -> django_filters.DateFilter:
    """From this local day on. `field` is a date, or the `__date` of an instant (read in central Mexico's days)."""
    return django_filters.DateFilter(field_name=field, lookup_expr="gte", label=label, widget=DateInput)


def to_day(field: str, label: str) -> django_filters.DateFilter:
    """Up to this local day, included."""
    return django_filters.DateFilter(field_name=field, lookup_expr="lte", label=label, widget=DateInput)
