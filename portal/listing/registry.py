"""Every list of the house by its name, for whoever asks without its page: the API, a drain, a test."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from portal.listing.columns import Listing

PLACES = ("listings", "selectors.listings")


@lru_cache(maxsize=1)
def listings() -> dict[str, Listing]:
    """The lists that the installed apps declare in their `listings` or `selectors.listings`, by name."""
    found: dict[str, Listing] = {}
    for config in apps.get_app_configs():
        for place in PLACES:
            package, _, _ = f"{config.name}.{place}".rpartition(".")
            if not find_spec(package) or not hasattr(import_module(package), "__path__"):
                continue
            if find_spec(f"{config.name}.{place}"):
                module = import_module(f"{config.name}.{place}")
                found |= {one.name: one for one in vars(module).values() if isinstance(one, Listing)}
    return found
