"""What other rooms want to hear from papers: they register in their `apps.py`, papers never knows their names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.papers.models import IssuedDocument, StoredFile

_examined: dict[str, Callable[..., None]] = {}
_rendered: dict[str, Callable[..., None]] = {}


def on_examined(purpose: str, handler: Callable[..., None]) -> None:
    """`handler(file=, at=)` runs in the transaction that gives a pending file of this purpose its verdict."""
    _examined[purpose] = handler


def on_rendered(kind: str, handler: Callable[..., None]) -> None:
    """`handler(document=, at=)` runs in the transaction that gives a document of this kind its PDF."""
    _rendered[kind] = handler


def tell_examined(file: StoredFile, *, at: datetime) -> None:
    """Call the handler of the file's purpose, if any."""
    if handler := _examined.get(file.purpose):
        handler(file=file, at=at)


def tell_rendered(document: IssuedDocument, *, at: datetime) -> None:
    """Call the handler of the document's kind, if any."""
    if handler := _rendered.get(document.kind):
        handler(document=document, at=at)
