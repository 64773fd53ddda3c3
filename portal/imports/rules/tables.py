"""A delimited table as insurers, banks and spreadsheets save it: bytes in, rows and faults out. Pure.

UTF-8 with or without mark, UTF-16, Windows-1252; comma, semicolon, tab or bar; a `sep=` line; title lines above the
heading; headings in any case, with or without accents; line breaks inside quotes; blank rows anywhere.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from portal.errors import RuleBroken
from portal.imports.rules.cells import Number, Unreadable, check_letters, check_plain, plain
from portal.text import decode_text, folded

TABLE_KINDS = frozenset({"csv", "txt", "xlsx"})  # what the gate lets in; a table with tabs is named .txt or .tsv
FIELD = "file"
SEPARATORS = (",", ";", "\t", "|")
REMEMBERED = 10_000  # cells whose reading is kept while a file is read: most columns repeat a few
LINES_ABOVE = 20  # how far down the heading may stand
# Excel hides this line and believes it; other programs quote it or fill it up with separators.
_SEPARATOR_LINE = re.compile(r'\A"?sep=([^\w\s"]|\t)?"?[,;|\t ]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_LEFT_OUT = "…"
_SMALL_WORDS = frozenset("a al de del el en la las los por".split())


@dataclass(frozen=True, slots=True)
class Column:
    """A column that somebody asks for: its name in code, the heading people write, other headings that mean the same.

    `exact`: every sign counts, so that what a spreadsheet keeps as a number (`00123` as 123) is not taken for it.

    A heading is compared without case, accents, signs and small words: «Fecha de Atención» is `fecha_atencion`.
    """

    name: str
    heading: str
    aliases: tuple[str, ...] = ()
    required: bool = True
    exact: bool = False

    @property
    def keys(self) -> set[str]:
        """Every heading that is this column, as `heading_key` writes it."""
        return {heading_key(heading) for heading in (self.name, self.heading, *self.aliases)}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` counts from 1 below the heading without blank rows, `sheet_row` is what a spreadsheet shows.

    `cells` holds the asked columns that stand in the row, trimmed, and no cell that has a fault.
    """

    number: int
    sheet_row: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row before anybody asks what it means; `column` is empty when it is the whole row."""

    number: int
    sheet_row: int
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds of the columns that were asked for."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Lines that an own reader found in a file: the column of each cell, and each line at its place in the file.

    `typed`: cells are taken as they are. One with `foreign` headings has no lines until somebody says which of them are
    the columns it is `lacking`.
    """

    names: Sequence[str]
    lines: Sequence[tuple[int, list[str]]]
    typed: bool = False
    foreign: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


Headed = bytes | Sequence[list[str]]  # a delimited text, or the lines that another reader found in a sheet
Content = Headed | Named


def heading_key(text: str) -> str:
    """A heading as it is compared: no case, no accents, no signs, no small words unless it has no others."""
    words = re.sub(r"[^a-z0-9]+", " ", folded(text)).split()
    return "_".join([word for word in words if word not in _SMALL_WORDS] or words)


def read_table(content: Content, columns: Sequence[Column], *, max_rows: int) -> Table:
    """The rows of a file, with the faults of each; raises what `each_row` raises."""
    rows, faults = [], list[Fault]()
    for row, wrong in each_row(content, columns, max_rows=max_rows):
        rows.append(row)
        faults += wrong
    return Table(tuple(rows), tuple(faults))


def each_row(
    content: Content, columns: Sequence[Column], *, max_rows: int, after: int = 0
) -> Iterator[tuple[Row, list[Fault]]]:
    """The rows of a file one by one, with the faults of each; those up to number `after` are passed over unread.

    Raises RuleBroken, about the whole file: `not_a_table`, `empty_table`, `missing_columns`, `repeated_column`,
    `mojibake` (in the heading), `too_many_rows`.
    """
    lines = Lines(content, columns, max_rows=max_rows, after=after)
    for number, line, cells in lines:
        yield lines.row(number, line, cells)


class Lines:
    """The filled lines below a heading, one by one and as they stand: (number, line in the file, cells)."""

    def __init__(self, content: Content, columns: Sequence[Column], *, max_rows: int, after: int = 0) -> None:
        self.typed = isinstance(content, Named) and content.typed
        if isinstance(content, Named):
            _refuse_foreign(content, columns)
            self._lines: Iterator[tuple[int, list[str]]] = iter(content.lines)
            self.names = content.names
        else:
            self._lines, self.names = _below_heading(content, columns)
        self.exact = {column.name for column in columns if column.exact}
        self._known: dict[str, str] = {}
        self._max_rows, self._after = max_rows, after

    def __iter__(self) -> Iterator[tuple[int, int, list[str]]]:
        number = 0
        for line, cells in self._lines:
            if not any(map(str.strip, cells)):
                continue
            number += 1
            if number > self._max_rows:
                raise _too_many(self._max_rows)
            if number > self._after:
                yield number, line, cells

    def row(self, number: int, line: int, cells: Sequence[str]) -> tuple[Row, list[Fault]]:
        """A line by the names of its columns, with its faults."""
        if self.typed:
            return Row(number, line, dict(zip(self.names, cells, strict=True))), []
        return _row(number, line, cells, _Columns(self.names, self.exact, self._known))


