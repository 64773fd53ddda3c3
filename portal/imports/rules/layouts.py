"""What a kind of import asks of its rows, and what was read of them: columns with readers, control totals. Pure.

A layout reads a file's table and the API's JSON rows alike: typed rows, and every error of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from portal.errors import RuleBroken
from portal.imports.rules.cells import Unreadable, check_letters, quoted
from portal.imports.rules.formats import FixedWidth, OwnFormat
from portal.imports.rules.readers import Reader, plain_text
from portal.imports.rules.tables import (
    REMEMBERED,
    Column,
    Content,
    Lines,
    Named,
    Row,
    bears,
    checked_cell,
    heading_key,
    read_table,
    unknown_headings,
    without_column,
)
from portal.money import format_money, parse_money

ROWS = "rows"  # the control total every kind has: how many rows
_MISSING = "Falta este dato. Agrégalo y manda otra vez el renglón."


@dataclass(frozen=True, slots=True)
class Field(Column):
    """A column with the reader of its values."""

    read: Reader = plain_text


@dataclass(frozen=True, slots=True)
class Total:
    """A control total beside the number of rows: the sum of one amount of every row, in `currency`."""

    name: str
    label: str
    currency: str


@dataclass(frozen=True, slots=True)
class Count:
    """A control total beside the number of rows: how many groups (families, certificates) the rows are of.

    `of(value)` is the group of a readable row; `noun` is what people call one group and several.
    """

    name: str
    label: str
    noun: tuple[str, str]
    of: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class RowError:
    """One problem of one row; rows count from 1 below the heading, `sheet_row` is what a spreadsheet shows (0: none).

    `field` is the column's name in code, empty when it is the whole row. `message` holds cause and cure.
    """

    row: int
    field: str
    code: str
    message: str
    sheet_row: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """A readable row: its number, its place in a spreadsheet, and what `Layout.build` made of it."""

    number: int
    value: Any
    sheet_row: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """What a file or a call holds: readable rows, and every error of the others.

    A file without rows may have `foreign` headings; somebody says which of them are the columns it is `lacking`.
    """

    items: tuple[Item, ...] = ()
    errors: tuple[RowError, ...] = ()
    foreign: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # cells by sheet row, of `without_secret`
    rest: Mapping[int, Mapping[str, Any]] = field(default_factory=dict, repr=False)  # cells of the wrong rows, by row
    staged: int = 0  # readable rows that stand in a staging table and not in `items`
    sums: Mapping[str, Decimal] = field(default_factory=dict)  # the control totals of those

    @classmethod
    def of(cls, values: Iterable[Any]) -> Read:
        """Rows that a program made: all readable, numbered from 1."""
        return cls(tuple(Item(number, value) for number, value in enumerate(values, start=1)))

    @property
    def rows(self) -> int:
        """How many rows came, readable or not."""
        return self.staged + len(self.items) + len({error.row for error in self.errors})

    @property
    def is_whole(self) -> bool:
        """Whether every row could be read."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class Judged:
    """What would become of readable rows: new ones, how many stand already or are left out, errors of the others.

    `refusal` says why the file as a whole is not even kept; whoever applies one that was kept does not ask it. New rows
    that stand in a staging table are only counted (`staged`).
    """

    new: tuple[Item, ...] = ()
    unchanged: int = 0
    skipped: int = 0
    errors: tuple[RowError, ...] = ()
    refusal: RuleBroken | None = None
    staged: int = 0

    @property
    def entering(self) -> int:
        """How many rows would enter."""
        return len(self.new) + self.staged


