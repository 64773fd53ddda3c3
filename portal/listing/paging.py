"""One page of a list: its rows, and when they are not all, how many there are. No OFFSET, no count above 10,000."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.db.models import Sum
from django.http import QueryDict

from portal.design.tables import Box
from portal.listing import opening, registry
from portal.listing.cells import Cell, writer
from portal.listing.columns import Column, Listing
from portal.listing.cursor import beyond, read_cursor, write_cursor
from portal.listing.selection import SORT, Selection

COUNT_CAP = 10_000
AFTER, BEFORE, FORMAT = "despues", "antes", "formato"
WHOSE = "persona"  # the filter that narrows a list to one of those for whom somebody acts
VIEW = "vista"  # which saved view an address came from; «todo» for none, however the list opens


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force and the address without it."""

    label: str
    text: str
    remove_href: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column's heading: `sorted` is asc, desc or "", `sort_href` sorts by it the other way, or ""."""

    label: str
    kind: str
    sort_href: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Some rows in the list's order, as values of `listing.paths`; `first` is the number of the first, from 1."""

    rows: list[Sequence[Any]]
    has_before: bool
    has_after: bool
    first: int

    @property
    def is_whole(self) -> bool:
        """Whether it is all there is."""
        return not (self.has_before or self.has_after)


@dataclass(frozen=True, slots=True)
class Page:
    """What a list page shows: `rows` hold cells, `previous`/`next` are addresses or "", `totals` None over the cap.

    `files` are (name of the format, address); `address` is where its links and its filters lead, "" for the page one is
    on. `boxes` are those of a list whose rows can be chosen, one a row. `call` is the API's address of the same list,
    `views` what the person saved of it (name, address, whether it is this page), `views_href` where more is saved.
    `whose` are those for whom the person acts (name, address of their rows, whether they are these), all of them first.
    """

    asked: Selection
    heads: list[Head]
    rows: list[list[Cell]]
    previous: str
    next: str
    count_label: str
    range_label: str
    totals: list[Cell] | None
    chips: list[Chip]
    files: list[tuple[str, str]]
    address: str = ""
    boxes: Sequence[Box] = ()
    call: str = ""
    views: Sequence[tuple[str, str, bool]] = ()
    views_href: str = ""
    whose: Sequence[tuple[str, str, bool]] = ()

    @property
    def listing(self) -> Listing:
        """The list it is a page of."""
        return self.asked.listing

    @property
    def columns(self) -> tuple[Column, ...]:
        """The list's columns, in the order of each row's cells."""
        return self.listing.columns

    @property
    def filterset(self) -> Any:
        """The filters, with their form."""
        return self.asked.filterset

    def shows(self, column: str, label: str) -> bool:
        """Whether a row of this page says so in a column: what stands here need not be asked of PostgreSQL again."""
        at = next(place for place, one in enumerate(self.columns) if one.name == column)
        return any(row[at].text == label for row in self.rows)

    @property
    def order(self) -> str:
        """What it was asked to be sorted by, for the filters' form to keep."""
        return self.asked.sorted_by

    @property
    def keep_label(self) -> str:
        """What leads to where views are kept."""
        return "Guardar o cambiar vistas" if self.views else "Guardar vista"

    @property
    def caption(self) -> str:
        """The table's caption."""
        return f"{self.listing.title}: {self.count_label}"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a person saved of a list, the list's page, and where more is saved."""

    views: Sequence[Any]
    path: str
    href: str


FILES = (("CSV", "csv"), ("Excel", "xlsx"), ("PDF", "pdf"))


def page(
    asked: Selection,
    *,
    address: str = "",
    chosen: Container[str] = (),
    kept: Kept | None = None,
    known: int | None = None,
) -> Page:
    """The page that was asked for; `address` is where its links lead, `chosen` are the rows whose boxes are ticked.

    `kept` is what the person saved of the list; None where nothing of it is saved. `known` is how many rows there are
    before any filter, where somebody counted them for this very page.
    """
    listing = asked.listing
    shown = _shown(asked)
    places = {path: at for at, path in enumerate(listing.paths)}
    narrowed = _with(asked.asked, {})
    columns = [opening.opens(listing, column, asked.user) for column in listing.columns]
    writers = [writer(column, places, narrowed.rstrip("?")) for column in columns]
    count = len(shown.rows) if shown.is_whole else _count(asked, known)
    before, after = edges(asked, shown)
    return Page(
        asked=asked,
        heads=_heads(asked, address),
        rows=[[write(values) for write in writers] for values in shown.rows],
        previous=address + _with(asked.asked, {BEFORE: before}) if before else "",
        next=address + _with(asked.asked, {AFTER: after}) if after else "",
        count_label=count_label(listing, count),
        range_label="" if shown.is_whole else _range(shown, count),
        totals=_totals(listing, sums(asked, shown)) if shown.rows and count <= COUNT_CAP else None,
        chips=_chips(asked, address),
        files=[(name, address + _with(asked.asked, {FORMAT: code})) for name, code in FILES],
        address=address,
        boxes=_boxes(listing, places, shown.rows, chosen),
        call=registry.call_of(asked),
        whose=_whose(asked, address),
        views=_views(asked, kept) if kept else (),
        views_href=f"{kept.href}&{VIEW}={quote(_with(asked.asked, {}, without=(VIEW,))[1:])}" if kept else "",
    )


