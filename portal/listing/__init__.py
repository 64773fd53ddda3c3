"""One typed column spec gives the page, its totals and its CSV: every list shows and exports the same truth."""

from portal.listing.columns import Column, Kind, Listing
from portal.listing.export import csv_response
from portal.listing.paging import Page, filtered, page

__all__ = ["Column", "Kind", "Listing", "Page", "csv_response", "filtered", "page"]
