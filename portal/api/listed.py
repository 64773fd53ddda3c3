"""By which call the API gives what a page shows of a list."""

from __future__ import annotations

from urllib.parse import urlencode

from portal.api.calls import ADDRESSES, LISTED
from portal.listing.columns import Listing
from portal.listing.selection import SORT, Selection


def address_of(asked: Selection) -> str:
    """The address of the same rows in the same order; "" where the API lists them otherwise than the page."""
    listing: Listing = asked.listing
    address, call = ADDRESSES.get(listing.name, ""), LISTED.get(listing.name)
    if call is None or "<" in address or set(asked.parts) - set(call.parts):
        return ""
    known = [*(listing.filters.base_filters if listing.filters else ()), SORT]
    wanted = {name: value for name in known if (value := asked.asked.get(name))}
    for argument, given in asked.parts.items():
        parameter, choices, default = call.parts[argument]
        if given not in choices:
            return ""
        if given != default:
            wanted[parameter] = given
    return f"/{address}?{urlencode(wanted)}" if wanted else f"/{address}"
