"""One page of a list: its rows, and when they are not all, how many there are. No OFFSET, no count above 10,000."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, QueryDict

from portal.listing.cells import Cell, writer
from portal.listing.columns import Column, Listing
from portal.listing.cursor import beyond, read_cursor, reversed_order, write_cursor

COUNT_CAP = 10_000
SEARCHES, SEARCHES_WINDOW = 120, 60  # narrowed pages of one person in a minute
AFTER, BEFORE = "despues", "antes"
_OWN = (AFTER, BEFORE)


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force and the address without it."""

    label: str
    text: str
    remove_href: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a list page shows: `rows` hold cells, `previous`/`next` are addresses or "", `totals` None over the cap.

    `address` is where its links and its filters lead, "" for the page one is on.
    """

    listing: Listing
    columns: tuple[Column, ...]
    rows: list[list[Cell]]
    previous: str
    next: str
    count_label: str
    totals: list[Cell] | None
    filterset: Any = None
    chips: list[Chip] = field(default_factory=list)
    csv_href: str = ""
    address: str = ""

    @property
    def caption(self) -> str:
        """The table's caption."""
        return f"{self.listing.title}: {self.count_label}"


def page(request: HttpRequest, listing: Listing, queryset: QuerySet[Any], *, address: str = "") -> Page:
    """The page the address asks for. `queryset` is already what the person may see, `address` where its links lead.

    Raises TooMany above 120 narrowed pages a minute of one person: a search may read far more than it shows (OP-08).
    """
    filterset, narrowed = filtered(request, listing, queryset)
    if filterset is not None and any(request.GET.get(name) for name in filterset.filters):
        _count_search(request)
    found, back, more = _window(request.GET, listing, narrowed)
    places = {path: at for at, path in enumerate(listing.paths)}
    writers = [writer(column, places) for column in listing.columns]
    whole = not (back or more)
    count = len(found) if whole else narrowed.order_by().values("pk")[: COUNT_CAP + 1].count()
    return Page(
        listing=listing,
        columns=listing.columns,
        rows=[[write(values) for write in writers] for values in found],
        previous=address + _address(request, listing, places, found[:1], BEFORE) if back else "",
        next=address + _address(request, listing, places, found[-1:], AFTER) if more else "",
        count_label=count_label(listing, count),
        totals=_totals(listing, places, found if whole else narrowed) if found and count <= COUNT_CAP else None,
        filterset=filterset,
        chips=_chips(request, filterset, address),
        csv_href=address + _with(request.GET, {"formato": "csv"}),
        address=address,
    )


def _count_search(request: HttpRequest) -> None:
    from portal.once.services import throttle  # noqa: PLC0415 - needs models, and this room is imported before them

    throttle(scope="search", key=str(request.user.pk), limit=SEARCHES, window=SEARCHES_WINDOW)


def filtered(request: HttpRequest, listing: Listing, queryset: QuerySet[Any]) -> tuple[Any, QuerySet[Any]]:
    """The filters and the rows they leave. A filter that does not validate is not applied; its field says why."""
    if listing.filters is None:
        return None, queryset
    if not any(request.GET.get(name) for name in listing.filters.base_filters):
        return blank(listing.filters), queryset
    filterset = listing.filters(request.GET, queryset=queryset, request=request)
    return filterset, filterset.qs


@lru_cache(maxsize=256)
def blank(filters: type[Any]) -> Any:
    """The filters of a list that nobody narrowed: the same for everybody, so their form is made and drawn once."""
    made = filters(QueryDict(), queryset=QuerySet())
    made.form.is_valid()
    return made


