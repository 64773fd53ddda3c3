"""Columns that rest sealed, in the files of a list: PostgreSQL writes the rest of each row, Python opens these alone.

The database never sees what they say, so it can neither escape nor guard them: that is done here, as there.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Model

from portal.listing.columns import NOTHING, Column
from portal.vault import EncryptedTextField

Opener = Callable[[str], str]
# What a spreadsheet takes for a formula (OWASP, CSV injection), as `export` guards it in SQL.
_FORMULA = re.compile(r"""([;\t|]["\s]*)([=+@＝＋－＠-])""")
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "\n": "&#10;"})
_CELL = re.compile(r"<sealed n='(\d+)'>([^<]*)</sealed>")


def openers(columns: Sequence[Column], model: type[Model]) -> dict[int, Opener]:
    """What opens the sealed cells of a list's rows, by the place of their column; none where nothing is sealed.

    Raises ValueError for a column that rests sealed and does not say so: its file would hold what is stored.
    """
    found = {}
    for at, column in enumerate(columns):
        field = None if column.expression is not None else _field(column, model)
        if isinstance(field, EncryptedTextField) != column.sealed:
            raise ValueError(f"{column.name}: a column is `sealed` exactly where its field is")
        if isinstance(field, EncryptedTextField):
            found[at] = _opener(field, column)
    return found


def _field(column: Column, model: type[Model]) -> Any:
    """The field that a column's path ends at; None for what the list's rows reckon."""
    found: Any = None
    for step in (column.path or column.name).split("__"):
        try:
            found = model._meta.get_field(step)
        except FieldDoesNotExist:
            return None
        model = found.related_model or model
    return found


def _opener(field: EncryptedTextField, column: Column) -> Opener:
    nothing = "" if column.nothing == NOTHING else column.nothing
    return lambda stored: field.from_db_value(stored, None, connection) or nothing


# --- CSV -------------------------------------------------------------------------------------------------------------


def in_csv(chunks: Iterator[bytes], opening: dict[int, Opener]) -> Iterator[bytes]:
    """COPY's CSV with its sealed cells opened, and guarded as a text is."""
    for row in csv.reader(_lines(chunks)):
        for at, opened in opening.items():
            row[at] = guarded(opened(row[at]))
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        yield line.getvalue().encode()


def guarded(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe before what it would take for a formula."""
    safe = _FORMULA.sub(r"\1'\2", text)
    return f"'{safe}" if text.startswith(_STARTS) else safe


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Whole lines of what comes in pieces; a line break inside quotes ends one too, and `csv` puts it together."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode() + "\n" for line in whole)
    if rest:
        yield rest.decode()


# --- XLSX ------------------------------------------------------------------------------------------------------------


def xlsx_cell(at: int, name: str) -> bytes:
    """SQL of a sealed cell: what is stored, in an element that no text can forge (their «<» is escaped)."""
    return f"('<sealed n=''{at}''>' || COALESCE({name}, '') || '</sealed>')".encode()


def in_xlsx(chunks: Iterator[bytes], opening: dict[int, Opener], longest: int) -> Iterator[bytes]:
    """The rows' XML with its sealed cells opened, escaped as SQL escapes the others."""

    def cell(found: re.Match[str]) -> str:
        told = opening[int(found[1])](found[2])
        text = _ESCAPE.sub("_x005F_", _CONTROLS.sub("", told[:longest])).translate(_XML)
        return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'

    for line in _lines(chunks):
        yield _CELL.sub(cell, line).encode()
