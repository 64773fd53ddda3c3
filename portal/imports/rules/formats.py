"""Files that name no columns: lines of fixed places, and formats of an app's own, read inside the limited child. Pure.

Both give rows by column name, each with its line in the file, to the same reader that reads every table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, ClassVar

from portal.errors import Finding, Level, RuleBroken
from portal.imports.rules.cells import quoted
from portal.papers.judgement import Judgement, named
from portal.text import decode_text

# The facts that hold them; never stored. `FOREIGN` and `LACKING` where somebody has to say which heading is which.
NAMES, ROWS, TYPED, FOREIGN, LACKING = "_names", "_rows", "_typed", "_foreign", "_lacking"
TEXT_KINDS = frozenset({"txt", "csv"})
_AGAIN = "Pide el archivo completo a quien te lo dio y súbelo tal como lo recibas."
_DIGITS = re.compile(r"[+-]?[0-9]+")
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Piece:
    """A place in a line: from letter `start` (the first is 1), `width` letters long.

    `decimals` are those that the file does not write (`150000` with two is 1500.00); `day` reads `20261122`.
    """

    name: str
    start: int
    width: int
    decimals: int = 0
    day: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A kind of line, told by the letters it begins with; what one that is no row says holds for the rows below it."""

    mark: str
    pieces: tuple[Piece, ...] = ()
    is_row: bool = False


