"""What a list is made of: columns with a kind, an order for the keyset, filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from django.db.models import QuerySet
from django.urls import reverse

from portal.access import Permission

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
class Link:
    """The page of a row: the URL pattern's `name` with the row's `path` in it.

    `carries` says that the page leads to the next of the list: its address bears the filters and the order in which the
    row was found.
    """

    name: str
    path: str = "pk"
    carries: bool = False

    def around(self, value: Any) -> tuple[str, str]:
        """What stands before and after a value in the address: one `reverse()` serves every row of a list."""
        before, _, after = reverse(self.name, args=[value]).rpartition(quote(str(value)))
        return before, after


@dataclass(frozen=True, slots=True)
class Drill:
    """From a group to the list of its rows: the list's page, and its filters {parameter: path of the group's value}.

    `fixed` are filters of every group (what the grouped list itself has only such rows of). With `carries` the filters
    in force follow: the two lists ask the same things by the same names, and what the group says of itself wins.
    """

    name: str
    filters: Mapping[str, str]
    fixed: Mapping[str, str] = field(default_factory=dict)
    carries: bool = False

    def __call__(self, row: Row, narrowed: str = "") -> str:
        """The address for one group; `narrowed` (`?desde=…` or "") are the filters in force."""
        own = {**self.fixed, **{one: _asked(one, row[path]) for one, path in self.filters.items()}}
        kept = parse_qsl(narrowed.removeprefix("?")) if self.carries else []
        return (
            f"{reverse(self.name)}?{urlencode([*((one, said) for one, said in kept if one not in own), *own.items()])}"
        )


def _asked(parameter: str, value: Any) -> Any:
    """A value as its filter takes it: a month is typed without its day."""
    return f"{value:%Y-%m}" if parameter == "mes" and isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Masked:
    """What a column shows only a mask of: the field path that holds it whole, who may open it, the list's page.

    The column itself is the mask, on the page as in every file. Whoever holds `permission` opens one row's value, with
    a reason that is recorded.
    """

    path: str
    permission: Permission
    page: str


@dataclass(frozen=True, slots=True)
class Opening(Link):
    """Where the value of a masked column is opened: the row's own page of the list's column."""

    listing: str = ""
    column: str = ""

    def around(self, value: Any) -> tuple[str, str]:
        """As a link's."""
        before, _, after = reverse(self.name, args=[self.listing, self.column, value]).rpartition(quote(str(value)))
        return before, after


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `path` is a field path (default: the name); `expression` is a Django expression instead of it.

    `labels` and `tones` turn a stored slug into words and colour, `many` says that blanks part several slugs; `nothing`
    stands where there is none (a row is named by its first cell). No function writes a value: the file could not say
    the same. `href` is a `Link`, or builds an address from the row (a mapping of every path the query asks for).
    `masked` is of one that shows only a mask; `sealed` of one that rests encrypted and is told whole to whoever sees
    the row: no order, words or sum are of it, and in a file Python opens it. `shown` says to whom page and files show
    a column (None: to everybody).
    `sort` offers to sort by it, nothing always last. Money is in `currency` unless `currency_path` names a field; an
    instant is told in central Mexico unless `zone_path` names a field with the row's own zone. Text is escaped by the
    table; never return markup.
    """

    name: str
    label: str
    path: str = ""
    kind: Kind | str = Kind.TEXT
    expression: Any = None
    total: bool = False
    href: Link | Callable[[Row], str] | None = None
    masked: Masked | None = None
    shown: Callable[[Any], bool] | None = None
    labels: Mapping[Any, str] = field(default_factory=dict)
    tones: Mapping[Any, str] = field(default_factory=dict)
    many: bool = False
    currency: str = "MXN"
    currency_path: str = ""
    zone_path: str = ""
    export: bool = True
    sort: bool = False
    sealed: bool = False
    nothing: str = NOTHING

    def __post_init__(self) -> None:
        if self.sealed and (self.sort or self.total or self.labels or self.masked or self.expression is not None):
            raise ValueError(f"{self.name}: what is sealed is told whole, the database knows nothing of it")

    @property
    def alias(self) -> str:
        """The name under which the query answers this column."""
        return f"column_{self.name}" if self.expression is not None else self.path or self.name


@dataclass(frozen=True, slots=True)
class Pick:
    """What makes the rows of a page choosable: each is sent as `field`, `most` of them at once.

    `total` names the money column that the selection bar sums.
    """

    field: str
    total: str
    most: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One list. `rows(user, **parts)` says who sees what; `parts` are what an address says beside its parameters.
    `permission` is the one that its page asks for (None: whoever signed in, of rows that are their own): without it
    nobody may ask for the rows in another way either.

    `order` must end with a unique field and hold no nulls: it is the keyset. With `groups` (paths of a row, or of what
    `rows` annotates) each row is a group: its columns are those paths or aggregates, its order all that tells groups
    apart; filters narrow the rows before they are grouped.
    `nouns` = (singular, plural) for the count label; `filters` is a class of `Filters`, read from the parameters;
    `extra` are field paths that `href` functions need beside the columns; `file_name` names the file (default: the
    list's name); `own` says that its rows are the business of whoever sees them (AU-08); `pick` lets them be chosen;
    `whose` names those for whom a person acts, where they are several: the filter `persona` narrows to one. `recent` is
    the date of which a list that would add up everything has the last twelve months, until `desde` or `hasta` is asked.
    `parts` puts what the address narrows by into words: name → (label, value → text); without a text a value leaves
    nothing out.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[..., QuerySet[Any]]
    permission: Permission | None
    order: tuple[str, ...] = ("-created_at", "-pk")
    groups: tuple[str, ...] = ()
    filters: Any = None
    extra: tuple[str, ...] = ()
    nouns: tuple[str, str] = ("renglón", "renglones")
    size: int = 50
    file_name: str = ""
    own: bool = False
    pick: Pick | None = None
    whose: Callable[[Any], Mapping[Any, str]] | None = None
    recent: str = ""
    parts: Mapping[str, tuple[str, Callable[[Any], str | None]]] = field(default_factory=dict)

    def shown_to(self, user: Any) -> Listing:
        """The list as this person's page and files have it: without the columns that say nothing to them."""
        columns = tuple(one for one in self.columns if one.shown is None or one.shown(user))
        return self if len(columns) == len(self.columns) else replace(self, columns=columns)

    def is_open_to(self, user: Any) -> bool:
        """Whether this person may ask for it, in whatever way."""
        return self.permission is None or self.permission in user.permissions

    @property
    def key(self) -> str:
        """The unique field that ends its order."""
        return self.order[-1].lstrip("-")

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells one row from another."""
        return self.groups or ("pk",)

    @property
    def paths(self) -> list[str]:
        """What one query asks for: columns, currencies, zones, links, extras, then the order's fields; each once."""
        wanted = [column.alias for column in self.columns]
        wanted += [path for column in self.columns for path in (column.currency_path, column.zone_path) if path]
        wanted += [column.href.path for column in self.columns if isinstance(column.href, Link)]
        wanted += [*self.extra, *(name.lstrip("-") for name in self.order)]
        return list(dict.fromkeys(wanted))

    @property
    def expressions(self) -> dict[str, Any]:
        """Annotations the columns need."""
        return {column.alias: column.expression for column in self.columns if column.expression is not None}