def _shown(asked: Selection) -> Window:
    """The page's rows; once they are all, whatever else is drawn of the list need not ask again."""
    shown = window(asked)
    if shown.is_whole:
        asked.at_hand = [dict(zip(asked.listing.paths, row, strict=True)) for row in shown.rows]
    return shown


def _chips(asked: Selection, address: str) -> list[Chip]:
    """The filters in force, each with the way out of it."""
    return [Chip(label, text, address + _with(asked.asked, {}, without=(name,))) for name, label, text in asked.told]


def _whose(asked: Selection, address: str) -> list[tuple[str, str, bool]]:
    """All for whom the person acts, then each; none for who acts for one."""
    whose = asked.listing.whose(asked.user) if asked.listing.whose else {}
    if len(whose) < 2:
        return []
    here = asked.asked.get(WHOSE, "")
    each = [
        (name, address + _with(asked.asked, {WHOSE: str(key)}), str(key) == here)
        for key, name in sorted(whose.items(), key=lambda one: one[1])
    ]
    return [("Todos", address + _with(asked.asked, {}, without=(WHOSE,)), not here), *each]


def _views(asked: Selection, kept: Kept) -> list[tuple[str, str, bool]]:
    """Everything first, then the saved ones; none where nothing was saved."""
    here = _with(asked.asked, {}, without=(VIEW,))[1:]
    named = [(view.name, view.href, view.query == here) for view in kept.views]
    return [("Todo", f"{kept.path}?{VIEW}=todo", not here), *named] if named else []


def _boxes(listing: Listing, places: Mapping[str, int], rows: list[Sequence[Any]], chosen: Container[str]) -> list[Box]:
    """What chooses each row, with what it adds to the sum; none where nothing is chosen."""
    pick = listing.pick
    if pick is None:
        return []
    column = next(one for one in listing.columns if one.name == pick.total)
    key, amount = places[listing.key], places[column.alias]
    return [Box(pick.field, str(row[key]), f"{row[amount]:.2f}", ticked=str(row[key]) in chosen) for row in rows]


def window(asked: Selection) -> Window:
    """The rows at the place that was asked for, as many as the listing's page holds."""
    listing, size = asked.listing, asked.listing.size
    rows = asked.told_rows
    after = _place(asked, AFTER)
    before = _place(asked, BEFORE) if after is None else None
    if before is not None:
        narrowed = rows.filter(beyond(asked.order, before[:-1], backwards=True))
        narrowed = narrowed.order_by(*(key.ordering(backwards=True) for key in asked.order))
        found = list(narrowed.values_list(*listing.paths)[: size + 1])
        has_before, first = len(found) > size, before[-1] - len(found[:size])
        return Window(found[:size][::-1], has_before, True, max(first, 2) if has_before else 1)
    if after is not None:
        rows = rows.filter(beyond(asked.order, after[:-1]))
    ordered = rows.order_by(*(key.ordering() for key in asked.order))
    found = list(ordered.values_list(*listing.paths)[: size + 1])
    return Window(found[:size], after is not None, len(found) > size, after[-1] + 1 if after else 1)


def _place(asked: Selection, parameter: str) -> tuple[Any, ...] | None:
    return read_cursor(_name(asked), asked.asked.get(parameter, ""), len(asked.order) + 1)


def is_place(asked: Selection, parameter: str) -> bool:
    """Whether a parameter (`AFTER`, `BEFORE`) names a place of this list in this order."""
    return _place(asked, parameter) is not None


