"""Prefixes as data and the written form of a folio (docs/shape.md). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.declared import Declared


@dataclass(frozen=True, slots=True)
class Prefix:
    """A kind of folio: its two letters, what it stands for, and whether each office numbers its own."""

    code: str
    label: str
    per_office: bool = False


# Each app declares the prefixes of its own papers (`registry.register_prefix`).
PREFIXES: Declared[Prefix] = Declared("the folio prefix")


def format_folio(*, prefix: str, year: int, number: int, office: str = "") -> str:
    """`FA-2026-000001`; with an office `OF-DAM-2026-000001`."""
    return "-".join(part for part in (prefix, office, f"{year:04d}", f"{number:06d}") if part)


def check_series(*, prefix: str, office: str) -> None:
    """Raises ValueError (a bug of the caller) for an unknown prefix or an office where none belongs."""
    if prefix not in PREFIXES:
        raise ValueError(f"unknown folio prefix {prefix!r}")
    if bool(office) != PREFIXES[prefix].per_office:
        raise ValueError(
            f"{prefix} is numbered {'per office' if PREFIXES[prefix].per_office else 'for the whole house'}"
        )
    if office and not re.fullmatch(r"[A-Z0-9]{1,12}", office, re.ASCII):
        raise ValueError(f"an office code is 1 to 12 capital letters or digits, not {office!r}")
