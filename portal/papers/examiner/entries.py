"""What stands under a key of a PDF's dictionary, references followed: pypdf's own `get` hands them out as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject

_MAX_STEPS = 20  # a reference may point at another; a ring of them ends


def value(piece: DictionaryObject, key: str) -> Any:
    """The thing itself; None where the key is missing or null, "" where its reference leads nowhere we can read."""
    return resolved(piece.raw_get(key)) if key in piece else None


def resolved(thing: Any) -> Any:
    """What a reference leads to; None for null, "" where it leads nowhere we can read."""
    for _ in range(_MAX_STEPS):
        if not isinstance(thing, IndirectObject):
            return None if isinstance(thing, NullObject) else thing
        try:
            thing = thing.get_object()
        except MemoryError:
            raise
        except Exception:  # eight kinds of exception from pypdf alone
            return ""
        if thing is None:  # no table lists it; a reader that mends the file may find it all the same
            return ""
    return ""


def items(piece: DictionaryObject, key: str) -> list[Any]:
    """What an entry lists, one value or an array of them, each resolved."""
    held = value(piece, key)
    return [resolved(one) for one in held] if isinstance(held, ArrayObject) else [held]


def word(piece: DictionaryObject, key: str) -> str:
    """A name with its slash, also where a reader would take a text for it; "" when it is none."""
    said = text(piece, key)
    return said if said.startswith("/") or not said else f"/{said}"


def text(piece: DictionaryObject, key: str) -> str:
    """A text as letters; pypdf leaves bytes where a letter has no place in the PDF's own alphabet."""
    held = value(piece, key)
    if isinstance(held, bytes):
        return held.decode("latin-1")
    return held if isinstance(held, str) else ""


def number(piece: DictionaryObject, key: str) -> int:
    """A whole number from 0, 0 when it is none."""
    with suppress(TypeError, ValueError, OverflowError):
        return max(int(value(piece, key)), 0)
    return 0


def within(thing: Any) -> Iterator[DictionaryObject]:
    """Every dictionary that is written inside this one; what it refers to is an object of its own."""
    waiting = [thing]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, DictionaryObject):
            yield piece
            waiting += [piece.raw_get(key) for key in piece]
        elif isinstance(piece, ArrayObject):
            waiting += list(piece)