def _name(asked: Selection) -> str:
    """Of a list as this person asked for it: a place in another order or among other rows is no place in this one.

    So whoever pages through other people's things began at a first page, which was recorded (AD-01).
    """
    known = sorted(asked.listing.filters.base_filters) if asked.listing.filters else ()
    narrowed = urlencode([(name, value) for name in known if (value := asked.asked.get(name))])
    return f"{asked.listing.name} {asked.sorted_by} {asked.user.pk} {narrowed} {sorted(asked.parts.items())}"


def edges(asked: Selection, shown: Window) -> tuple[str, str]:
    """The places before the first row and after the last, "" where no more come: key values and the row's number."""
    places = {path: at for at, path in enumerate(asked.listing.paths)}

    def written(row: Sequence[Any], number: int) -> str:
        return write_cursor(_name(asked), [*(row[places[key.path]] for key in asked.order), number])

    return (
        written(shown.rows[0], shown.first) if shown.has_before and shown.rows else "",
        written(shown.rows[-1], shown.first + len(shown.rows) - 1) if shown.has_after and shown.rows else "",
    )


def _count(asked: Selection, known: int | None) -> int:
    """How many rows the label tells."""
    return counted(asked) if known is None or asked.is_narrowed or asked.listing.recent else known


def counted(asked: Selection) -> int:
    """How many rows there are; above the cap one more than it."""
    return asked.rows.order_by().values(*asked.listing.keys)[: COUNT_CAP + 1].count()


def count_label(listing: Listing, count: int) -> str:
    """`48 órdenes`, `1 orden`, `más de 10,000 órdenes`."""
    if count > COUNT_CAP:
        return f"más de {COUNT_CAP:,} {listing.nouns[1]}"
    return f"{count:,} {listing.nouns[0] if count == 1 else listing.nouns[1]}"


def _range(shown: Window, count: int) -> str:
    """`1–50 de 276`."""
    last = shown.first + len(shown.rows) - 1
    return f"{shown.first:,}–{last:,} de {count_of(count)}"


def count_of(count: int) -> str:
    """`276`, `más de 10,000`."""
    return f"más de {COUNT_CAP:,}" if count > COUNT_CAP else f"{count:,}"


def _heads(asked: Selection, address: str) -> list[Head]:
    by, bare = asked.sorted_by, address + _with(asked.asked, {}, without=(SORT,))
    lead = f"{bare}{'' if bare.endswith('?') else '&'}{SORT}="
    return [
        Head(
            label=column.label,
            kind=str(column.kind),
            sort_href=f"{lead}{'-' if by == column.name else ''}{column.name}" if column.sort else "",
            sorted={column.name: "asc", f"-{column.name}": "desc"}.get(by, "") if by and column.sort else "",
        )
        for column in asked.listing.columns
    ]


def sums(asked: Selection, shown: Window) -> dict[str, Any]:
    """The sum of each column that has a total, by its name: of the rows at hand when they are all, else PostgreSQL's.

    None where no row holds anything.
    """
    summed = [column for column in asked.listing.columns if column.total]
    if not summed:
        return {}
    if shown.is_whole:
        return _added(shown.rows, summed, asked.listing.paths)
    named = asked.told_rows.order_by().values(*asked.listing.keys, *(column.alias for column in summed))
    told = named.aggregate(**{f"sum_of_{column.name}": Sum(column.alias) for column in summed})
    return {column.name: told[f"sum_of_{column.name}"] for column in summed}


def _added(rows: Sequence[Sequence[Any]], summed: list[Column], paths: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in summed:
        at = paths.index(column.alias)
        held = [row[at] for row in rows if row[at] is not None]
        found[column.name] = sum(held) if held else None
    return found


def _totals(listing: Listing, found: Mapping[str, Any]) -> list[Cell] | None:
    """A cell a column, those of columns with a total filled."""
    if not found:
        return None
    return [
        writer(_plain(column), {column.name: 0})([found[column.name]])
        if column.total
        else Cell(text="", kind=str(column.kind), label=column.label)
        for column in listing.columns
    ]


def _plain(column: Column) -> Column:
    return Column(name=column.name, label=column.label, kind=column.kind, currency=column.currency)


def _with(asked: QueryDict, changes: Mapping[str, str], *, without: tuple[str, ...] = ()) -> str:
    """The same address with other parameters; a place in the list never survives a change."""
    dropped = {AFTER, BEFORE, FORMAT, *without, *changes}
    kept = [(name, value) for name, values in asked.lists() if name not in dropped for value in values]
    return f"?{urlencode([*kept, *changes.items()])}"
