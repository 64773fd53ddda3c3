"""Rows as PostgreSQL writes them: one COPY, streamed from one snapshot, so that memory does not grow with the rows.

One thread writes COPY's output into a pipe, the response reads the other end: a slow reader slows PostgreSQL down
instead of filling memory. A failure in the middle breaks the download, so that half a list never looks whole.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import QuerySet

from portal.listing.columns import NOTHING, Column, Listing
from portal.zones import MEXICO_CITY

CHUNK = 64 * 1024
LONGEST = "10min"


def asked(listing: Listing, columns: list[Column], queryset: QuerySet[Any]) -> tuple[bytes, list[str]] | None:
    """What a list asks for, in the rows' order or its own, parameters inside, and the name of each column in it.

    None where Django knows that nothing can match, for example `.none()`.
    """
    chosen = queryset if listing.groups else queryset.annotate(**listing.expressions)
    if not chosen.query.order_by:
        chosen = chosen.order_by(*listing.order)
    beside = [path for column in columns for path in (column.currency_path, column.zone_path) if path]
    wanted = list(dict.fromkeys([*(column.alias for column in columns), *beside]))
    try:
        inner, parameters = chosen.values_list(*wanted).query.sql_with_params()
    except EmptyResultSet:
        return None
    return quoted(inner, parameters), wanted


def quoted(statement: str, parameters: Any) -> bytes:
    """A statement with its parameters inside, quoted by the driver."""
    with connection.cursor() as cursor:
        told: bytes = cursor.cursor.mogrify(statement, parameters)
        return told


def words(column: Column, name: str) -> bytes:
    """SQL of what the page says: a stored slug in the words of the column's labels, what is missing in the column's."""
    pairs = [
        part
        for key, told in column.labels.items()
        for part in (str(key).lower() if isinstance(key, bool) else str(key), str(told))
    ]
    said = quoted(_labelled(column, f"{name}::text"), pairs)
    return (
        said if column.nothing == NOTHING else b"COALESCE(NULLIF(%s, ''), %s)" % (said, quoted("%s", [column.nothing]))
    )


def _labelled(column: Column, text: str) -> str:
    """A column's labels as SQL; where blanks part several slugs, each of them."""
    if not column.labels:
        return text
    whens = " ".join("WHEN %s THEN %s" for _ in column.labels)
    if not column.many:
        return f"(CASE {text} {whens} ELSE {text} END)"
    slugs = f"unnest(string_to_array({text}, ' ')) WITH ORDINALITY AS slugs (slug, place)"
    return f"(SELECT string_agg(CASE slug {whens} ELSE slug END, ', ' ORDER BY place) FROM {slugs})"


def zone(column: Column, names: Mapping[str, str]) -> str:
    """SQL of the zone in which a column's instants are told: the row's own, or central Mexico."""
    home = f"'{MEXICO_CITY}'"
    return f"COALESCE(NULLIF({names[column.zone_path]}, ''), {home})" if column.zone_path else home


def day(name: str, zone: str) -> str:
    """SQL of a day; that of an instant is its zone's, as on the page, whatever the session's."""
    local = f"({name} AT TIME ZONE {zone})::date"
    return f"(CASE WHEN pg_typeof({name}) = 'timestamptz'::regtype THEN {local} ELSE {name}::date END)"


class Snapshot:
    """One view of the database for everything that a file tells: its rows, their number, their sums."""

    def __init__(self, raw: Any) -> None:
        """Over psycopg2's own connection: Django's belongs to the thread that opened it."""
        self._raw = raw
        self._failure: list[BaseException] = []
        self.copying = False

    def rows(self, statement: bytes) -> list[tuple[Any, ...]]:
        """What a small question answers."""
        with self._raw.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def copied(self, statement: bytes) -> Iterator[bytes]:
        """COPY's bytes as they come. Raises what PostgreSQL said when it broke off."""
        reading, writing = os.pipe()
        producer = threading.Thread(target=self._produce, args=(statement, writing), daemon=True)
        producer.start()
        self.copying = True
        try:
            with os.fdopen(reading, "rb", buffering=0) as pipe:
                while chunk := pipe.read(CHUNK):
                    yield chunk
            producer.join()
            if self._failure:
                raise self._failure[0]
            self.copying = False
        finally:
            if self.copying:  # the reader went away or COPY broke: the connection is in the middle of something
                self._raw.cancel()
                producer.join()

    def _produce(self, statement: bytes, writing: int) -> None:
        try:
            with os.fdopen(writing, "wb", buffering=CHUNK) as pipe, self._raw.cursor() as cursor:
                cursor.copy_expert(statement, pipe)
        except BaseException as error:  # handed to the reading thread, which raises it
            self._failure.append(error)


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """One REPEATABLE READ transaction that only reads; inside a transaction of the caller, that one."""
    database: Any = connections["default"]  # the object itself: whoever closes the stream may be another thread
    database.ensure_connection()
    raw = database.connection
    own = not database.in_atomic_block
    if own:
        _run(raw, f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '{LONGEST}'")
    view, whole = Snapshot(raw), False
    try:
        yield view
        whole = True
        if own:
            _run(raw, "COMMIT")
    finally:
        if not whole:
            raw.close()
            if own:
                database.connection = None


def _run(raw: Any, statement: str) -> None:
    with raw.cursor() as cursor:
        cursor.execute(statement)
