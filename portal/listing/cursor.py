"""The opaque, signed place in a list. A cursor that was tampered with, or of another list, is no cursor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q

_READERS: dict[str, Any] = {
    "i": int,
    "s": str,
    "d": date.fromisoformat,
    "t": datetime.fromisoformat,
    "u": UUID,
    "n": Decimal,
    "b": bool,
}


def _tagged(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return ["b", value]
    if isinstance(value, int):
        return ["i", value]
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, UUID):
        return ["u", str(value)]
    if isinstance(value, Decimal):
        return ["n", str(value)]
    if isinstance(value, str):
        return ["s", value]
    raise TypeError(f"a keyset cannot hold {type(value).__name__}: order by fields without nulls")


def write_cursor(listing: str, values: Sequence[Any]) -> str:
    """The place of one row as text for the address."""
    return signing.Signer(salt=f"listing.{listing}").sign_object([_tagged(value) for value in values], compress=True)


def read_cursor(listing: str, text: str, length: int) -> tuple[Any, ...] | None:
    """The place a cursor names, or None when it is not one of ours."""
    try:
        pairs = signing.Signer(salt=f"listing.{listing}").unsign_object(text)
        values = tuple(_READERS[tag](value) for tag, value in pairs)
    except (signing.BadSignature, KeyError, TypeError, ValueError, InvalidOperation):
        return None
    return values if len(values) == length else None


def beyond(order: Sequence[str], values: Sequence[Any], *, backwards: bool = False) -> Q:
    """Rows strictly after (or before) a place. The leading bound repeats itself so that an index can serve it."""
    condition = Q()
    for name, value in reversed(list(zip(order, values, strict=True))):
        descending = name.startswith("-") != backwards
        field = name.lstrip("-")
        strict = Q(**{f"{field}__{'lt' if descending else 'gt'}": value})
        if not condition:
            condition = strict
            continue
        bound = Q(**{f"{field}__{'lte' if descending else 'gte'}": value})
        condition = bound & (strict | (Q(**{field: value}) & condition))
    return condition


def reversed_order(order: Sequence[str]) -> list[str]:
    """The same order the other way."""
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]
