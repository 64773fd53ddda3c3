"""Formats that no app has: a bank's statement as a function, and its lines of fixed places as data."""

from __future__ import annotations

import re

from portal.errors import RuleBroken
from portal.imports.rules.formats import FixedWidth, ForeignHeadings, Piece, Record, Trailer

FIXED = FixedWidth(
    records=(
        Record("1", (Piece("note", 2, 8, day=True),)),
        Record("2", (Piece("key", 2, 4), Piece("amount", 6, 10, decimals=2)), is_row=True),
    ),
    trailer=Trailer("9", Piece("rows", 2, 4), (Piece("amount", 6, 10, decimals=2),)),
)
FIXED_TEXT = "120261122\n2A-010000000150\n2A-020000002550\n\n900020000002700\n"


def statement(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Like MT940: each `:61:` is a movement, the `:86:` below it says what it was."""
    rows: list[tuple[int, dict[str, str]]] = []
    for number, line in enumerate(content.decode().splitlines(), start=1):
        if found := re.fullmatch(r":61:[0-9]{6}[CD]([0-9]+),([0-9]{2})(\S+)", line):
            rows.append((number, {"key": found[3], "amount": f"{found[1]}.{found[2]}"}))
        elif line.startswith(":86:") and rows:
            rows[-1][1]["note"] = line[4:]
        elif not line.startswith((":20:", ":86:")):
            raise RuleBroken(f"El renglón {number} no es de un estado MT940. Pide el archivo otra vez.", code="mt940")
    return rows


def mapped(content: bytes, *, headings: dict[str, str]) -> list[tuple[int, dict[str, str]]]:
    """A table of one column, whose heading a sender may call as they like."""
    heading, *cells = content.decode().splitlines()
    if heading not in headings:
        raise ForeignHeadings("Di qué columna es.", code="foreign_headings", foreign=[heading], lacking=["key"])
    return [(number, {headings[heading]: cell}) for number, cell in enumerate(cells, start=2)]


STATEMENT = b":20:X\n:61:261122C150,00K1\n:86:Pago uno\n:61:261122D25,50=1\n"
