"""One typed column spec gives the page, its totals and its files: every list shows and exports the same truth."""

from portal.listing.answering import answer
from portal.listing.as_json import as_json
from portal.listing.columns import Column, Drill, Kind, Link, Listing, Masked
from portal.listing.filters import Filters, from_day, to_day
from portal.listing.paging import Page
