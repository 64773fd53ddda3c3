"""One typed column spec gives the page, its totals and its CSV: every list shows and exports the same truth."""

from portal.listing.answering import answer
from portal.listing.columns import Column, Kind, Link, Listing
from portal.listing.export import csv_response, export
from portal.listing.filters import Filters, from_day, to_day
from portal.listing.paging import Page, filtered, page
from portal.listing.waiting import OLDEST, Waiting

__all__ = [
    "Filters",
    "OLDEST",
    "Column",
    "Kind",
    "Link",
    "Listing",
    "Page",
    "Waiting",
    "answer",
    "csv_response",
    "export",
    "filtered",
    "from_day",
    "page",
    "to_day",
]
