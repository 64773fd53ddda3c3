"""XLSX of exactly what a list shows: PostgreSQL writes each row's XML, Python only zips it, streamed (G4).

Typed cells, a frozen heading, and a sheet «Cómo se obtuvo» that says which filters, how many rows, which sums, and the
hash of the rows. Texts are inline strings: a spreadsheet never takes one for a formula. Everything comes from one
snapshot of the database.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from portal.listing import copying, sealed
from portal.listing.columns import Column, Kind, Listing
from portal.listing.how import Told, how, sums, untold

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_SHEET = 1_048_576  # rows that a spreadsheet opens, the heading included
LONGEST_TEXT = 32_767  # letters that a cell holds
HOW = "Cómo se obtuvo"
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Places in the table of styles below.
_PLAIN, _BOLD, _CENTS, _WHOLE, _DAY, _INSTANT = range(6)
_STYLES = f"""{_HEAD}<styleSheet {_MAIN}><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>\
<numFmt numFmtId="165" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6">\
<xf/><xf fontId="1" applyFont="1"/><xf numFmtId="4" applyNumberFormat="1"/><xf numFmtId="3" applyNumberFormat="1"/>\
<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
_WIDTHS = {Kind.MONEY: 16, Kind.NUMBER: 12, Kind.DATE: 12, Kind.INSTANT: 17, Kind.STATE: 22}


