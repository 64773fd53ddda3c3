"""What comes before and after a row in a list, in the list's own order and within what was asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet, Value
from django.http import QueryDict

from portal.listing.columns import Listing
from portal.listing.cursor import Key, beyond
from portal.listing.selection import Selection

BEFORE, AFTER = "before", "after"


def sides(
    listing: Listing,
    row: Model,
    *,
    user: Any,
    asked: QueryDict,
    parts: Mapping[str, Any],
    among: QuerySet[Any],
    path: str,
) -> list[QuerySet[Any]]:
    """What lies next to `row` in the list narrowed and sorted as `asked`: the row before it and the one after it.

    Each is a query of one row at most, (`BEFORE` or `AFTER`, value of `path`), to be asked as one; none where the list
    has no place for `row`. Only rows of `among` count, and all of them where nothing was `asked`: they are of the list.
    `row` itself may be one that the filter leaves out: it was just decided.
    """
    chosen = Selection(listing, user, asked, parts)
    place = _place(chosen, row)
    if place is None:
        return []
    rows = (chosen.rows.filter(pk__in=among.values("pk")) if asked else among).exclude(pk=row.pk)
    return beside(rows, chosen.order, place, path)


def beside(rows: QuerySet[Any], order: Sequence[Key], place: Sequence[Any], path: str) -> list[QuerySet[Any]]:
    """The row of these before a place in their order and the one after it: a query of one row at most for each."""
    return [_nearest(rows, order, place, path, side) for side in (BEFORE, AFTER)]


def own_order(listing: Listing) -> Sequence[Key]:
    """A list's own order, as nobody sorted it otherwise."""
    return Selection(listing, None, QueryDict()).order


def own_place(listing: Listing, row: Model) -> tuple[Any, ...] | None:
    """Where a row stands in its list's own order; None where another table or nothing is part of that."""
    order = own_order(listing)
    held = tuple(getattr(row, key.path) for key in order) if all("__" not in key.path for key in order) else (None,)
    return None if None in held else held


def _nearest(rows: QuerySet[Any], order: Sequence[Key], place: Sequence[Any], path: str, side: str) -> QuerySet[Any]:
    backwards = side == BEFORE
    there = rows.filter(beyond(order, place, backwards=backwards)).annotate(side=Value(side))
    return there.order_by(*(key.ordering(backwards=backwards) for key in order)).values_list("side", path)[:1]


def _place(chosen: Selection, row: Model) -> Sequence[Any] | None:
    """The values of the keyset for a row of the list, whatever the filters; None where it has none."""
    if chosen.sorting is None and all("__" not in key.path for key in chosen.order):
        return own_place(chosen.listing, row)
    rows = chosen.listing.rows(chosen.user).filter(pk=row.pk)
    if chosen.sorting is not None and chosen.sorting.expression is not None:
        rows = rows.annotate(**{chosen.sorting.alias: chosen.sorting.expression})
    found: Sequence[Any] | None = rows.values_list(*(key.path for key in chosen.order)).first()
    return found
