"""PDF of exactly what a list shows, set by reportlab: long tables in the house's face, to print and to file.

Each page repeats the headings and says which it is of how many; the last one says how the list was obtained (filters,
zone, rows, sums, the hash of what is told), as the spreadsheet's sheet does. Rows and sums come from one snapshot.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from django.contrib.staticfiles import finders
from django.db.models import QuerySet
from django.http import HttpResponse
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import landscape, letter
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, SimpleDocTemplate, Spacer, Table, TableStyle

from portal.listing import copying, sealed
from portal.listing.cells import writer
from portal.listing.columns import Column, Kind, Listing
from portal.listing.how import Told, how, sums, untold

CONTENT_TYPE = "application/pdf"
PLAIN, BOLD = "Hanken", "Hanken-Bold"
_SIZE, _LEADING, _MARGIN, _PADDING, _FRAME = 7.5, 9.5, 12 * mm, 5, 6  # points; the last is reportlab's own
_PAGE = landscape(letter)
_WIDTH = _PAGE[0] - 2 * _MARGIN
_TEXT, _QUIET, _LINE, _HEAD = HexColor("#10201e"), HexColor("#4d5f5c"), HexColor("#d5dcd9"), HexColor("#eef3f1")
# How wide a column is beside the others, and how much of a text that no page holds is told.
_SHARE = {Kind.MONEY: 1.1, Kind.NUMBER: 0.8, Kind.DATE: 1.0, Kind.INSTANT: 1.4, Kind.STATE: 1.5, Kind.LINK: 1.4}
_MOST_LINES = 12
_RIGHT = {Kind.MONEY, Kind.NUMBER}


def pdf_response(listing: Listing, queryset: QuerySet[Any], name: str, *, told: Told) -> HttpResponse:
    """The rows of a list as `name.pdf`, letter across, in their order or the list's own; `queryset` is filtered."""
    response = HttpResponse(document(listing, queryset, told=told), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


def document(listing: Listing, queryset: QuerySet[Any], *, told: Told, note: Callable[[int], None] = untold) -> bytes:
    """The file's bytes; its cells say what the page's cells say. `note` is told how many rows are set."""
    _register()
    columns = [column for column in listing.columns if column.export]
    with copying.snapshot() as view:
        question = copying.asked(listing, columns, queryset)
        opening = sealed.openers(columns, queryset.model)
        rows = list(_cells(columns, question, view, opening)) if question else []
        added = sums(columns, question, view) if question else []
    digest = hashlib.sha256("\n".join("\t".join(row) for row in rows).encode()).hexdigest()
    target = io.BytesIO()
    frame = SimpleDocTemplate(
        target,
        pagesize=_PAGE,
        title=listing.title,
        author="Cauce",
        lang="es",
        leftMargin=_MARGIN - _FRAME,
        rightMargin=_MARGIN - _FRAME,
        topMargin=_MARGIN + 10 * mm,
        bottomMargin=_MARGIN + 6 * mm,
    )
    said = how(listing, told, rows=len(rows), added=added, sha256=digest)
    story = [_table(columns, rows, note), Spacer(1, 8 * mm), _said([("Cómo se obtuvo", ""), *said])]
    frame.build(story, canvasmaker=partial(_Numbered, listing.title, f"Cauce · {told.by}"))
    return target.getvalue()


@cache
def _register() -> None:
    """The typeface, once a process."""
    for name, weight in ((PLAIN, 400), (BOLD, 600)):
        pdfmetrics.registerFont(TTFont(name, finders.find(f"fonts/hanken-{weight}.ttf")))


def _cells(
    columns: Sequence[Column],
    question: tuple[bytes, list[str]],
    view: copying.Snapshot,
    opening: dict[int, sealed.Opener],
) -> Iterator[list[str]]:
    statement, aliases = question
    places = {alias: at for at, alias in enumerate(aliases)}
    writers = [writer(replace(column, href=None), places) for column in columns]
    for row in view.rows(statement):
        told = list(row)
        for at, opened in opening.items():
            told[at] = opened(told[at])
        yield [write(told).text for write in writers]


def _table(columns: Sequence[Column], rows: Sequence[Sequence[str]], note: Callable[[int], None]) -> LongTable:
    class Noted(LongTable):  # type: ignore[misc]
        """A table that tells at each page how many of its rows stand on those before the next."""

        def split(self, *room: Any) -> list[Any]:
            parts: list[Any] = super().split(*room)
            if len(parts) > 1:
                note(len(rows) - (parts[1]._nrows - 1))  # the heading is repeated
            return parts

    shares = [_SHARE.get(Kind(column.kind), 2.0) for column in columns]
    widths = [_WIDTH * share / sum(shares) for share in shares]
    heading = [_lines(column.label, width, BOLD) for column, width in zip(columns, widths, strict=True)]
    body = [[_lines(text, width, PLAIN) for text, width in zip(row, widths, strict=True)] for row in rows]
    style = [
        ("FONT", (0, 0), (-1, -1), PLAIN, _SIZE, _LEADING),
        ("FONT", (0, 0), (-1, 0), BOLD, _SIZE, _LEADING),
        ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
        ("TEXTCOLOR", (0, 0), (-1, -1), _TEXT),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        *(("ALIGN", (at, 0), (at, -1), "RIGHT") for at, one in enumerate(columns) if one.kind in _RIGHT),
    ]
    return Noted([heading, *body], colWidths=widths, repeatRows=1, style=TableStyle(style))


def _said(said: Sequence[tuple[str, str]]) -> Table:
    widths = [55 * mm, _WIDTH - 55 * mm]
    rows = [[_lines(name, widths[0], BOLD), _lines(text, widths[1], PLAIN)] for name, text in said]
    style = [
        ("FONT", (0, 0), (0, -1), BOLD, _SIZE, _LEADING),
        ("FONT", (1, 0), (1, -1), PLAIN, _SIZE, _LEADING),
        ("TEXTCOLOR", (0, 0), (-1, -1), _TEXT),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
    return Table(rows, colWidths=widths, style=TableStyle(style), hAlign="LEFT")


def _lines(text: str, width: float, font: str) -> str:
    """A text in the lines of its column; one that would fill pages is cut, and says so."""
    room = width - 2 * _PADDING
    if "\n" not in text and pdfmetrics.stringWidth(text, font, _SIZE) <= room:
        return text
    lines = [part for line in simpleSplit(text, font, _SIZE, room) for part in _cut(line, font, room)]
    return "\n".join(lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "…"])


def _cut(line: str, font: str, room: float) -> Iterator[str]:
    """A line in pieces that fit: a fiscal folio has no blank to part it at."""
    while line and pdfmetrics.stringWidth(line, font, _SIZE) > room:
        fits = max(1, int(len(line) * room / pdfmetrics.stringWidth(line, font, _SIZE)))
        while fits > 1 and pdfmetrics.stringWidth(line[:fits], font, _SIZE) > room:
            fits -= 1
        yield line[:fits]
        line = line[fits:]
    yield line


class _Numbered(Canvas):  # type: ignore[misc]
    """A canvas that knows at the end how many pages there are, and draws head and foot on each then."""

    def __init__(self, title: str, by: str, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._title, self._by, self._pages = title, by, []

    def showPage(self) -> None:
        """Keep the page for later."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Draw what stands around each page, and end the file."""
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFillColor(_TEXT)
            self.setFont(BOLD, 12)
            self.drawString(_MARGIN, _PAGE[1] - _MARGIN - 3 * mm, self._title)
            self.setFillColor(_QUIET)
            self.setFont(PLAIN, _SIZE)
            self.drawString(_MARGIN, _MARGIN, self._by)
            self.drawRightString(_PAGE[0] - _MARGIN, _MARGIN, f"Página {number} de {len(self._pages)}")
            super().showPage()
        super().save()
