"""Prepared statements for querysets: SQL that is written once a process and asked again with other values.

Django writes a query anew each time it is asked, which takes longer than PostgreSQL takes to answer by an index. What
every page asks (session, person, notices), and what the longest pages ask, is therefore written once.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, partial, update_wrapper
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import AutoField, F, Lookup, Model, QuerySet

if TYPE_CHECKING:
    _Lookup = Lookup[Any]
else:
    _Lookup = Lookup

MOST = 64  # statements that are kept of one question: tuples of other lengths are written anew, the oldest goes
AT_ONCE = 1_000  # rows of one INSERT
MANY = 100  # values; of more than that PostgreSQL's work is the longer one, and Django's own query is asked
Row = TypeVar("Row")
Cell = Callable[[Any], str]
Place = Callable[[list[Any], Any], Any]  # a parameter of the statement, of the values given and the connection
_PLAIN = {
    *(models.BooleanField, models.CharField, models.DateField, models.DateTimeField, models.DecimalField),
    *(models.SlugField, models.TextField, models.UUIDField, models.BigAutoField),
}
_numbers = itertools.count(1)
_TEXT = re.compile(r"mArK[0-9a-f]{32}eNd")


class Prepared(Generic[Row]):
    """A queryset of values: `ask(*values, **shape)` gives its rows.

    What is given by position is a value (text, number, id, day, instant, or a tuple of them): it goes into the
    statement as it is. What is given by keyword decides how the statement is written, and there are few of them. The
    function that makes the queryset is called once for each kind of values, so that it reads no clock and no database.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Row]]) -> None:
        self._make = make
        self._known: dict[Any, _Statement] = {}
        update_wrapper(self, make)

    def __call__(self, *values: Any, **shape: Any) -> list[Row]:
        """The rows of these values."""
        flat = list(_flat(values))
        if len(flat) > MANY:
            return list(self._make(*values, **shape))
        kind = (*map(_kind, values), *sorted(shape.items()))
        statement = self._known.get(kind)
        if statement is None:
            statement = _written(self._make, values, shape)
            for oldest in [*self._known][: max(0, len(self._known) + 1 - MOST)]:
                self._known.pop(oldest, None)
            self._known[kind] = statement
        return statement.rows(flat)

    def first(self, *values: Any, **shape: Any) -> Row | None:
        """The first of them, if any."""
        rows = self(*values, **shape)
        return rows[0] if rows else None


def prepared(make: Callable[..., QuerySet[Any, Row]]) -> Prepared[Row]:
    """Write the SQL of the queryset that this function makes once for all values that it is given."""
    return Prepared(make)


@dataclass(frozen=True, slots=True)
class Asked:
    """Rows that somebody may see or work on, of which a part is asked by a prepared statement: `make(*values(user))`.

    `values` gives all that `make` knows of who asks: ids, days, tuples of ids; None where there is nothing for them.
    """

    make: Callable[..., QuerySet[Any]]
    values: Callable[..., tuple[Any, ...] | None]

    def __call__(self, *who: Any) -> Any:
        """All these rows as a queryset; None where there are none."""
        values = self.values(*who)
        return None if values is None else self.make(*values)


class AnyOf(_Lookup):
    """A column that is one of many values, which are one parameter: `filter(AnyOf("membership", keys))`.

    An index answers it as it answers `__in`, where each value is a parameter that Django looks at, the driver writes
    and PostgreSQL plans: of some hundred that is what such a query costs.
    """

    prepare_rhs = False

    def __init__(self, path: str | F, values: Iterable[Any]) -> None:
        super().__init__(F(path) if isinstance(path, str) else path, list(values))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """`key = ANY(…)`."""
        column, params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        return f"{column} = ANY(%s::{_array_kind(field)})", (*params, _array(self.rhs, _cell_of(field)))


