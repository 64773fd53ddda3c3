"""A list as a program asks for it: what a page would pass over in silence is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from portal.listing.columns import Listing
from portal.listing.paging import AFTER, BEFORE, is_place
from portal.listing.selection import SORT, Selection

Errors = dict[str, list[str]]


def ask(
    listing: Listing, user: Any, asked: QueryDict, parts: Mapping[str, Any], *, beside: frozenset[str] = frozenset()
) -> tuple[Selection, Errors]:
    """The selection, and what is wrong with each parameter; `beside` are the names that `parts` were read from."""
    selection = Selection(listing, user, asked, parts)
    filters = listing.filters.base_filters if listing.filters else {}
    stray = sorted(set(asked) - {*filters, *beside, SORT, AFTER, BEFORE})
    errors: Errors = {name: ["Ese parámetro no existe aquí."] for name in stray}
    if selection.is_narrowed and not selection.filterset.form.is_valid():
        errors |= {name: [str(one) for one in said] for name, said in selection.filterset.form.errors.items()}
    if asked.get(SORT) and selection.sorting is None:
        errors[SORT] = ["Por esa columna no se ordena."]
    for name in (AFTER, BEFORE):
        if name in asked and not is_place(selection, name):
            errors[name] = ["No es un lugar de esta lista. Usa el que vino en la respuesta anterior."]
    return selection, errors