def _window(asked: QueryDict, listing: Listing, queryset: QuerySet[Any]) -> tuple[list[Any], bool, bool]:
    """Rows of the page, whether there are rows before it, whether there are rows after it."""
    queryset = queryset.annotate(**listing.expressions)
    length = len(listing.order)
    after = read_cursor(listing.name, asked.get(AFTER, ""), length)
    before = read_cursor(listing.name, asked.get(BEFORE, ""), length) if after is None else None
    if before is not None:
        narrowed = queryset.filter(beyond(listing.order, before, backwards=True))
        found = list(narrowed.order_by(*reversed_order(listing.order)).values_list(*listing.paths)[: listing.size + 1])
        return found[: listing.size][::-1], len(found) > listing.size, True
    if after is not None:
        queryset = queryset.filter(beyond(listing.order, after))
    found = list(queryset.order_by(*listing.order).values_list(*listing.paths)[: listing.size + 1])
    return found[: listing.size], after is not None, len(found) > listing.size


def count_label(listing: Listing, count: int) -> str:
    """`48 órdenes`, `1 orden`, `más de 10,000 órdenes`."""
    if count > COUNT_CAP:
        return f"más de {COUNT_CAP:,} {listing.nouns[1]}"
    return f"{count:,} {listing.nouns[0] if count == 1 else listing.nouns[1]}"


def _totals(listing: Listing, places: Mapping[str, int], rows: list[Any] | QuerySet[Any]) -> list[Cell] | None:
    """A cell a column, those of columns with a total filled; `rows` are all rows, or what to ask for their sums."""
    summed = [column for column in listing.columns if column.total]
    if not summed:
        return None
    sums = _added(rows, places, summed) if isinstance(rows, list) else _sums(rows, summed)
    return [
        writer(_plain(column), {column.alias: 0})([sums[column.name]])
        if column.total
        else Cell(text="", kind=str(column.kind), label=column.label)
        for column in listing.columns
    ]


def _added(rows: list[Any], places: Mapping[str, int], summed: list[Column]) -> dict[str, Any]:
    """Sums of rows that are all here; None where no row holds anything, as PostgreSQL has it."""
    held = {one.name: [row[places[one.alias]] for row in rows if row[places[one.alias]] is not None] for one in summed}
    return {name: sum(values) if values else None for name, values in held.items()}


def _sums(rows: QuerySet[Any], summed: list[Column]) -> dict[str, Any]:
    """Sums that PostgreSQL adds up: only where they are shown, for they read every row."""
    named = rows.annotate(**{one.alias: one.expression for one in summed if one.expression is not None}).order_by()
    return named.values("pk", *(one.alias for one in summed)).aggregate(**{one.name: Sum(one.alias) for one in summed})


def _plain(column: Column) -> Column:
    return Column(name=column.name, label=column.label, path=column.alias, kind=column.kind, currency=column.currency)


def _address(request: HttpRequest, listing: Listing, places: Mapping[str, int], edge: list[Any], parameter: str) -> str:
    values = [row[places[name.lstrip("-")]] for row in edge for name in listing.order]
    return _with(request.GET, {parameter: write_cursor(listing.name, values)}) if edge else ""


def _with(asked: QueryDict, changes: dict[str, str], *, without: tuple[str, ...] = ()) -> str:
    """The same address with other parameters; a place in the list never survives a change."""
    kept = asked.copy()
    for name in (*_OWN, "formato", *without):
        kept.pop(name, None)
    for name, value in changes.items():
        kept[name] = value
    return f"?{kept.urlencode()}"


def _chips(request: HttpRequest, filterset: Any, address: str) -> list[Chip]:
    """Filters in force: what each says and the address without it."""
    if filterset is None or filterset is blank(type(filterset)):
        return []
    chips = []
    for name, one in filterset.form.fields.items():
        given = filterset.form.cleaned_data.get(name) if filterset.form.is_valid() else None
        if given in (None, "", []):
            continue
        choices = dict(getattr(one, "choices", ()))
        text = str(choices.get(str(given), choices.get(given, given)))
        chips.append(Chip(str(one.label or name), text, address + _with(request.GET, {}, without=(name,))))
    return chips