def insert(row: Model) -> None:
    """INSERT a new row by a statement that is written once a table: `save(force_insert=True)` without its signals."""
    begins, places, returning, fields = _insert_of(type(row))
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{begins}{places}{returning}",
            [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields],
        )
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def insert_new(rows: Sequence[Model]) -> None:
    """INSERT those that do not stand yet, as `bulk_create(ignore_conflicts=True)` does; each row brings its key."""
    if not rows:
        return
    begins, places, _returning, fields = _insert_of(type(rows[0]))
    connection = connections[DEFAULT_DB_ALIAS]
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{begins}{', '.join([places] * len(rows))} ON CONFLICT DO NOTHING", values)
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def insert_all(rows: Sequence[Model]) -> None:
    """INSERT new rows in few statements: `bulk_create` in less time; a key that the database gives stays unread."""
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        told = [row.__dict__ for row in some]
        names = [field.attname for field in _insert_of(type(some[0]))[-1]]
        insert_columns(type(some[0]), {name: [one[name] for one in told] for name in names})
        for row in some:
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def insert_columns(model: type[Model], columns: Mapping[str, Any]) -> None:
    """INSERT new rows of a table, given as its columns by their names: a list of what each row says, or what all say.

    The statement of a table is always the same: its parameters are the columns, each the text of an array. In VALUES
    every cell is a parameter, which the driver writes and PostgreSQL plans one by one; and no instance is made, which
    costs Django more than that. TypeError for a table that has arrays itself, KeyError for a column left out.
    """
    many = next(len(column) for column in columns.values() if isinstance(column, list))
    statement, cells = _columns_of(model)
    if many:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(statement, [_column(columns[name], many, cell) for name, cell in cells])


def _column(told: Any, many: int, cell: Cell) -> str:
    return _array(told, cell) if isinstance(told, list) else f"{{{','.join([cell(told)] * many)}}}"


@cache
def _columns_of(model: type[Model]) -> tuple[str, tuple[tuple[str, Cell], ...]]:
    """The statement that inserts rows given as columns; of each its attribute, and what writes a cell of it."""
    begins, _places, _returning, fields = _insert_of(model)
    told = ", ".join(f"%s::{_array_kind(field)}" for field in fields)
    columns = tuple((field.attname, _cell_of(field)) for field in fields)
    return f"{begins.removesuffix('VALUES ')}SELECT * FROM unnest({told})", columns


def _array_kind(field: Any) -> str:
    """What an array of its values is to PostgreSQL: of texts of any length, for a cast to a length would cut them."""
    kind = str(field.rel_db_type(connections[DEFAULT_DB_ALIAS]))
    if kind.endswith("]"):
        raise TypeError(f"{field} is an array itself")
    return "text[]" if kind.startswith("varchar") else f"{kind}[]"


def _cell_of(field: Any) -> Cell:
    """What writes a value of a column: a plain one as it is, another (sealed text) once its field has made it."""
    if isinstance(field, models.JSONField):
        return lambda value: "NULL" if value is None else _quoted(json.dumps(value, cls=field.encoder))
    if type(getattr(field, "target_field", field)) in _PLAIN:
        return _cell
    return lambda value: _cell(field.get_prep_value(value))


def as_array(column: Sequence[Any]) -> str:
    """Plain values as PostgreSQL reads an array, for one parameter of a statement that casts it: `{a,"b c",NULL}`."""
    return _array(column, _cell)


def _array(column: Sequence[Any], cell: Cell) -> str:
    kinds = list({*map(type, column)}) if cell is _cell else []
    if len(kinds) == 1:  # nearly every column: what writes a value of its kind is looked up once
        cell = _CELLS.get(kinds[0], _cell)
    return f"{{{','.join(map(cell, column))}}}"


def _cell(value: Any) -> str:
    """TypeError for a value of a kind that no column of ours holds."""
    written = _CELLS.get(type(value))
    if written is not None:
        return written(value)
    if isinstance(value, str):
        return _quoted(str.__str__(value))
    raise TypeError(f"{type(value).__name__} is no value of a column")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _placeholder(field: Any) -> str:
    placed = getattr(field, "get_placeholder", None)
    return str(placed(None, None, connections[DEFAULT_DB_ALIAS])) if placed else "%s"


@cache
def _insert_of(model: type[Model]) -> tuple[str, str, str, tuple[Any, ...]]:
    """How the statement begins, the places of a row, how it gives the key, and the fields of those places."""
    options, quoted = model._meta, connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = tuple(field for field in options.concrete_fields if not isinstance(field, AutoField))
    columns, places = ", ".join(quoted(str(field.column)) for field in fields), ", ".join(map(_placeholder, fields))
    key = quoted(str(options.pk.column))
    return f"INSERT INTO {quoted(options.db_table)} ({columns}) VALUES ", f"({places})", f" RETURNING {key}", fields


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL with the places of its values, and the compiler that knows what each column of a row is."""

    made: Any
    compiler: Any
    sql: str
    places: tuple[Place, ...]

    def rows(self, values: list[Any]) -> list[Any]:
        """As Django would fetch them, by a compiler of this thread's connection whose statement is written already."""
        if not self.sql:
            return []
        connection = connections[self.made.db]
        compiler, query = copy.copy(self.compiler), copy.copy(self.made.query)
        parameters = tuple(place(values, connection) for place in self.places)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_kwargs: (self.sql, parameters)
        query.get_compiler = lambda *_args, **_kwargs: compiler
        asked = SimpleNamespace(
            query=query, db=self.made.db, model=self.made.model, _fields=self.made._fields, _known_related_objects={}
        )
        return list(self.made._iterable_class(asked))


