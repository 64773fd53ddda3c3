"""The whole value of a masked column: opened for one row, by whoever may, with a reason that is recorded (AD-01)."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any
from uuid import UUID

from django.db.models import Model

from portal.listing.columns import Column, Listing, Opening


def opens(listing: Listing, column: Column, user: Any) -> Column:
    """A column as this person's page shows it: a mask that they may open leads to where it is opened."""
    if column.masked is None or column.masked.permission not in user.permissions:
        return column
    link = Opening("listing:open", listing.key, listing=listing.name, column=column.name)
    return replace(column, href=link)


def find(listing: Listing, name: str, pk: UUID, *, user: Any) -> tuple[Column, Model] | None:
    """The masked column of that name and a row of the list; None for whoever may not see the one or open the other."""
    column = next((one for one in listing.columns if one.name == name), None)
    if column is None or column.masked is None or column.masked.permission not in user.permissions:
        return None
    if not listing.is_open_to(user):
        return None
    row = listing.rows(user).filter(**{listing.key: pk}).first()
    return None if row is None else (column, row)


def whole(column: Column, row: Model) -> str:
    """What the mask stands for; whoever asks has recorded why."""
    assert column.masked is not None  # `find`
    value: Any = reduce(getattr, column.masked.path.split("__"), row)
    return str(value)