@dataclass(frozen=True, slots=True)
class Staged:
    """How the rows of a layout stand in their staging table.

    `layout` is the layout's own dotted path, by which the limited child finds it. `values(row)` gives a text for each
    of `columns`, as COPY reads it; what a row says in secret it leaves out. Each control total of the layout is the sum
    of the column of its name.
    """

    layout: str
    columns: tuple[str, ...]
    values: Callable[[Any], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns, the row they make, limits and control totals of one kind of import.

    `build(**values)` makes the typed row. `noun` is what people call one row and several («orden», «órdenes»),
    `max_rows` the most of a file, `max_called` of a call, `max_bytes` what a file may weigh (0: what any table may).
    `missing` is what is said of a datum that is not there. `secret` names the column that no kept copy may hold. A file
    is a table with headings (CSV, TSV, XLSX) unless `source` says how its lines are read; such a file has no secret
    one. `staged` says how rows stand in a staging table.
    """

    fields: tuple[Field, ...]
    build: Callable[..., Any]
    max_rows: int
    noun: tuple[str, str] = ("renglón", "renglones")
    totals: tuple[Total, ...] = ()
    counts: tuple[Count, ...] = ()  # not for rows that stand in a staging table
    missing: str = _MISSING
    secret: str = ""
    source: FixedWidth | OwnFormat | None = None
    max_called: int = 5_000
    max_bytes: int = 0
    staged: Staged | None = None
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(one.name for one in self.fields))
        if self.source and self.secret:
            raise ValueError("a copy without its secret column is made of a table with headings alone")

    def heading(self, name: str) -> str:
        """The heading people write for a column; a name nobody asked for stays as it is."""
        return next((one.heading for one in self.fields if one.name == name), name)

    def knowing(self, headings: Mapping[str, str]) -> Layout:
        """The same layout where some foreign headings (key) mean one of its columns (name)."""
        fields = tuple(
            replace(one, aliases=(*one.aliases, *(heading for heading, name in headings.items() if name == one.name)))
            for one in self.fields
        )
        return replace(self, fields=fields)

    @property
    def aliases(self) -> dict[str, str]:
        """Other headings that mean one of its columns: heading → column."""
        return {alias: one.name for one in self.fields for alias in one.aliases}

    def secret_column(self) -> list[Field]:
        """The one column that no kept copy may hold, as one that a table may lack; none where nothing is secret."""
        return [replace(one, required=False) for one in self.fields if one.name == self.secret]

    def without_secret(self, content: Content) -> tuple[bytes | None, dict[str, str]]:
        """A copy of a table to keep, and the cells of the secret column by sheet row; None when it brings none."""
        if isinstance(content, Named):
            return None, {}
        column = self.secret_column()
        if not column or not bears(content, column):
            return None, {}
        copy = without_column(content, column, self.secret, max_rows=self.max_rows)
        if copy is None:
            return None, {}
        rows = read_table(content, column, max_rows=self.max_rows).rows
        return copy, {str(row.sheet_row): cell for row in rows if (cell := row.cells.get(self.secret, ""))}

    def with_secret(self, read: Read, cells: Mapping[str, str]) -> Read:
        """What was read of a kept copy, with the cells that `without_secret` took out."""
        items = tuple(replace(item, value=self.keep(item.value, cells.get(str(item.sheet_row)))) for item in read.items)
        return replace(read, items=items)

    def read_or_ask(self, content: Content) -> Read:
        """`read_file`, or the foreign headings of a file that lacks columns, where they may be those columns."""
        try:
            return self.read_file(content)
        except RuleBroken as problem:
            asks = self.foreign(content) if problem.code == "missing_columns" else None
            if asks is None:
                raise
            return asks

    def foreign(self, content: Content) -> Read | None:
        """The headings of a file that may be the columns it lacks; None when saying which is which mends nothing."""
        if isinstance(content, Named):
            return Read(foreign=content.foreign, lacking=content.lacking) if content.foreign else None
        foreign, lacking = unknown_headings(content, self.fields, max_rows=self.max_rows)
        return Read(foreign=tuple(foreign), lacking=tuple(column.name for column in lacking)) if foreign else None

    def keep(self, value: Any, cell: str | None) -> Any:
        """A row with the cell of its secret column that was taken out of the copy that is read."""
        return replace(value, **{self.secret: cell}) if cell is not None else value

    def check_said(self, read: Read, said: Mapping[str, str]) -> dict[str, str]:
        """Which heading (key) is which column (name), as a person said for every lacking one. Raises RuleBroken.

        A column that a file may lack need not be said.
        """
        told = {name: said.get(name, "") for name in read.lacking}
        needed = {one.name for one in self.fields if one.required}
        found = {name: heading for name, heading in told.items() if heading or name in needed}
        if any(heading not in read.foreign for heading in found.values()) or len(set(found.values())) < len(found):
            raise RuleBroken(
                "Di para cada columna que falta cuál es su título en el archivo, uno distinto para cada una.",
                code="headings_unsaid",
            )
        return {heading_key(heading): name for name, heading in found.items()}

    def read_file(self, content: Content) -> Read:
        """The rows of a table with headings in words or in the API's names.

        Raises RuleBroken for a file that is no table, lacks a column or has too many rows (`tables.read_table`).
        """
        items, errors, rest = [], list[RowError](), {}
        for row, value, wrong in self.read_each(content):
            if wrong:
                errors += wrong
                rest[row.number] = row.cells
            else:
                items.append(Item(row.number, value, row.sheet_row))
        return Read(tuple(items), tuple(errors), rest=rest)

    def read_each(self, content: Content, *, after: int = 0) -> Iterator[tuple[Row, Any, list[RowError]]]:
        """The rows of a table one by one: its cells, what `build` made of them, or else every error of it.

        Rows up to number `after` are passed over; a right row need not tell its cells. Raises RuleBroken as `read_file`
        does, once it gets there.
        """
        lines = Lines(content, self.fields, max_rows=self.max_rows, after=after)
        known: list[dict[str, Any]] = [{} for _ in self.fields]  # what each column's reader made of a text before
        quick = self._quick(lines.names, typed=lines.typed)
        for number, line, cells in lines:
            made = quick(cells)
            if made is not None:
                yield Row(number, line, {}), self.build(**made), []
                continue
            row, faults = lines.row(number, line, cells)
            read, wrong = self._read_row(row.number, row.cells, known, checked=True)
            if not wrong and not faults:
                yield row, self.build(**read), []
                continue
            faulty = {fault.column for fault in faults}
            errors = [] if "" in faulty else [error for error in wrong if error.field not in faulty]
            errors += [RowError(fault.number, fault.column, fault.code, fault.message) for fault in faults]
            placed = [replace(error, sheet_row=row.sheet_row) for error in sorted(errors, key=self._place)]
            yield row, None, placed

    def _quick(self, names: Sequence[str], *, typed: bool) -> Callable[[Sequence[str]], dict[str, Any] | None]:
        """Reads a line of plain cells in one go, most of them from memory; None for a line that needs a closer look."""
        fields = {one.name: one for one in self.fields}
        places: list[tuple[str, Reader, dict[str, Any]] | None] = [
            (name, fields[name].read, {}) if name else None for name in names
        ]
        absent = [one for one in self.fields if one.name not in names]
        always_looked_at = any(one.required for one in absent)

        def read(cells: Sequence[str]) -> dict[str, Any] | None:
            if always_looked_at or len(cells) != len(places):
                return None
            made: dict[str, Any] = {}
            try:
                for place, cell in zip(places, cells, strict=True):
                    if place is None:
                        continue
                    if type(cell) is not str:  # a number or a formula of a sheet
                        return None
                    name, reader, before = place
                    if cell in before:
                        made[name] = before[cell]
                        continue
                    made[name] = value = reader(cell if typed else checked_cell(cell))
                    if len(before) < REMEMBERED:
                        before[cell] = value
                for one in absent:
                    made[one.name] = one.read("")
            except Unreadable:
                return None
            return made

        return read

    def read_rows(self, raw: Sequence[Any]) -> Read:
        """The same of JSON objects, one a row. Raises RuleBroken for too many."""
        most = min(self.max_rows, self.max_called)
        if len(raw) > most:
            raise RuleBroken(
                f"Manda a lo más {most:,} {self.noun[1]} por entrega. Divide el archivo.",
                code="too_many_rows",
            )
        items, errors, rest = [], list[RowError](), dict[int, Mapping[str, Any]]()
        known: list[dict[str, Any]] = [{} for _ in self.fields]
        for number, values in enumerate(raw, start=1):
            read, wrong = self._read_row(number, values, known, checked=False)
            if not wrong:
                items.append(Item(number, self.build(**read)))
            elif isinstance(values, Mapping):
                rest[number] = values
            errors += wrong
        return Read(tuple(items), tuple(errors), rest=rest)

    def _read_row(
        self, number: int, values: Any, known: Sequence[dict[str, Any]], *, checked: bool
    ) -> tuple[dict[str, Any], list[RowError]]:
        if not isinstance(values, Mapping):
            return {}, [RowError(number, "", "not_an_object", f"Cada {self.noun[0]} es un objeto con sus campos.")]
        read: dict[str, Any] = {}
        wrong = []
        for name in () if checked else values:
            if name not in self.names:
                shown = quoted(name)
                wrong.append(RowError(number, shown, "unknown_field", f"«{shown}» no es un campo. Corrige su nombre."))
        for one, before in zip(self.fields, known, strict=True):
            value = values.get(one.name)
            if value is None and not one.required:
                value = ""
            if value is None:
                wrong.append(RowError(number, one.name, "missing", self.missing))
                continue
            is_text = type(value) is str
            if is_text and value in before:
                read[one.name] = before[value]
                continue
            try:
                if is_text and not checked:
                    check_letters(value)
                read[one.name] = made = one.read(value)
                if is_text and len(before) < REMEMBERED:
                    before[value] = made
            except Unreadable as error:
                wrong.append(RowError(number, one.name, error.code, error.message))
        return read, wrong

    def _place(self, error: RowError) -> tuple[int, int]:
        return error.row, self.names.index(error.field) if error.field in self.names else -1

    def count(self, read: Read) -> dict[str, Any]:
        """The control totals of what arrived: rows, and groups and sums (Decimal) of the readable ones."""
        sums = {
            total.name: sum(
                (getattr(item.value, total.name) for item in read.items), read.sums.get(total.name, Decimal(0))
            )
            for total in self.totals
        }
        groups = {one.name: len({one.of(item.value) for item in read.items}) for one in self.counts}
        return {ROWS: read.rows, **groups, **sums}

    def check_totals(self, declared: Mapping[str, Any], counted: Mapping[str, Any], *, is_whole: bool) -> None:
        """Refuse control totals that the sender declared and that did not arrive. Raises RuleBroken.

        Groups and sums are compared only when every row could be read (`is_whole`); the number of rows always.
        """
        if not declared[ROWS]:
            raise RuleBroken("La entrega no trae ningún renglón. Manda al menos uno.", code="no_rows")
        if not self.agree(declared, counted, is_whole=is_whole):
            raise RuleBroken(
                f"Los totales de control no coinciden: anunciaste {self.told(declared)} y llegaron "
                f"{self.told(counted)}. No guardamos nada; revisa el archivo y mándalo completo.",
                code="control_totals",
            )

    def agree(self, declared: Mapping[str, Any], counted: Mapping[str, Any], *, is_whole: bool) -> bool:
        """Whether what was declared is what arrived."""
        sums = [*(one.name for one in self.counts), *(one.name for one in self.totals)] if is_whole else []
        return all(declared[name] == counted[name] for name in (ROWS, *sums))

    def told(self, totals: Mapping[str, Any]) -> str:
        """`3 órdenes por $3,900.00`, `7 personas de 3 familias`."""
        groups = "".join(f" de {totals[one.name]:,} {one.noun[totals[one.name] != 1]}" for one in self.counts)
        sums = "".join(f" por {format_money(totals[one.name], one.currency)}" for one in self.totals)
        return f"{totals[ROWS]:,} {self.noun[totals[ROWS] != 1]}{groups}{sums}"

    def typed(self, rows: int, amounts: Mapping[str, str]) -> dict[str, Any]:
        """Totals as a person typed them. Raises RuleBroken at the field of an amount that cannot be read."""
        totals: dict[str, Any] = {ROWS: rows, **{one.name: int(amounts[one.name]) for one in self.counts}}
        for one in self.totals:
            try:
                totals[one.name] = parse_money(amounts[one.name], one.currency)
            except RuleBroken as error:
                raise RuleBroken(error.message, code=error.code, field=one.name) from error
        return totals

    def as_json(self, totals: Mapping[str, Any]) -> dict[str, Any]:
        """Totals for storage: amounts as text."""
        groups = {one.name: totals[one.name] for one in self.counts}
        return {ROWS: totals[ROWS], **groups, **{one.name: str(totals[one.name]) for one in self.totals}}

    def from_json(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """What `as_json` wrote."""
        groups = {one.name: stored[one.name] for one in self.counts}
        return {ROWS: stored[ROWS], **groups, **{one.name: Decimal(stored[one.name]) for one in self.totals}}
