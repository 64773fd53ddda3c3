"""The newest rows of a list in a few words, for a page that tells of somebody else's."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from portal.listing.cells import writer
from portal.listing.columns import Kind, Listing
from portal.listing.selection import Selection


@dataclass(frozen=True, slots=True)
class Brief:
    """What `heads` name of the newest rows, and how many rows there are."""

    title: str
    count: int
    heads: list[str]
    rows: list[list[str]]

    @property
    def cells(self) -> list[list[tuple[str, str]]]:
        """Each row with the head of each cell, as a phone shows them."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


def brief(listing: Listing, user: Any, *, kinds: Container[Kind], most: int) -> Brief:
    """The first rows of a list as `user` sees it, by the columns of these kinds alone; what is a mask stays out."""
    asked = Selection(listing, user, QueryDict())
    columns = [one for one in listing.columns if one.kind in kinds and one.masked is None]
    places = {path: place for place, path in enumerate(listing.paths)}
    writers = [writer(one, places) for one in columns]
    rows = asked.told_rows.order_by(*(key.ordering() for key in asked.order)).values_list(*listing.paths)[:most]
    told = [[write(row).text for write in writers] for row in rows]
    return Brief(listing.title, asked.rows.count(), [one.label for one in columns], told)
