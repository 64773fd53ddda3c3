"""Which reader a file of movements is for, and what is new in it (domain 2.12). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.money import ZERO
from portal.text import decode_text
from portal.treasury.rules.movements import (
    Moved,
    MovementFormat,
    MovementsRead,
    WrongRow,
    identities,
    identity_key,
    refused,
)
from portal.treasury.rules.movements_csv import read_csv
from portal.treasury.rules.movements_text import read_mt940, read_store_fixed

_MT940 = re.compile(r"\s*(\{[1-5]:|:[0-9]{2}[A-Z]?:)")
_STORE_FIXED = re.compile(r"\s*H[0-9]{8}")


@dataclass(frozen=True, slots=True)
class MovementsJudged:
    """What would become of a file: rows = new + duplicates + wrong + skipped; `credits`, `debits` of the new ones.

    `by_key` are the new ones by what each is told apart by.
    """

    read: MovementsRead
    by_key: Mapping[str, Moved]
    duplicates: int

    @property
    def new(self) -> tuple[Moved, ...]:
        """The new ones, in the order of the file."""
        return tuple(self.by_key.values())

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return len(self.read.moved) + len(self.wrong) + self.read.skipped

    @property
    def wrong(self) -> tuple[WrongRow, ...]:
        """The rows in error."""
        return self.read.wrong

    @property
    def credits(self) -> Decimal:
        """The sum of what came in."""
        return sum((one.amount for one in self.new if one.amount > 0), ZERO)

    @property
    def debits(self) -> Decimal:
        """The sum of what went out, as a positive amount."""
        return -sum((one.amount for one in self.new if one.amount < 0), ZERO) + ZERO


def format_of(content: bytes) -> MovementFormat:
    """The format that a file's first letters tell; whatever is neither of the two others is read as a table."""
    text = decode_text(content)[0]
    if _MT940.match(text):
        return MovementFormat.MT940
    return MovementFormat.STORE_FIXED if _STORE_FIXED.match(text) else MovementFormat.CSV


def read_movements(
    content: bytes, *, currency: str, formats: Collection[str], mapping: Mapping[str, str] | None = None
) -> MovementsRead:
    """Reads a file of an account in `currency` that takes `formats`; `mapping`: headings of that sender's own.

    Raises RuleBroken for the file as a whole, as its reader does, and `format_not_taken` for one that the account does
    not take.
    """
    found = format_of(content)
    check_format(found, formats)
    return {
        MovementFormat.CSV: lambda: read_csv(content, mapping=mapping),
        MovementFormat.MT940: lambda: read_mt940(content, currency=currency),
        MovementFormat.STORE_FIXED: lambda: read_store_fixed(content, currency=currency),
    }[found]()


def check_format(found: str, formats: Collection[str]) -> None:
    """Refuse a file in a format that its account does not take. Raises RuleBroken."""
    if found not in formats:
        raise refused(
            "format_not_taken",
            f"Esta cuenta bancaria no recibe archivos {found}. Elige la suya, o pide el archivo en otro formato.",
        )


def judge_movements(read: MovementsRead, *, known: Collection[str] = ()) -> MovementsJudged:
    """Tells what of a file is new beside the movements of the account that are `known` (`identity_key`)."""
    known, new = frozenset(known), dict[str, Moved]()
    for identity, one in zip(identities(read.moved), read.moved, strict=True):
        if (key := identity_key(identity)) not in known:
            new.setdefault(key, one)
    return MovementsJudged(read, new, len(read.moved) - len(new))
