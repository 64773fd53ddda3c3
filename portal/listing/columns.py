"""What a list is made of: columns with a kind, an order for the keyset, filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from portal.design import dates
from portal.money import format_money
from portal.zones import MEXICO_CITY

NOTHING = "—"


class Kind(StrEnum):
    """How a column's values are written and aligned."""

    TEXT = "text"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    STATE = "state"
    LINK = "link"
    NUMBER = "number"
    FOLIOS = "folios"


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `path` is a field path (default: the name); `expression` is a Django expression instead of it.

    `labels` and `tones` turn a stored slug into words and colour, `many` says that blanks part several slugs; `nothing`
    stands where there is none (a row is named by its first cell). No function writes a value: the file could not say
    the same;
    `href` builds a link from the row (a mapping of every column name and of the listing's `extra` paths).
    Money is in `currency` unless `currency_path` names a field. Text is escaped by the table; never return markup.
    """

    name: str
    label: str
    path: str = ""
    kind: Kind | str = Kind.TEXT
    expression: Any = None
    total: bool = False
    href: Callable[[Row], str] | None = None
    labels: Mapping[Any, str] = field(default_factory=dict)
    tones: Mapping[Any, str] = field(default_factory=dict)
    many: bool = False
    currency: str = "MXN"
    currency_path: str = ""
    export: bool = True
    nothing: str = NOTHING

    @property
    def alias(self) -> str:
        """The name under which the query answers this column."""
        return f"column_{self.name}" if self.expression is not None else self.path or self.name


@dataclass(frozen=True, slots=True)
class Listing:
    """One list. `order` must end with a unique field and hold no nulls: it is the keyset.

    `nouns` = (singular, plural) for the count label; `filters` is a django-filter FilterSet class read from GET;
    `extra` are field paths that `href` functions need beside the columns; `file_name` names the file (default: the
    list's name); `own` says that its rows are the business of whoever sees them (AU-08).
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ("-created_at", "-pk")
    filters: Any = None
    extra: tuple[str, ...] = ()
    nouns: tuple[str, str] = ("renglón", "renglones")
    size: int = 50
    file_name: str = ""
    own: bool = False

    @property
    def paths(self) -> list[str]:
        """What one query asks for: columns, extras, currencies, then the order's fields; each once."""
        wanted = [column.alias for column in self.columns]
        wanted += [column.currency_path for column in self.columns if column.currency_path]
        wanted += [*self.extra, *(name.lstrip("-") for name in self.order)]
        return list(dict.fromkeys(wanted))

    @property
    def expressions(self) -> dict[str, Any]:
        """Annotations the columns need."""
        return {column.alias: column.expression for column in self.columns if column.expression is not None}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as the table reads it: `text` is plain (the template escapes it), `exact` is machine time."""

    text: str
    kind: str
    label: str
    href: str = ""
    tone: str = ""
    exact: str = ""


def write(column: Column, value: Any, row: Row) -> str:
    """A value in words, plain text."""
    if value is None or value == "":
        return column.nothing
    if column.many:
        return ", ".join(str(column.labels.get(one, one)) for one in str(value).split())
    if column.labels:
        return str(column.labels.get(value, value))
    if column.kind == Kind.MONEY:
        return format_money(Decimal(value), row[column.currency_path] if column.currency_path else column.currency)
    if column.kind in {Kind.DATE, Kind.INSTANT}:
        return _when(column, value)
    if column.kind == Kind.NUMBER:
        return f"{value:,}"
    return str(value)


def _when(column: Column, value: date | datetime) -> str:
    return dates.instant(value) if column.kind == Kind.INSTANT and isinstance(value, datetime) else dates.short(value)


def cell(column: Column, row: Row) -> Cell:
    """One value as a cell."""
    value = row[column.alias]
    exact = ""
    if isinstance(value, datetime):
        exact = value.astimezone(ZoneInfo(MEXICO_CITY)).isoformat(timespec="seconds")
    elif isinstance(value, date):
        exact = value.isoformat()
    return Cell(
        text=write(column, value, row),
        kind=str(column.kind),
        label=column.label,
        href=column.href(row) if column.href is not None else "",
        tone=column.tones.get(value, "neutral") if column.kind == Kind.STATE else "",
        exact=exact,
    )
