"""What comes before and after a row in a list, in the list's own order and within what was asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import QueryDict

from portal.listing.columns import Listing
from portal.listing.cursor import beyond
from portal.listing.selection import Selection


def neighbours(
    listing: Listing,
    row: Model,
    *,
    user: Any,
    asked: QueryDict,
    parts: Mapping[str, Any],
    among: QuerySet[Any],
    path: str,
) -> tuple[Any, Any]:
    """(before, after) `row` in the list narrowed and sorted as `asked`, as the value of `path` of each; None for none.

    Only rows of `among` count. `row` itself may be one that the filter leaves out: it was just decided.
    """
    chosen = Selection(listing, user, asked, parts)
    place = _place(chosen, row)
    if place is None:
        return None, None
    rows = chosen.rows.filter(pk__in=among.values("pk")).exclude(pk=row.pk)
    before = rows.filter(beyond(chosen.order, place, backwards=True))
    before = before.order_by(*(key.ordering(backwards=True) for key in chosen.order))
    after = rows.filter(beyond(chosen.order, place)).order_by(*(key.ordering() for key in chosen.order))
    return before.values_list(path, flat=True).first(), after.values_list(path, flat=True).first()


def _place(chosen: Selection, row: Model) -> Sequence[Any] | None:
    """The values of the keyset for a row of the list, whatever the filters; None where it has none."""
    if chosen.sorting is None and all("__" not in key.path for key in chosen.order):
        held = [getattr(row, key.path) for key in chosen.order]
        return None if None in held else held
    rows = chosen.listing.rows(chosen.user).filter(pk=row.pk)
    if chosen.sorting is not None and chosen.sorting.expression is not None:
        rows = rows.annotate(**{chosen.sorting.alias: chosen.sorting.expression})
    found: Sequence[Any] | None = rows.values_list(*(key.path for key in chosen.order)).first()
    return found
