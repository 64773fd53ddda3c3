"""CSV of exactly what a list shows, by PostgreSQL's own COPY, streamed: memory does not grow with the rows.

One thread writes COPY's output into a pipe, the response reads the other end: a slow reader slows PostgreSQL down
instead of filling memory. A failure in the middle breaks the download, so that half a list never looks whole.
"""

from __future__ import annotations

import csv
import io
import os
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from portal import access
from portal.listing.columns import Column, Kind, Listing
from portal.zones import MEXICO_CITY

CHUNK = 64 * 1024
LONGEST = "10min"
EXPORTS, EXPORTS_WINDOW = 30, 600  # files of one person in ten minutes
# A spreadsheet takes a cell that starts like this for a formula (OWASP, CSV injection).
_FORMULA_STARTS = "'=', '+', '-', '@', E'\\t', E'\\r', E'\\n', '＝', '＋', '－', '＠'"
# «Ana;=1+1» is a name here, and a name and a formula where semicolons part the columns.
_FORMULA_INSIDE = r"""'([;\t|]["\s]*)([=+@＝＋－＠-])', '\1''\2', 'g'"""
_BOM = "\ufeff"  # Excel reads accents only with it


def export(
    request: HttpRequest, listing: Listing, queryset: QuerySet[Any], name: str, *, at: datetime, own: bool = False
) -> HttpResponseBase:
    """The list as a file for whoever asked: recorded (AD-01), and 30 in ten minutes at most (OP-08).

    Unless the rows are the person's `own` business, a proof up to 5 minutes old is asked for first (AU-08); from there
    the way leads back to the list, where the file is asked for once more: a page that answers with a file stays open.
    """
    from portal.history.services import record_export  # noqa: PLC0415 - needs models, and this room is imported
    from portal.once.services import throttle  # noqa: PLC0415 - by app registries before they are ready

    user: Any = request.user
    if not own and not access.is_fresh(request):
        return access.to_confirm(request, back=f"{request.path}{_without_format(request)}")
    throttle(scope="export", key=str(user.pk), limit=EXPORTS, window=EXPORTS_WINDOW)
    record_export(name=listing.name, model=queryset.model, by=user, at=at)
    return csv_response(listing, queryset, name)


def _without_format(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked.pop("formato", None)
    return f"?{asked.urlencode()}" if asked else ""


def csv_response(listing: Listing, queryset: QuerySet[Any], name: str) -> StreamingHttpResponse:
    """The rows of a list as `name.csv`, in the list's order. `queryset` is what the person may see, already filtered.

    Money and numbers are written with a point and no thousands mark; dates as ISO; instants in central Mexico;
    states in words; texts that a spreadsheet would run as a formula get an apostrophe in front, also behind a
    semicolon, a tab or a bar, which part the columns in other countries' spreadsheets.
    """
    columns = [column for column in listing.columns if column.export]
    stream = _stream(_header(columns), _copy(listing, columns, queryset))
    response = StreamingHttpResponse(stream, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["X-Accel-Buffering"] = "no"
    return response


def _header(columns: list[Column]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([column.label for column in columns])
    return (_BOM + line.getvalue()).encode()


def _copy(listing: Listing, columns: list[Column], queryset: QuerySet[Any]) -> bytes:
    """The COPY statement with its parameters inside, quoted by the driver; empty when there is nothing to ask."""
    chosen = queryset.annotate(**listing.expressions).order_by(*listing.order).values_list(*[c.alias for c in columns])
    try:
        inner, parameters = chosen.query.sql_with_params()
    except EmptyResultSet:  # Django knows that nothing can match, for example `.none()`
        return b""
    names = [f"c{number}" for number in range(len(columns))]
    shown = ", ".join(_shown(column, name) for column, name in zip(columns, names, strict=True))
    with connection.cursor() as cursor:
        wanted: bytes = cursor.cursor.mogrify(inner, parameters)
        labels: bytes = cursor.cursor.mogrify(shown, [part for column in columns for part in _label_parameters(column)])
    return b"COPY (SELECT %s FROM (%s) AS listed (%s)) TO STDOUT WITH (FORMAT csv)" % (
        labels,
        wanted,
        ", ".join(names).encode(),
    )


def _shown(column: Column, name: str) -> str:
    if column.kind in {Kind.MONEY, Kind.NUMBER, Kind.DATE}:
        return name
    if column.kind == Kind.INSTANT:
        return f"to_char({name} AT TIME ZONE '{MEXICO_CITY}', 'YYYY-MM-DD HH24:MI:SS')"
    if column.labels:
        whens = " ".join("WHEN %s THEN %s" for _ in column.labels)
        name = f"(CASE {name}::text {whens} ELSE {name}::text END)"
    safe = f"regexp_replace({name}::text, {_FORMULA_INSIDE})"
    return f"(CASE WHEN left({name}::text, 1) IN ({_FORMULA_STARTS}) THEN '''' || {safe} ELSE {safe} END)"


def _label_parameters(column: Column) -> list[str]:
    """The label table's pairs, once for each time `_shown` writes the expression."""
    if not column.labels or column.kind in {Kind.MONEY, Kind.NUMBER, Kind.DATE, Kind.INSTANT}:
        return []
    pairs = [
        (str(key).lower() if isinstance(key, bool) else str(key), str(words)) for key, words in column.labels.items()
    ]
    return [part for pair in pairs for part in pair] * 3


def _stream(header: bytes, statement: bytes) -> Iterator[bytes]:
    """The header, then COPY's bytes as they come."""
    yield header
    if not statement:
        return
    database: Any = connections["default"]  # the object itself: whoever closes the stream may be another thread
    database.ensure_connection()
    raw = database.connection
    reading, writing = os.pipe()
    failure: list[BaseException] = []
    producer = threading.Thread(target=_produce, args=(raw, statement, writing, failure), daemon=True)
    own_transaction = not database.in_atomic_block
    _run(raw, f"BEGIN READ ONLY; SET LOCAL statement_timeout = '{LONGEST}'" if own_transaction else "")
    producer.start()
    finished = False
    try:
        with os.fdopen(reading, "rb", buffering=0) as pipe:
            while chunk := pipe.read(CHUNK):
                yield chunk
        producer.join()
        finished = not failure
        if failure:
            raise failure[0]
        _run(raw, "COMMIT" if own_transaction else "")
    finally:
        if not finished:  # the reader went away or COPY broke: the connection is in the middle of something
            raw.cancel()
            producer.join()
            raw.close()
            if own_transaction:
                database.connection = None


def _produce(raw: Any, statement: bytes, writing: int, failure: list[BaseException]) -> None:
    try:
        with os.fdopen(writing, "wb", buffering=CHUNK) as pipe, raw.cursor() as cursor:
            cursor.copy_expert(statement, pipe)
    except BaseException as error:  # noqa: BLE001 - handed to the reading thread, which raises it
        failure.append(error)


def _run(raw: Any, statement: str) -> None:
    if statement:
        with raw.cursor() as cursor:
            cursor.execute(statement)
