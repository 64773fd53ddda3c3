"""The opaque, signed place in a list. A cursor that was tampered with, or of another list, is no cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import OrderBy


@dataclass(frozen=True, slots=True)
class Key:
    """One field of a keyset: its path, its direction, and whether it may be null; nulls come last, either way."""

    path: str
    is_descending: bool = False
    is_nullable: bool = False

    def ordering(self, *, backwards: bool = False) -> str | OrderBy:
        """For `order_by`; a field that is never null by its name, as an index has it."""
        descending = self.is_descending != backwards
        if not self.is_nullable:
            return f"-{self.path}" if descending else self.path
        ends: dict[str, bool] = {"nulls_first": True} if backwards else {"nulls_last": True}
        return F(self.path).desc(**ends) if descending else F(self.path).asc(**ends)

    def after(self, value: Any, *, backwards: bool, strictly: bool) -> Q:
        """Rows beyond this value; not `strictly`: or at it."""
        if value is None:
            return self._after_nothing(backwards=backwards, strictly=strictly)
        bound = "" if strictly else "e"
        sign = f"lt{bound}" if self.is_descending != backwards else f"gt{bound}"
        beyond = Q(**{f"{self.path}__{sign}": value})
        return beyond | self.at(None) if self.is_nullable and not backwards else beyond

    def _after_nothing(self, *, backwards: bool, strictly: bool) -> Q:
        """Nothing is the last there is: beyond it comes no row, before it every one that holds something."""
        if backwards:
            return ~self.at(None) if strictly else Q()
        return Q(pk__in=[]) if strictly else self.at(None)

    def at(self, value: Any) -> Q:
        """Rows with this very value."""
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})


_READERS: dict[str, Any] = {
    "z": lambda _: None,
    "i": int,
    "s": str,
    "d": date.fromisoformat,
    "t": datetime.fromisoformat,
    "u": UUID,
    "n": Decimal,
    "b": bool,
}


def _tagged(value: Any) -> list[Any]:
    if value is None:
        return ["z", 0]
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
    raise TypeError(f"a keyset cannot hold {type(value).__name__}")


def write_cursor(listing: str, values: Sequence[Any]) -> str:
    """The place of one row as text for the address; `listing` names the list and the order in which it stands."""
    return signing.Signer(salt=f"listing.{listing}").sign_object([_tagged(value) for value in values], compress=True)


def read_cursor(listing: str, text: str, length: int) -> tuple[Any, ...] | None:
    """The place a cursor names, or None when it is not one of ours."""
    try:
        pairs = signing.Signer(salt=f"listing.{listing}").unsign_object(text)
        values = tuple(_READERS[tag](value) for tag, value in pairs)
    except (signing.BadSignature, KeyError, TypeError, ValueError, InvalidOperation):
        return None
    return values if len(values) == length else None


def beyond(order: Sequence[Key], values: Sequence[Any], *, backwards: bool = False) -> Q:
    """Rows strictly after (or before) a place.

    Of keys that are never null and all go one way it is one comparison of rows, which an index answers from that place
    on. Of others the leading bound repeats itself so that an index can serve it.
    """
    ways = {key.is_descending for key in order}
    if len(order) > 1 and len(ways) == 1 and not any(key.is_nullable for key in order):
        sign = "<" if ways.pop() != backwards else ">"
        return Q(_Rows([F(key.path) for key in order], values, sign))
    condition = Q()
    for key, value in reversed(list(zip(order, values, strict=True))):
        strict = key.after(value, backwards=backwards, strictly=True)
        if not condition:
            condition = strict
            continue
        condition = key.after(value, backwards=backwards, strictly=False) & (strict | (key.at(value) & condition))
    return condition


class _Rows(Func):
    """`(created_at, id) < (…, …)`: PostgreSQL may join the parts of an OR by a bitmap and sort all that it finds."""

    output_field = BooleanField()

    def __init__(self, paths: Sequence[F], values: Sequence[Any], sign: str) -> None:
        keys, place = (Func(*one, template="(%(expressions)s)") for one in (paths, map(Value, values)))
        super().__init__(keys, place, template="%(expressions)s", arg_joiner=f" {sign} ")