@dataclass(frozen=True, slots=True)
class Trailer:
    """The last line: how many rows the file says it has, and the sums of columns (pieces with the column's name)."""

    mark: str
    rows: Piece
    sums: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class FixedWidth:
    """A text whose lines have fixed places: its kinds of record, and its trailer if it has one, as data."""

    records: tuple[Record, ...]
    trailer: Trailer | None = None
    kinds: ClassVar[frozenset[str]] = TEXT_KINDS
    check: ClassVar[str] = "portal.imports.rules.formats.fixed_width"

    def as_json(self) -> dict[str, Any]:
        """Itself for the child."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class OwnFormat:
    """A format that an app reads itself: `read` is the dotted path of a function bytes → [(line, {column: text})].

    It runs in the limited child, imports no Django, and raises RuleBroken about the file as a whole. `maps`: it takes
    `headings` too, what the sender's own headings (key) mean, and raises `ForeignHeadings` for others. `typed`: its
    cells are what it made of the file, and no reader of tables doubts them (a formula, broken letters).
    """

    read: str
    columns: tuple[str, ...]
    kinds: frozenset[str] = TEXT_KINDS
    maps: bool = False
    typed: bool = False
    check: ClassVar[str] = "portal.imports.rules.formats.own"

    def as_json(self) -> dict[str, Any]:
        """Itself for the child."""
        return {"read": self.read, "columns": self.columns, "maps": self.maps, "typed": self.typed}


class ForeignHeadings(RuleBroken):
    """A file whose headings nobody knows: which of the `foreign` ones are the columns it is `lacking` a person says."""

    def __init__(self, message: str, *, code: str, foreign: Iterable[str], lacking: Iterable[str]) -> None:
        super().__init__(message, code=code, field="file")
        self.foreign, self.lacking = tuple(foreign), tuple(lacking)


class _Refused(Exception):
    """Why the file as a whole is not read: one finding."""


def own(content: bytes, context: Mapping[str, Any]) -> Judgement:
    """The rows that an app's own function reads.

    Context: `format` (an `OwnFormat` as JSON), `rows`, `only`; `headings` that are known, where it maps.
    """
    said = context["format"]
    known = {"headings": context["headings"]} if said["maps"] else {}
    try:
        rows = named(said["read"])(content, **known)
        found = [(line, [str(row.get(name, "")) for name in said["columns"]]) for line, row in rows]
        judged = _judged(said["columns"], found, context)
        return Judgement((), {**judged.facts, TYPED: said["typed"]})
    except _Refused as refused:
        return Judgement(refused.args)
    except ForeignHeadings as asks:
        facts = {FOREIGN: list(asks.foreign), LACKING: list(asks.lacking)}
        return Judgement((), {NAMES: list(said["columns"]), ROWS: [], TYPED: said["typed"], **facts})
    except RuleBroken as refused:
        return Judgement((refused.finding,))


def fixed_width(content: bytes, context: Mapping[str, Any]) -> Judgement:
    """The rows of a text of fixed places. Context: `format` (a `FixedWidth` as JSON), `rows`, `only`."""
    said = context["format"]
    names = list(dict.fromkeys(piece["name"] for record in said["records"] for piece in record["pieces"]))
    try:
        found = [(line, [row.get(name, "") for name in names]) for line, row in _rows(decode_text(content)[0], said)]
        return _judged(names, found, context)
    except _Refused as refused:
        return Judgement(refused.args)


def _judged(names: Iterable[str], found: list[tuple[int, list[str]]], context: Mapping[str, Any]) -> Judgement:
    most, only = int(context["rows"]), int(context.get("only", 0))
    if len(found) > most:
        told = f"El archivo trae más de {most:,} renglones."
        raise _Refused(Finding("too_many_rows", Level.ERROR, told, "Divídelo y súbelo por partes."))
    return Judgement((), {NAMES: list(names), ROWS: found[:only] if only else found})


def _rows(text: str, said: Mapping[str, Any]) -> list[tuple[int, dict[str, str]]]:
    rows: list[tuple[int, dict[str, str]]] = []
    carried: dict[str, str] = {}
    trailer, ended = said["trailer"], 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if ended:
            raise _Refused(_broken(f"El renglón {number} viene después del último"))
        if trailer and line.startswith(trailer["mark"]):
            _check_trailer(line, number, trailer, rows)
            ended = number
            continue
        record = next((one for one in said["records"] if line.startswith(one["mark"])), None)
        if record is None:
            raise _Refused(_broken(f"El renglón {number} empieza con «{quoted(line[:3])}» y no se conoce"))
        values = {piece["name"]: _cell(line, number, piece) for piece in record["pieces"]}
        if record["is_row"]:
            rows.append((number, carried | values))
        else:
            carried |= values
    if trailer and not ended:
        raise _Refused(_broken("Al archivo le falta su último renglón"))
    return rows


def _cell(line: str, number: int, piece: Mapping[str, Any]) -> str:
    begin, end = piece["start"] - 1, piece["start"] - 1 + piece["width"]
    if len(line) <= begin:
        raise _Refused(_broken(f"El renglón {number} está cortado: mide {len(line)} letras"))
    cell = line[begin:end].strip()
    if piece["day"] and (day := _DAY.fullmatch(cell)):
        return "-".join(day.groups())
    if piece["decimals"] and _DIGITS.fullmatch(cell):
        return format(Decimal(cell).scaleb(-piece["decimals"]), f".{piece['decimals']}f")
    return cell


def _check_trailer(line: str, number: int, trailer: Mapping[str, Any], rows: list[tuple[int, dict[str, str]]]) -> None:
    """What the last line says must be what came; a sum is compared when every one of its cells is a number."""
    announced = _cell(line, number, trailer["rows"])
    if not announced.isdecimal() or int(announced) != len(rows):
        raise _Refused(_broken(f"El último renglón anuncia «{quoted(announced)}» renglones y llegaron {len(rows):,}"))
    for piece in trailer["sums"]:
        cells = [_cell(line, number, piece), *(row[piece["name"]] for _number, row in rows)]
        amounts = [Decimal(cell) for cell in cells if _AMOUNT.fullmatch(cell)]
        if len(amounts) == len(cells) and amounts[0] != sum(amounts[1:]):
            raise _Refused(_broken(f"El último renglón anuncia {amounts[0]} y los renglones suman {sum(amounts[1:])}"))


_AMOUNT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def _broken(what: str) -> Finding:
    return Finding("fixed.broken", Level.ERROR, f"{what}: el archivo no está completo o no es de este tipo.", _AGAIN)
