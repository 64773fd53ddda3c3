"""What rooms whose things hold receipts tell this one: how such a thing is called and where it is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from portal.declared import Declared

if TYPE_CHECKING:
    from portal.fiscal.models import TaxReceipt

Page = tuple[str, str]
_pages: Declared[Callable[[Any, list[str]], dict[str, Page]]] = Declared("the page of what holds a receipt,")


def register_page(subject_type: str, pages: Callable[[Any, list[str]], dict[str, Page]]) -> None:
    """Name a function (user, ids) → {id: (label, address)} for `app.model`: only things that person may see."""
    _pages.declare(subject_type, pages)


def pages_of(receipts: Iterable[TaxReceipt], *, user: Any) -> dict[tuple[str, str], Page]:
    """{(type, id): (label, address)} of the things that hold these receipts, those left out that `user` may not see."""
    asked: dict[str, list[str]] = {}
    for row in receipts:
        asked.setdefault(row.subject_type, []).append(row.subject_id)
    return {
        (kind, pk): page
        for kind, found in asked.items()
        if kind in _pages
        for pk, page in _pages[kind](user, found).items()
    }
