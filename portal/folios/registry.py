"""What apps whose papers bear a folio tell this room."""

from __future__ import annotations

import re

from portal.folios.rules import PREFIXES, Prefix


def register_prefix(code: str, label: str, *, per_office: bool = False) -> None:
    """Declare a kind of folio by its two capital letters; `per_office`: each office numbers its own.

    Raises ValueError, which stops the start, for other letters, or where another app has them.
    """
    if not re.fullmatch(r"[A-Z]{2}", code, re.ASCII) or not label:
        raise ValueError(f"a folio prefix is two capital letters with what they stand for, not {code!r}: {label!r}")
    PREFIXES.declare(code, Prefix(code, label, per_office))