def checked_cell(cell: str) -> str:
    """The text of a cell that is no number of a sheet. Raises Unreadable for what is no plain, whole text."""
    check_plain(cell)
    check_letters(cell)
    return plain(cell)


def _refuse_foreign(content: Named, columns: Sequence[Column]) -> None:
    if content.foreign:
        asked = ", ".join(column.heading for column in columns if column.name in content.lacking)
        raise _refused("missing_columns", f"Al encabezado le falta: {asked}. Di qué columna es cada una.")


def _below_heading(content: Headed, columns: Sequence[Column]) -> tuple[Iterator[tuple[int, list[str]]], list[str]]:
    """Every line below the heading with its place in the file, and the name of each cell."""
    lines = _each_line(content, columns)
    above = list(islice(lines, LINES_ABOVE))
    if not any(cell.strip() for line in above for cell in line):
        above += next(([line] for line in lines if any(map(str.strip, line))), [])
        if not above or not any(map(str.strip, above[-1])):
            asked = ", ".join(column.heading for column in columns if column.required)
            raise _refused("empty_table", f"El archivo está vacío. Su primera línea lleva los títulos {asked}.")
    place, names = _heading(above, columns)
    return enumerate(chain(above[place + 1 :], lines), start=place + 2), names


def _each_line(content: Headed, columns: Sequence[Column]) -> Iterator[list[str]]:
    if isinstance(content, bytes):
        separator, text = _separator(_text(content), columns)
        return _checked(_read(text, separator))
    return iter(content)


def _checked(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    read = 0
    try:
        for line in lines:
            yield line
            read += 1
    except csv.Error as error:
        raise _broken(read + 1) from error


def without_column(content: Headed, columns: Sequence[Column], name: str, *, max_rows: int) -> bytes | None:
    """The same table, in UTF-8, with the cells of one column left empty; None when nobody wrote in it. For secrets.

    In a row with more cells than headings the rest of the row goes too, as «…»: whatever moved there may be it, and
    the row stays one cell too long. Raises RuleBroken as `read_table` does.
    """
    separator, lines = _read_lines(content, columns, max_rows)
    place, names = _heading(lines, columns)
    column = names.index(name) if name in names else len(names)
    found = False
    for cells in lines[place + 1 :]:
        long = len(cells) > len(names)
        end = len(cells) if long else column + 1
        found = found or any(cell.strip() not in {"", _LEFT_OUT} for cell in cells[column:end])
        cells[column:end] = [_LEFT_OUT if long else ""] * len(cells[column:end])
    if not found or name not in names:
        return None
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator="\r\n").writerows(lines)
    return written.getvalue().encode("utf-8-sig")


def bears(content: Headed, columns: Sequence[Column]) -> bool:
    """Whether the heading of a table names one of these columns; nothing below it is read."""
    above = list(islice(_each_line(content, columns), LINES_ABOVE))
    return any(_known(line, columns) for line in above)


def unknown_headings(content: Headed, columns: Sequence[Column], *, max_rows: int) -> tuple[list[str], list[Column]]:
    """What a heading names in other words: its headings that are no asked column, and the required columns it lacks.

    Both are empty when it could not be mended by saying which is which: fewer unknown headings than lacking columns.
    """
    _separator_of, lines = _read_lines(content, columns, max_rows)
    line = lines[_place(lines, columns)] if lines else []
    found = _known(line, columns)
    keys = {key for column in columns for key in column.keys}
    unknown = [cell.strip() for cell in line if heading_key(cell) and heading_key(cell) not in keys]
    lacking = [column for column in columns if column.required and column.name not in found]
    return (unknown, lacking) if found and len(set(unknown)) >= len(lacking) else ([], [])


def _read_lines(content: Headed, columns: Sequence[Column], max_rows: int) -> tuple[str, list[list[str]]]:
    """The separator and every line, at its place; lines that were read already are copied."""
    if not isinstance(content, bytes):
        return SEPARATORS[0], [list(line) for line in content]
    separator, text = _separator(_text(content), columns)
    return separator, _lines(text, separator, max_rows)


def _text(content: bytes) -> str:
    text = decode_text(content)[0]
    if "\x00" in text:
        raise _refused(
            "not_a_table", "El archivo no es un CSV de texto. Guárdalo otra vez como CSV y vuelve a subirlo."
        )
    return text


def _separator(text: str, columns: Sequence[Column]) -> tuple[str, str]:
    """The separator under which most asked headings are found, that of a `sep=` line first; the text below it."""
    said = _SEPARATOR_LINE.match(text)
    text = text[said.end() :] if said else text
    tried = dict.fromkeys([*([said[1]] if said and said[1] else []), *SEPARATORS])
    return max(tried, key=lambda separator: _headings_found(text, separator, columns)), text


