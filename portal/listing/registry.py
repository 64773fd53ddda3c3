"""Every list of the house by its name, for whoever asks without its page (the API, a drain, a test), and who makes the
files that are too long for a request.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from portal import modules
from portal.declared import Declared
from portal.listing.columns import Listing

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from portal.listing.selection import Selection

    Offer = Callable[[HttpRequest, Selection, str], HttpResponseBase]

    Address = Callable[[Selection], str]

_offers: Declared[Offer] = Declared("the maker of files that are")


def on_long_file(offer: Offer) -> None:
    """Let a room make the files that a request must not: `offer(request, asked, file)` answers with its page."""
    _offers.declare("long", offer)


def offer_later(request: HttpRequest, asked: Selection, file: str) -> HttpResponseBase | None:
    """The page that offers to make a long file later; None where no room does."""
    return _offers["long"](request, asked, file) if _offers else None


_calls: Declared[Address] = Declared("the API's address of")


def on_call(address: Address) -> None:
    """Let a room say by which call the API gives just what was asked of a list: its address, "" where none does."""
    _calls.declare("list", address)


def call_of(asked: Selection) -> str:
    """The API's address of what was asked of a list; "" where it has none."""
    return _calls["list"](asked) if _calls else ""


@lru_cache(maxsize=1)
def listings() -> dict[str, Listing]:
    """The lists that the installed apps declare in their `listings`, by name."""
    found: Declared[Listing] = Declared("the list")
    for _, module in modules.named("listings"):
        for one in (one for one in vars(module).values() if isinstance(one, Listing)):
            found.declare(one.name, one)
    return found
