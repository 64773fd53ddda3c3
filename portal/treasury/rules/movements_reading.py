"""Which reader a file of movements is for, and what is new in it (domain 2.12). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.money import ZERO
from portal.text import decode_text
from portal.treasury.rules.movements import Moved, MovementFormat, MovementsRead, WrongRow, identities, refused
from portal.treasury.rules.movements_csv import read_csv
from portal.treasury.rules.movements_text import read_mt940, read_store_fixed

_MT940 = re.compile(r"\s*(\{[1-5]:|:[0-9]{2}[A-Z]?:)")
_STORE_FIXED = re.compile(r"\s*H[0-9]{8}")


@dataclass(frozen=True, slots=True)
class MovementsJudged:
    """What would become of a file: rows = new + duplicates + wrong + skipped; `credits`, `debits` of the new ones."""

    read: MovementsRead
    new: tuple[Moved, ...]
    duplicates: int

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


def judge_movements(
    content: bytes,
    *,
    currency: str,
    formats: Collection[str],
    known: Collection[tuple[str, ...]] = (),
    mapping: Mapping[str, str] | None = None,
) -> MovementsJudged:
    """Reads a file of an account in `currency` that takes `formats`, and tells what of it is new beside `known`.

    `mapping`: headings of that sender's own. Raises RuleBroken for the file as a whole, as its reader does, and
    `format_not_taken` for one that the account does not take.
    """
    found = format_of(content)
    if found not in formats:
        raise refused(
            "format_not_taken",
            f"Esta cuenta no recibe archivos {found}. Elige la cuenta de la que es, o pide el archivo en otro formato.",
        )
    read = {
        MovementFormat.CSV: lambda: read_csv(content, mapping=mapping),
        MovementFormat.MT940: lambda: read_mt940(content, currency=currency),
        MovementFormat.STORE_FIXED: lambda: read_store_fixed(content, currency=currency),
    }[found]()
    known, new = frozenset(known), dict[tuple[str, ...], Moved]()
    for identity, one in zip(identities(read.moved), read.moved, strict=True):
        if identity not in known:
            new.setdefault(identity, one)
    return MovementsJudged(read, tuple(new.values()), len(read.moved) - len(new))
