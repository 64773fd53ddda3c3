"""What one person asks of a list: whose eyes, which filters, in which order. Page, files and API all begin here.

It needs no request, so that a drain asks for the same rows as the page did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Field, ForeignObjectRel, Model, QuerySet
from django.http import QueryDict

from portal import clock
from portal.design import dates
from portal.listing.columns import Column, Listing
from portal.listing.cursor import Key

SORT = "orden"
DAYS = ("desde", "hasta")


@dataclass
class Selection:
    """The rows of a list that `user` may see, narrowed and sorted as `asked` (an address's parameters) says.

    `parts` are what the address says beside its parameters, handed to the listing's `rows`. A filter that does not
    validate is not applied; its field says why.
    """

    listing: Listing
    user: Any
    asked: QueryDict
    parts: Mapping[str, Any] = field(default_factory=dict)
    at_hand: list[dict[str, Any]] | None = None  # every row, once a page holds them all

    @cached_property
    def filterset(self) -> Any:
        """The filters with what was asked of them; None where the list has none."""
        filters = self.listing.filters
        if filters is None or not self.is_narrowed:
            return filters and _blank(filters)
        return filters(self.asked, queryset=self.seen, user=self.user)

    @cached_property
    def is_narrowed(self) -> bool:
        """Whether any filter was given a value."""
        return self.listing.filters is not None and any(
            self.asked.get(one) for one in self.listing.filters.base_filters
        )

    @cached_property
    def seen(self) -> QuerySet[Any]:
        """Every row that this person may see, neither narrowed nor grouped."""
        rows: QuerySet[Any] = self.listing.rows(self.user, **self.parts)
        return rows

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """What the filters leave, grouped where the list is, in no order yet."""
        narrowed: QuerySet[Any] = self.filterset.qs if self.is_narrowed else self.seen
        if self.recent_from is not None:
            narrowed = narrowed.filter(**{f"{self.listing.recent}__gte": self.recent_from})
        if self.listing.groups:
            return narrowed.order_by().values(*self.listing.groups).annotate(**self.listing.expressions)
        sorting = self.sorting
        if sorting is not None and sorting.expression is not None:
            narrowed = narrowed.annotate(**{sorting.alias: sorting.expression})
        return narrowed

    @cached_property
    def recent_from(self) -> date | None:
        """The first day of a list that has the last twelve months alone while no day was asked for."""
        if not self.listing.recent or any(self.asked.get(one) for one in DAYS):
            return None
        return _a_year_of_months(clock.today())

    @cached_property
    def sorting(self) -> Column | None:
        """The column by which it was asked to be sorted, if it is one of those that may be."""
        name = self.asked.get(SORT, "").removeprefix("-")
        return next((column for column in self.listing.columns if column.sort and column.name == name), None)

    @property
    def sorted_by(self) -> str:
        """`total`, `-total` for descending, "" for the list's own order."""
        return self.asked.get(SORT, "") if self.sorting is not None else ""

    @cached_property
    def order(self) -> tuple[Key, ...]:
        """The keyset: the column asked for, then the list's own order, which ends in a unique field."""
        own = tuple(Key(name.lstrip("-"), is_descending=name.startswith("-")) for name in self.listing.order)
        chosen = self.sorting
        if chosen is None:
            return own
        first = Key(
            chosen.alias,
            is_descending=self.sorted_by.startswith("-"),
            is_nullable=self._may_be_nothing(chosen),
        )
        return first, *(key for key in own if key.path != first.path)

    def _may_be_nothing(self, column: Column) -> bool:
        """What a list or its rows reckon may be nothing, for all one knows of a field."""
        reckoned = column.expression is not None or column.alias in self.seen.query.annotations
        return reckoned or _is_nullable(self.seen.model, column.alias)

    @property
    def told_rows(self) -> QuerySet[Any]:
        """Its rows with what their columns tell."""
        return self.rows if self.listing.groups else self.rows.annotate(**self.listing.expressions)

    @property
    def ordered(self) -> QuerySet[Any]:
        """Its rows in its order."""
        return self.rows.order_by(*(key.ordering() for key in self.order))

    def first(self, most: int) -> list[dict[str, Any]]:
        """The first rows of a list of sums in its order, by column: those of its page where they are all."""
        return list(self.ordered[:most]) if self.at_hand is None else self.at_hand[:most]

    @cached_property
    def told(self) -> list[tuple[str, str, str]]:
        """The filters in force: (name, label, value in words)."""
        if not self.is_narrowed or not self.filterset.form.is_valid():
            return []
        return _told(self.filterset.form)

    @property
    def narrowed_by(self) -> list[tuple[str, str]]:
        """Everything that leaves rows out, in words: the address's parts, the months of a recent list, the filters."""
        told = [
            (label, text)
            for name, (label, words) in self.listing.parts.items()
            if name in self.parts and (text := words(self.parts[name]))
        ]
        if self.recent_from is not None:
            told.append(("Desde", f"{dates.short(self.recent_from)} (los últimos doce meses)"))
        return [*told, *((label, text) for _, label, text in self.told)]


def count_of(listing: Listing, user: Any, query: str) -> int:
    """How many rows a list has for somebody whose address asks so."""
    return Selection(listing, user, QueryDict(query), {}).rows.count()


def told_of(filters: type[Any], asked: QueryDict, user: Any) -> list[tuple[str, str, str]]:
    """What an address asks of these filters: (name, label, value in words); nothing of what they refuse."""
    form = filters(asked, queryset=QuerySet(), user=user).form
    return _told(form) if form.is_valid() else []


def _told(form: Any) -> list[tuple[str, str, str]]:
    found = []
    for name, one in form.fields.items():
        given = form.cleaned_data.get(name)
        if given not in (None, "", []):
            choices = dict(getattr(one, "choices", ()))
            found.append((name, str(one.label or name), _in_words(choices.get(str(given), choices.get(given, given)))))
    return found


def _in_words(value: Any) -> str:
    return dates.short(value) if isinstance(value, date) else str(value)


def _a_year_of_months(on: date) -> date:
    """The first day of twelve months of the calendar, of which the month of `on` is the last."""
    first = on.replace(day=1)
    return first.replace(year=on.year - (first.month < 12), month=first.month % 12 + 1)


@lru_cache(maxsize=256)
def _blank(filters: type[Any]) -> Any:
    """The filters of a list that nobody narrowed: the same for everybody, so their form is made and drawn once."""
    made = filters(QueryDict(), queryset=QuerySet())
    made.form.is_valid()
    return made


def _is_nullable(model: type[Model], path: str) -> bool:
    """Whether a field path may come to nothing on its way."""
    nullable = False
    options: Any = model._meta
    for name in path.split("__"):
        step: Field[Any, Any] | ForeignObjectRel = options.pk if name == "pk" else options.get_field(name)
        nullable = nullable or bool(getattr(step, "null", True))
        options = step.related_model._meta if step.related_model else options  # type: ignore[union-attr]
    return nullable
