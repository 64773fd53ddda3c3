"""A world grown many times: what was made since a moment is copied row by row in SQL, each copy a life of its own.

The services make a hundred families' year in minutes; a hundred thousand would take a day. Foreign keys and triggers
are away while it grows: they would ask each of tens of millions of rows what its model already answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

APART = 10_000_000  # a copy's number is its model's and so many times its own
_NUMBER = "(right({0}, 6)::int + n * 10000)::text"
_FOLIO = f"regexp_replace({{0}}, '[0-9]+$', '') || lpad({_NUMBER}, greatest(6, length({_NUMBER})), '0')"
_WORD = "'medida' || translate(lpad(n::text, 4, '0'), '0123456789', 'abcdefghij')"  # a longer one than any of theirs
# What is unique, or told apart by people, as SQL over the cell `{0}` and the number `n` of the copy.
_CELLS = {
    "folio": f"CASE WHEN {{0}} = '' THEN '' ELSE {_FOLIO} END",
    "key": f"CASE WHEN {{0}} LIKE '%-%' THEN {_FOLIO} ELSE {{0}} || lpad(n::text, 4, '0') END",
    "reference": "CASE WHEN {0} = '' THEN '' ELSE {0} || lpad(n::text, 4, '0') END",
    "code": "left({0}, 18) || '-' || n",
    "identity": "left({0}, 56) || '-' || n",
    "as_printed": f"regexp_replace({{0}}, '^[^ ]+', {_WORD})",
    "name_mark": f"{_WORD} || ' ' || split_part({{0}}, ' ', 1)",
    "curp_index": "CASE WHEN {0} = '' THEN '' ELSE encode(sha256(({0} || n)::bytea), 'hex') END",
    "source_id": "bench_text({0}, n)",
    "subject_id": "bench_text({0}, n)",
    "uid": "gen_random_uuid()",
}
_NONE = ("card_id", "constancia_id")  # one paper is one row's: copies have none
_FUNCTIONS = """
CREATE OR REPLACE FUNCTION bench_copy(one uuid, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT overlay(one::text placing lpad(to_hex(n), 4, '0') from 20 for 4)::uuid $$;
CREATE OR REPLACE FUNCTION bench_text(one text, n integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE WHEN one ~ '^[0-9a-f]{8}-' THEN overlay(one placing lpad(to_hex(n), 4, '0') from 20 for 4)
    ELSE one END $$;
"""


class Grown:
    """Remembers how far these tables went when it is made; `copies` multiplies the rows that came since."""

    def __init__(self, models: Sequence[Any]) -> None:
        self._models = models
        self._stood = {
            model: model._base_manager.order_by("-pk").values_list("pk", flat=True).first() for model in models
        }

    def copies(self, times: int) -> None:
        """`times` copies of each row; what a row points to that stood before is shared by all."""
        run(f"SET maintenance_work_mem = '512MB'; {_FUNCTIONS}")
        with _unguarded([model._meta.db_table for model in self._models]):
            for model in self._models:
                run(self._statement(model, times))
        for model in self._models:
            run(f'ANALYZE "{model._meta.db_table}"')

    def _statement(self, model: Any, times: int) -> str:
        fields, table = model._meta.concrete_fields, model._meta.db_table
        columns = ", ".join(f'"{field.column}"' for field in fields)
        cells = ", ".join(self._cell(field) for field in fields)
        since = self._since(f'r."{model._meta.pk.column}"', model)
        found = f'generate_series(1, {times}) n, "{table}" r WHERE {since}'
        return f'INSERT INTO "{table}" ({columns}) SELECT {cells} FROM {found}'

    def _since(self, cell: str, model: Any) -> str:
        last = self._stood[model]
        return "true" if last is None else f"{cell} > '{last}'"

    def _cell(self, field: Any) -> str:
        """A column of a copy: its key and keys of what is copied along are its own, and so are names and folios."""
        cell, of = f'r."{field.column}"', field.model if field.primary_key else field.related_model
        if of in self._stood:
            moved = f"bench_copy({cell}, n)"
            if of._meta.pk.get_internal_type() == "BigAutoField":
                moved = f"{cell} + n * {APART}::bigint"
            return f"CASE WHEN {self._since(cell, of)} THEN {moved} ELSE {cell} END"
        if field.column in _NONE:
            return "NULL"
        return _CELLS.get(field.column, "{0}").format(cell)


_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint c
WHERE contype = ANY(%s) AND conrelid = ANY(%s::regclass[])
AND NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE c.contype <> 'f' AND f.contype = 'f' AND f.conindid = c.conindid)
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""


@contextmanager
def _unguarded(tables: Sequence[str]) -> Iterator[None]:
    """Without foreign keys, triggers and indexes of these tables; afterwards the same guard and find what is new.

    An index of millions of rows is built in one go in a tenth of the time that they would take one by one.
    """
    points, unique = _rows(_KEYS, [["f"], tables]), _rows(_KEYS, [["u", "x"], tables])
    for table, name, _told in [*points, *unique]:
        run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = _rows(_INDEXES, [tables])
    for name, _told in indexes:
        run(f"DROP INDEX {name}")
    for table in tables:
        run(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    yield
    for table in tables:
        run(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    for _name, told in indexes:
        run(told)
    for table, name, told in unique:
        run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {told}")
    for table, name, told in points:
        run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {told} NOT VALID")


def run(statement: str) -> None:
    """One statement, or several, of a table's shape or rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def _rows(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What one statement answers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