def _headings_found(text: str, separator: str, columns: Sequence[Column]) -> int:
    try:
        return max((len(_known(line, columns)) for line in islice(_read(text, separator), LINES_ABOVE)), default=0)
    except csv.Error:
        return 0


def _read(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _lines(text: str, separator: str, max_rows: int) -> list[list[str]]:
    """Every line, none left out: their places are a spreadsheet's rows. Stops where too many are filled."""
    lines: list[list[str]] = []
    filled = 0
    try:
        for line in _read(text, separator):
            lines.append(line)
            filled += any(map(str.strip, line))
            if filled > max_rows + LINES_ABOVE:
                raise _too_many(max_rows)
    except csv.Error as error:
        raise _broken(len(lines) + 1) from error
    return lines


def _broken(line: int) -> RuleBroken:
    return _refused(
        "not_a_table",
        f"El archivo no se lee como tabla: tiene comillas o renglones rotos hacia el renglón {line:,}. "
        "Guárdalo otra vez como CSV y vuelve a subirlo.",
    )


def _too_many(max_rows: int) -> RuleBroken:
    return _refused("too_many_rows", f"El archivo trae más de {max_rows:,} renglones. Divídelo y súbelo por partes.")


def _known(line: Sequence[str], columns: Sequence[Column]) -> set[str]:
    """The asked columns that a line names."""
    keys = {heading_key(cell) for cell in line}
    return {column.name for column in columns if column.keys & keys}


def _place(lines: Sequence[Sequence[str]], columns: Sequence[Column]) -> int:
    """Where the heading stands: the line that names most of the asked columns."""
    return max(range(min(len(lines), LINES_ABOVE)), key=lambda number: len(_known(lines[number], columns)), default=0)


def _heading(lines: Sequence[Sequence[str]], columns: Sequence[Column]) -> tuple[int, list[str]]:
    """Where the heading stands and the name of each of its cells, empty for a column that nobody asked for."""
    place = _place(lines, columns)
    of_key = {key: column.name for column in columns for key in column.keys}
    names = [of_key.get(heading_key(cell), "") for cell in lines[place]]
    headings = {column.name: column.heading for column in columns}
    missing = [column.heading for column in columns if column.required and column.name not in names]
    if missing:
        _check_heading_letters(lines[place])
        raise _refused(
            "missing_columns",
            f"Al encabezado le falta: {', '.join(missing)}. Escribe esos títulos en la primera línea del archivo y "
            "súbelo otra vez.",
        )
    twice = [headings[name] for name, times in Counter(filter(None, names)).items() if times > 1]
    if twice:
        raise _refused(
            "repeated_column",
            f"El encabezado trae más de una vez: {', '.join(twice)}. Deja una columna de cada una y súbelo otra vez.",
        )
    return place, names


def _check_heading_letters(line: Sequence[str]) -> None:
    try:
        for cell in line:
            check_letters(cell)
    except Unreadable as error:
        raise _refused(error.code, f"En el encabezado, {error.message}") from error


class _Columns(NamedTuple):
    """The columns of a table while it is read: names, the exact ones, and what cells that came before say."""

    names: Sequence[str]
    exact: set[str]
    known: dict[str, str]


def _row(number: int, line: int, cells: Sequence[str], columns: _Columns) -> tuple[Row, list[Fault]]:
    names, exact, known = columns
    if any(cell.strip() for cell in cells[len(names) :]):
        return Row(number, line, {}), [Fault(number, line, "", "too_many_cells", TOO_MANY_CELLS)]
    read: dict[str, str] = {}
    faults = []
    for name, cell in zip(names, cells, strict=False):
        if not name:
            continue
        is_text = type(cell) is str  # a number of a sheet is one too, and equal to the text of its digits
        if is_text and (said := known.get(cell)) is not None:
            read[name] = said
            continue
        try:
            check_plain(cell)
            check_letters(cell)
            if name in exact and isinstance(cell, Number):
                raise Unreadable("number_for_code", NUMBER_FOR_CODE.format(cell=cell))
            read[name] = plain(cell)
            if is_text and len(known) < REMEMBERED:
                known[cell] = read[name]
        except Unreadable as error:
            faults.append(Fault(number, line, name, error.code, error.message))
    return Row(number, line, read), faults


NUMBER_FOR_CODE = (
    "«{cell}» está guardado como número y pudo perder ceros al principio. Da formato de texto a la celda, escribe otra "
    "vez la clave y guarda."
)
TOO_MANY_CELLS = "El renglón trae más celdas que columnas; quizá un importe lleva coma. Escribe 1500.00, sin coma."


def _refused(code: str, message: str) -> RuleBroken:
    return RuleBroken(message, code=code, field=FIELD)