def xlsx_response(listing: Listing, queryset: QuerySet[Any], name: str, *, told: Told) -> StreamingHttpResponse:
    """The rows of a list as `name.xlsx`, in their order or the list's own. `queryset` is already filtered.

    Money and numbers are numbers, days and instants dates of central Mexico or the row's own zone (days before March
    1900, which a spreadsheet counts wrong, are text), states words. Above 1,048,575 rows the list goes on in a further
    sheet.
    """
    response = StreamingHttpResponse(workbook(listing, queryset, told=told), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response["X-Accel-Buffering"] = "no"
    return response


def workbook(
    listing: Listing, queryset: QuerySet[Any], *, told: Told, note: Callable[[int], None] = untold
) -> Iterator[bytes]:
    """The file's bytes as they come; `note` is told how many rows are in it."""
    columns = [column for column in listing.columns if column.export]
    sink = _Sink()
    rows = _Rows(columns)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, copying.snapshot() as view:
        question = copying.asked(listing, columns, queryset)
        lines = view.copied(_copy(columns, question)) if question else iter(())
        if opening := sealed.openers(columns, queryset.model):
            lines = sealed.in_xlsx(lines, opening, LONGEST_TEXT)
        for _part in rows.sheets(archive, lines):
            yield sink.taken()
            note(rows.count)
        added = sums(columns, question, view) if question else []
        _write(archive, f"xl/worksheets/sheet{rows.sheet_count + 1}.xml", _how(listing, told, rows, added))
        for path, content in _frame(listing, rows.sheet_count).items():
            _write(archive, path, content)
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Where the zip is written; its bytes are taken away as they come, so that nothing piles up."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        """What came since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


class _Rows:
    """The sheets of rows, counted and hashed while they pass."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.count = 0
        self.sheet_count = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of the rows' XML as it stands in the sheets, one after the other, each line with its end."""
        return self._digest.hexdigest()

    def sheets(self, archive: zipfile.ZipFile, chunks: Iterator[bytes]) -> Iterator[None]:
        """Write them into the archive; gives control back after each chunk."""
        rest, ended = b"", False
        while not ended:
            self.sheet_count += 1
            with archive.open(f"xl/worksheets/sheet{self.sheet_count}.xml", "w", force_zip64=True) as sheet:
                sheet.write(_opening(self.columns).encode())
                room = LONGEST_SHEET - 1
                while room and not ended:
                    chunk = rest or next(chunks, b"")
                    ended = not chunk
                    here, rest, lines = _up_to(chunk, room)
                    room -= lines
                    self.count += lines
                    self._digest.update(here)
                    sheet.write(here)
                    yield
                if not ended and not rest:
                    rest = next(chunks, b"")
                    ended = not rest
                sheet.write(b"</sheetData>" + _filter(self.columns, LONGEST_SHEET - room) + b"</worksheet>")


def _up_to(chunk: bytes, lines: int) -> tuple[bytes, bytes, int]:
    """A chunk parted after so many line ends, and how many it has before."""
    found = chunk.count(b"\n")
    if found < lines:
        return chunk, b"", found
    place = -1
    for _ in range(lines):
        place = chunk.index(b"\n", place + 1)
    return chunk[: place + 1], chunk[place + 1 :], lines


# --- rows, written by PostgreSQL ------------------------------------------------------------------------------------


def _copy(columns: Sequence[Column], question: tuple[bytes, list[str]]) -> bytes:
    """One line a row. Texts hold no control character, so the quote below stands in none and COPY never quotes."""
    wanted, aliases = question
    names = {alias: f"c{number}" for number, alias in enumerate(aliases)}
    cells = b" || ".join(
        sealed.xlsx_cell(at, names[column.alias]) if column.sealed else _cell(column, names)
        for at, column in enumerate(columns)
    )
    return b"COPY (SELECT '<row>' || %s || '</row>' FROM (%s) AS listed (%s)) TO STDOUT %s" % (
        cells,
        wanted,
        ", ".join(names.values()).encode(),
        b"WITH (FORMAT csv, QUOTE E'\\x01', ESCAPE E'\\x01', DELIMITER E'\\x02')",
    )


def _cell(column: Column, names: dict[str, str]) -> bytes:
    name = names[column.alias]
    if column.kind == Kind.MONEY:
        whole = f"{names[column.currency_path]} = 'CLP'" if column.currency_path else str(column.currency == "CLP")
        style = f"CASE WHEN {whole} THEN '{_WHOLE}' ELSE '{_CENTS}' END"
        return f"COALESCE('<c s=\"' || {style} || '\"><v>' || {name}::text || '</v></c>', '<c/>')".encode()
    if column.kind == Kind.NUMBER:
        return f"COALESCE('<c s=\"{_WHOLE}\"><v>' || {name}::text || '</v></c>', '<c/>')".encode()
    if column.kind == Kind.DATE:
        day = copying.day(name, copying.zone(column, names))
        return _counted(day, f"({day} - DATE '1899-12-30')", _DAY)
    if column.kind == Kind.INSTANT:
        local = f"({name} AT TIME ZONE {copying.zone(column, names)})"
        days = f"round((extract(epoch FROM {local} - TIMESTAMP '1899-12-30') / 86400)::numeric, 8)"
        return _counted(f"date_trunc('second', {local})", days, _INSTANT)
    return _text(copying.words(column, name))


def _counted(value: str, days: str, style: int) -> bytes:
    """A day as spreadsheets count it; they take 1900 for a leap year, so days before its March are text."""
    number = f"'<c s=\"{style}\"><v>' || {days} || '</v></c>'"
    text = f"'<c t=\"inlineStr\"><is><t>' || {value} || '</t></is></c>'"
    return f"COALESCE(CASE WHEN {value} >= DATE '1900-03-01' THEN {number} ELSE {text} END, '<c/>')".encode()


def _text(value: bytes) -> bytes:
    """Escaped in SQL; a `_x0041_` that somebody typed would be read as a letter, so its first line is escaped too."""
    clean = b"regexp_replace(left(%s, %d), '[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]', '', 'g')" % (
        value,
        LONGEST_TEXT,
    )
    clean = b"regexp_replace(%s, '_(?=x[0-9A-Fa-f]{4}_)', '_x005F_', 'g')" % clean
    for letter, told in ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;")):
        clean = b"replace(%s, '%s', '%s')" % (clean, letter, told)
    clean = b"replace(replace(%s, E'\\r', '&#13;'), E'\\n', '&#10;')" % clean
    opening, closing = b'<c t="inlineStr"><is><t xml:space="preserve">', b"</t></is></c>"
    return b"COALESCE('%s' || %s || '%s', '<c/>')" % (opening, clean, closing)


# --- the frame, written by Python ------------------------------------------------------------------------------------


def _opening(columns: Sequence[Column]) -> str:
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{_WIDTHS.get(Kind(column.kind), 28)}" customWidth="1"/>'
        for number, column in enumerate(columns, start=1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    heading = "".join(_told_cell(column.label, style=_BOLD) for column in columns)
    views = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f"{_HEAD}<worksheet {_MAIN}>{views}<cols>{widths}</cols><sheetData><row>{heading}</row>\n"


def _filter(columns: Sequence[Column], rows: int) -> bytes:
    return f'<autoFilter ref="A1:{_letter(len(columns))}{rows}"/>'.encode()


def _letter(number: int) -> str:
    """The name of a column: 1 is A, 27 is AA."""
    name = ""
    while number:
        number, place = divmod(number - 1, 26)
        name = chr(65 + place) + name
    return name


def _told_cell(text: str, *, style: int = _PLAIN) -> str:
    shown = escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _how(listing: Listing, told: Told, rows: _Rows, added: Sequence[tuple[str, str]]) -> str:
    """The sheet that says what was asked and what came out, so that somebody else can ask the same."""
    said = how(listing, told, rows=rows.count, added=added, sha256=rows.sha256)
    lines = "".join(f"<row>{_told_cell(name, style=_BOLD)}{_told_cell(text)}</row>" for name, text in said)
    sizes = enumerate((30, 70), start=1)
    widths = "".join(f'<col min="{place}" max="{place}" width="{size}" customWidth="1"/>' for place, size in sizes)
    return f"{_HEAD}<worksheet {_MAIN}><cols>{widths}</cols><sheetData>{lines}</sheetData></worksheet>"


def _frame(listing: Listing, count: int) -> dict[str, str]:
    """The parts that name the others."""
    title = "".join(" " if letter in "[]:*?/\\" else letter for letter in listing.title)[:27].strip() or "Lista"
    names = [title, *(f"{title} {number}" for number in range(2, count + 1)), HOW]
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    parts = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_SHEET}.worksheet+xml"/>'
        for number in numbers
    )
    relations = f'xmlns="{_PACKAGE}/relationships"'
    styles = f'<Relationship Id="rId{len(names) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    return {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": f'{_HEAD}<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"{_HEAD}<Relationships {relations}>{parts}{styles}</Relationships>",
        "_rels/.rels": (
            f"{_HEAD}<Relationships {relations}>"
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET}.styles+xml"/>{kinds}</Types>'
        ),
    }


def _write(archive: zipfile.ZipFile, path: str, content: str) -> None:
    archive.writestr(path, content.encode())
