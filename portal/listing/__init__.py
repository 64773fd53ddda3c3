"""One typed column spec gives the page, its totals and its files: every list shows and exports the same truth."""

from portal.listing.answering import answer, chosen_rows
from portal.listing.as_json import as_json
from portal.listing.columns import Column, Drill, Kind, Link, Listing, Masked, Pick
from portal.listing.filters import Filters, from_day, in_month, to_day
from portal.listing.paging import Page
