"""The lines of an Excel sheet, inside the limited child: cells as text, exactly as the file has them. Pure.

A number is the decimal that is written, a day is `2026-11-22`, an instant `2026-11-22 10:30:00`, a flag `sí` or `no`. A
cell with a formula is marked and never gives its stored value, nor does one that an array formula or a data table fills
from another cell; a cell that is an error says so (UP-12).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from portal.errors import Finding, Level
from portal.imports.rules.cells import FAULTY, FORMULA, NUMBER
from portal.papers.judgement import Judgement

LINES = "_lines"  # the fact that holds them; never stored
MAX_ROWS = 50_000  # bigger deliveries come as CSV
MAX_CELLS = 125_000  # filled ones, 10,400 rows of 12: six of the seconds that a child may take, which has eight
MAX_COLUMNS = 500
LAST_ROW = 1_048_576  # of any spreadsheet
_SIGN = b"PK\x03\x04"
_AGAIN = "Ábrela, guárdala otra vez como «Libro de Excel (.xlsx)» y sube esa copia."
HIDDEN = Finding(
    "sheet.hidden", Level.ERROR, "El libro de Excel no muestra ninguna hoja.", "Muestra la que trae los datos."
)
TOO_WIDE = Finding(
    "sheet.too_wide",
    Level.ERROR,
    f"La hoja trae más de {MAX_COLUMNS} columnas o pasa del último renglón que abre Excel.",
    "Deja solo los renglones y columnas con datos y súbela otra vez.",
)
TOO_MANY_CELLS = Finding(
    "sheet.too_many_cells",
    Level.ERROR,
    f"La hoja trae más de {MAX_CELLS:,} celdas, y de Excel no alcanzamos a leer tantas.",
    "Ábrela, guárdala como CSV y sube esa copia: así caben más renglones.",
)
_ROUNDED = timedelta(microseconds=500_000)
_FILLED = [FORMULA, "="]  # a cell that a formula elsewhere fills
Block = tuple[int, int, int, int]  # first column, first row, last column, last row


class _Refused(Exception):
    """Why the sheet as a whole is not read: one finding."""


def check(content: bytes, context: Mapping[str, Any]) -> Judgement:
    """The lines of the first sheet that is shown, as facts; nothing for a file that is text.

    Context: `rows`, how many filled lines may come; `only`, how many are wanted (0: all).
    """
    if not content.startswith(_SIGN):
        return Judgement()
    try:
        lines = _lines(content, min(int(context["rows"]), MAX_ROWS), int(context.get("only", 0)))
    except _Refused as refused:
        return Judgement(refused.args)
    except MemoryError:
        raise
    except Exception:  # openpyxl's reader raises whatever its parts raise
        return Judgement((Finding("sheet.broken", Level.ERROR, "La hoja de Excel está dañada y no se lee.", _AGAIN),))
    return Judgement((), {LINES: lines})


def _lines(content: bytes, most: int, only: int) -> list[list[Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl does not keep is nothing that we read
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
        if sheet is None:
            raise _Refused(HIDDEN)
        sheet.reset_dimensions()  # what a file says of its size is often wrong
        lines: list[list[Any]] = []
        blocks: list[Block] = []
        filled = cells = 0
        for line in _rows(sheet, blocks):
            lines.append(line)
            filled, cells = filled + bool(line), cells + len(line)
            if only and filled >= only:
                break
            if cells > MAX_CELLS:
                raise _Refused(TOO_MANY_CELLS)
            if filled > most:
                cure = "Divídela y súbela por partes, o guárdala como CSV."
                raise _Refused(Finding("too_many_rows", Level.ERROR, f"La hoja trae más de {most:,} renglones.", cure))
        while lines and not lines[-1]:
            lines.pop()
        for block in blocks:
            _disbelieve(lines, block)
        return lines


def _rows(sheet: Any, blocks: list[Block]) -> Iterator[list[Any]]:
    """Each row; what its formulas fill besides their own cell goes to `blocks`: their other cells show values alone."""
    for number, row in enumerate(sheet.iter_rows(), start=1):
        line = [_cell(cell) for cell in row]
        blocks += [block for cell in row if (block := _block(cell.value)) is not None]
        while line and line[-1] == "":
            line.pop()
        if number > LAST_ROW or len(line) > MAX_COLUMNS:
            raise _Refused(TOO_WIDE)
        yield line


def _block(value: Any) -> Block | None:
    if not isinstance(value, ArrayFormula | DataTableFormula) or value.ref is None:
        return None
    left, top, right, bottom = range_boundaries(value.ref)
    return left or 1, top or 1, right or MAX_COLUMNS, bottom or LAST_ROW


def _disbelieve(lines: list[list[Any]], block: Block) -> None:
    left, top, right, bottom = block
    for line in lines[top - 1 : bottom]:
        filled = line[left - 1 : right]
        line[left - 1 : right] = [cell if isinstance(cell, list) and cell[0] == FORMULA else _FILLED for cell in filled]


def _cell(cell: Any) -> Any:
    """A cell as text, or [mark, text] for one that is not what it shows."""
    value = cell.value
    if cell.data_type == "f":
        return [FORMULA, value if isinstance(value, str) else "="]
    if value is None or isinstance(value, str):
        return [FAULTY, value] if cell.data_type == "e" and value else value or ""
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, int | float):
        return _number(value)
    return _moment(value)


def _number(value: float) -> list[str]:
    exact = Decimal(repr(value))
    if not exact.is_finite():
        return [FAULTY, str(value)]
    whole = exact == exact.to_integral_value()
    return [NUMBER, format(exact.to_integral_value() if whole else exact, "f")]


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        value = (value + _ROUNDED).replace(microsecond=0)
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)
