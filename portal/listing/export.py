"""The files of a list, and its CSV: exactly what it shows, written by PostgreSQL's own COPY."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from portal import access
from portal.listing import copying, registry, sealed, xlsx
from portal.listing.columns import Column, Kind, Listing
from portal.listing.how import Told, untold
from portal.listing.selection import Selection

EXPORTS, EXPORTS_WINDOW = 30, 600  # files of one person in ten minutes
AT_ONCE = {"csv": 50_000, "xlsx": 50_000, "pdf": 5_000}  # rows of a file that a request makes; longer ones a drain
# A spreadsheet takes a cell that starts like this for a formula (OWASP, CSV injection).
_FORMULA_STARTS = "'=', '+', '-', '@', E'\\t', E'\\r', E'\\n', '＝', '＋', '－', '＠'"
# «Ana;=1+1» is a name here, and a name and a formula where semicolons part the columns.
_FORMULA_INSIDE = r"""'([;\t|]["\s]*)([=+@＝＋－＠-])', '\1''\2', 'g'"""
_BOM = "\ufeff"  # Excel reads accents only with it


def export(request: HttpRequest, asked: Selection, wanted: str, *, at: datetime) -> HttpResponseBase:
    """The list as a file (csv, xlsx, pdf) for whoever asked: recorded (AD-01), and 30 in ten minutes at most (OP-08).

    Unless the rows are the person's own business, a proof up to 5 minutes old is asked for first (AU-08); from there
    the way leads back to the list, where the file is asked for once more: a page that answers with a file stays open.
    """
    from portal.history.services import record_export  # needs models, and this room is imported
    from portal.once.services import throttle  # by app registries before they are ready

    listing, user, rows = asked.listing, asked.user, asked.ordered
    if not listing.own and not access.is_fresh(request):
        return access.to_confirm(request, back=f"{request.path}{_without_format(request)}")
    throttle(scope="export", key=str(user.pk), limit=EXPORTS, window=EXPORTS_WINDOW)
    most = AT_ONCE[wanted]
    long = asked.rows.order_by().values(*listing.keys)[: most + 1].count() > most
    if long and (offer := registry.offer_later(request, asked, wanted)) is not None:
        return offer
    trace = record_export(name=listing.name, model=rows.model, file=wanted, by=user, at=at)
    if isinstance(trace, rows.model):  # the page that was asked for as a file does not hold this very asking
        rows = rows.exclude(pk=trace.pk)
    name = listing.file_name or listing.name
    if wanted == "csv":
        return csv_response(listing, rows, name)
    if wanted == "pdf":
        return _pdf().pdf_response(listing, rows, name, told=told(asked, at))
    return xlsx.xlsx_response(listing, rows, name, told=told(asked, at))


def _pdf() -> Any:
    from portal.listing import pdf  # slow to import, and most who ask for a page want no file

    return pdf


def told(asked: Selection, at: datetime) -> Told:
    """What «Cómo se obtuvo» says of a selection."""
    return Told(filters=asked.narrowed_by, at=at, by=str(asked.user))


def content(asked: Selection, file: str, *, at: datetime, note: Callable[[int], None] = untold) -> Iterator[bytes]:
    """The bytes of a whole file (csv, xlsx, pdf), for whoever stores it; `note` is told how many rows are in it."""
    if file == "pdf":
        return iter([_pdf().document(asked.listing, asked.ordered, told=told(asked, at), note=note)])
    if file == "xlsx":
        return xlsx.workbook(asked.listing, asked.ordered, told=told(asked, at), note=note)
    return _counted(_rows_as_csv(asked.listing, asked.ordered), note)


def _counted(lines: Iterator[bytes], note: Callable[[int], None]) -> Iterator[bytes]:
    read = -1  # the header
    for piece in lines:
        yield piece
        read += piece.count(b"\n")
        note(read)


def _without_format(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked.pop("formato", None)
    return f"?{asked.urlencode()}" if asked else ""


def csv_response(listing: Listing, queryset: QuerySet[Any], name: str) -> StreamingHttpResponse:
    """The rows of a list as `name.csv`, in their order or the list's own. `queryset` is already filtered.

    Money and numbers are written with a point and no thousands mark; dates as ISO, those of an instant in the days of
    central Mexico, or of the row's own zone, like the page's; instants there too; states, and what is missing, in the
    page's words; texts that a spreadsheet would run as a formula get an apostrophe in front, also behind a semicolon, a
    tab or a bar, which part the columns in other countries' spreadsheets.
    """
    response = StreamingHttpResponse(_rows_as_csv(listing, queryset), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["X-Accel-Buffering"] = "no"
    return response


def _header(columns: list[Column]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([column.label for column in columns])
    return (_BOM + line.getvalue()).encode()


def _copy(listing: Listing, columns: list[Column], queryset: QuerySet[Any]) -> bytes:
    """The COPY statement; empty when there is nothing to ask."""
    if (found := copying.asked(listing, columns, queryset)) is None:
        return b""
    wanted, aliases = found
    names = {alias: f"c{number}" for number, alias in enumerate(aliases)}
    shown = b", ".join(_shown(column, names) for column in columns)
    return b"COPY (SELECT %s FROM (%s) AS listed (%s)) TO STDOUT WITH (FORMAT csv)" % (
        shown,
        wanted,
        ", ".join(names.values()).encode(),
    )


def _shown(column: Column, names: dict[str, str]) -> bytes:
    name = names[column.alias]
    if column.sealed or column.kind in {Kind.MONEY, Kind.NUMBER}:
        return name.encode()
    if column.kind == Kind.DATE:
        return copying.day(name, copying.zone(column, names)).encode()
    if column.kind == Kind.INSTANT:
        local = f"{name} AT TIME ZONE {copying.zone(column, names)}"
        return f"to_char({local}, 'YYYY-MM-DD HH24:MI:SS')".encode()
    said = copying.words(column, name)
    safe = b"regexp_replace(%s, %s)" % (said, _FORMULA_INSIDE.encode())
    starts = _FORMULA_STARTS.encode()
    return b"(CASE WHEN left(%s, 1) IN (%s) THEN '''' || %s ELSE %s END)" % (said, starts, safe, safe)


def _rows_as_csv(listing: Listing, queryset: QuerySet[Any]) -> Iterator[bytes]:
    """The header, then COPY's bytes as they come, what is sealed opened."""
    columns = [column for column in listing.columns if column.export]
    statement, opening = _copy(listing, columns, queryset), sealed.openers(columns, queryset.model)
    yield _header(columns)
    if statement:
        with copying.snapshot() as view:
            rows = view.copied(statement)
            yield from sealed.in_csv(rows, opening) if opening else rows