def _written(make: Callable[..., QuerySet[Any, Any]], values: tuple[Any, ...], shape: dict[str, Any]) -> _Statement:
    """The statement of this kind of values, "" where an empty tuple finds nothing. TypeError if a value is lost."""
    marks = tuple(_mark(value) for value in values)
    listed = list(_flat(marks))
    made: Any = make(*marks, **shape)
    if made._prefetch_related_lookups:
        raise TypeError(f"{make.__qualname__}: what is prefetched is asked by statements of its own")
    compiler = made.query.get_compiler(using=made.db)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        if not any(map(_is_empty, values)) and not all(map(_decides, listed)):
            raise TypeError(f"{make.__qualname__}: a value that no column can hold finds nothing") from None
        return _Statement(made, compiler, "", ())
    at_mark = {(type(mark), mark): at for at, mark in enumerate(listed) if not _decides(mark)}
    found = [_place(parameter, at_mark) for parameter in parameters]
    there = {at for at, _how in found}
    if any(at not in there and not _decides(mark) for at, mark in enumerate(listed)):
        raise TypeError(f"{make.__qualname__}: a value is no parameter of its statement as it was given")
    return _Statement(made, compiler, sql, tuple(place for _at, place in found))


def _place(parameter: Any, at_mark: Mapping[Any, int]) -> tuple[int | None, Place]:
    """Which value stands here, and how: itself, within the pattern of a LIKE, or always the same."""
    if type(parameter) in _MARKED and (at := at_mark.get((type(parameter), parameter))) is not None:
        return at, partial(_itself, at)
    if isinstance(parameter, str) and (within := _TEXT.search(parameter)):
        at = at_mark[str, within.group()]
        return at, partial(_within, at, parameter[: within.start()], parameter[within.end() :])
    return None, lambda _values, _connection: parameter


def _itself(at: int, values: list[Any], _connection: Any) -> Any:
    return values[at]


def _within(at: int, before: str, after: str, values: list[Any], connection: Any) -> str:
    return f"{before}{connection.ops.prep_for_like_query(values[at])}{after}"


def _flat(values: tuple[Any, ...]) -> Iterator[Any]:
    for value in values:
        yield from _flat(value) if isinstance(value, tuple) else (value,)


def _kind(value: Any) -> Any:
    """What of a value decides how the statement is written: its type; of what is no parameter, itself."""
    if isinstance(value, tuple):
        return tuple(map(_kind, value))
    return value if _decides(value) else type(value)


def _is_empty(value: Any) -> bool:
    """Whether it is a tuple of nothing, or has one in it."""
    return isinstance(value, tuple) and (not value or any(map(_is_empty, value)))


def _decides(value: Any) -> bool:
    """Whether a value is written into the statement: nothing, yes, no, or one of a fixed set."""
    return value is None or isinstance(value, bool | Enum)


def _mark(value: Any) -> Any:
    """A value of the same kind that nobody else gives, to be found again in the statement's parameters."""
    if isinstance(value, tuple):
        return tuple(map(_mark, value))
    if _decides(value):
        return value
    if type(value) not in _MARKED:
        raise TypeError(f"{type(value).__name__} is no value of a statement")
    return _MARKED[type(value)](next(_numbers))


# Of a number one that the smallest column holds: Django asks nothing about a value that its column cannot have.
_MARKED: dict[type, Callable[[int], Any]] = {
    str: lambda _number: f"mArK{uuid.uuid4().hex}eNd",
    uuid.UUID: lambda _number: uuid.uuid4(),
    int: lambda number: 32_700 - number % 1_000,
    Decimal: lambda number: Decimal(2_000_000_000 - number),
    datetime: lambda number: datetime(2998, 1, 1, tzinfo=UTC) + timedelta(microseconds=number),
    date: lambda number: date(2998, 1, 1) + timedelta(days=number % 100_000),
}
# How a value is written within an array.
_CELLS: dict[type, Cell] = {
    type(None): lambda _nothing: "NULL",
    uuid.UUID: str,
    Decimal: str,
    date: str,
    datetime: str,
    int: str,
    bool: str,
    str: _quoted,
}
