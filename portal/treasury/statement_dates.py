"""Days, ranges and months as Mexican banks print them. Pure (domain 2.6)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero ene jan",
            "febrero feb",
            "marzo mar",
            "abril abr apr",
            "mayo may",
            "junio jun",
            "julio jul",
            "agosto ago aug",
            "septiembre setiembre sept sep set",
            "octubre oct",
            "noviembre nov",
            "diciembre dic dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d{2}|\d{2}"
_DATE = re.compile(
    rf"""(?<![\d])(?:
      (?P<iy>(?:19|20)\d{{2}})(?P<is>[/\-])(?P<im>\d{{2}})(?P=is)(?P<id>\d{{2}})
    | (?P<nd>\d{{1,2}})\s?(?P<sep>[/.\-])\s?(?P<nm>\d{{1,2}})\s?(?P=sep)\s?(?P<ny>{_YEAR})
    | (?P<td>\d{{1,2}})(?:[°ºo]|ro)?\s{{0,2}}(?:de\s{{1,2}}|[/.\-]\s?)?(?P<tm>{_MONTH})\.?
      \s{{0,2}}(?:del?\s{{1,2}}|[/.\-,]\s?)?(?:a[nñ]o\s{{1,2}})?(?P<ty>{_YEAR})
    | (?<![a-z])(?P<mm>{_MONTH})\.?[\s/.\-]{{1,2}}(?P<md>\d{{1,2}})(?:,\s?|[/.\-]|\s)\s?(?:del?\s{{1,2}})?
      (?P<my>\d{{4}})
    )(?!\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_MONTH_YEAR = re.compile(
    rf"(?<![a-z])(?P<month>{_MONTH})\.?(?:\s{{0,2}}del?\s{{1,2}}|[/\-,]\s?|\s{{1,2}})(?P<year>(?:19|20)\d{{2}})(?!\d)",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"^[\s:]*(?:(?:fecha\s)?(?:al?|hasta|-|–|—|/|y|fin(?:al)?|termin[ao]))[\s:]*(?:el\s+)?(?:d[ií]a\s+)?$",
    re.IGNORECASE,
)
# "del 1 al 31 de octubre de 2026", "01/oct al 31/oct/2026": the first day has no year, or not even a month.
_SHORT_START = re.compile(
    rf"(?<![\d/.,\-])(?P<day>\d{{1,2}})[°º]?(?:\s{{0,2}}(?:de\s{{1,2}}|[/.\-]\s?)?(?P<month>{_MONTH}|(?<=[/.\-])\d{{1,2}}))?\.?"
    r"\s{0,2}(?:\bal?|-|–|—|\bhasta)\s{0,2}(?:el\s+)?(?:d[ií]a\s+)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """One date and where it stands in the text."""

    on: date
    start: int
    end: int


def find_dates(text: str) -> list[Found]:
    """Every readable date, in order of appearance; impossible days are skipped, two-digit years are of this century."""
    return list(_dates(text))


def _dates(text: str) -> Iterator[Found]:
    for match in _DATE.finditer(text):
        part = match.groupdict()
        if part["iy"]:
            numbers = int(part["iy"]), int(part["im"]), int(part["id"])
        elif part["nd"]:
            numbers = _year(part["ny"]), int(part["nm"]), int(part["nd"])
        elif part["td"]:
            numbers = _year(part["ty"]), MONTHS[part["tm"].lower()], int(part["td"])
        else:
            numbers = int(part["my"]), MONTHS[part["mm"].lower()], int(part["md"])
        try:
            yield Found(date(*numbers), match.start(), match.end())
        except ValueError:
            continue


def _year(text: str) -> int:
    return int(text) if len(text) > 2 else 2000 + int(text)  # two digits


# --- ranges ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A day (`first` is None), a range of days, or a whole month (`by_name`), and where it stands in the text."""

    last: date
    start: int
    end: int
    first: date | None = None
    by_name: bool = False

    @property
    def days(self) -> int:
        """How long the range is, its last day included; 1 for a day."""
        return (self.last - (self.first or self.last)).days + 1


def find_spans(text: str) -> list[Span]:
    """Every range, every day that is part of none, every "octubre de 2026" that is part of neither, in order."""
    found = list(_days_and_ranges(text, find_dates(text)))
    for match in _MONTH_YEAR.finditer(text):
        if all(match.end() <= one.start or match.start() >= one.end for one in found):
            month, year = MONTHS[match["month"].lower()], int(match["year"])
            last = date(year, month, monthrange(year, month)[1])
            found.append(Span(last, match.start(), match.end(), last.replace(day=1), by_name=True))
    return sorted(found, key=lambda one: one.start)


def _days_and_ranges(text: str, dates: list[Found]) -> Iterator[Span]:
    waiting: Found | None = None
    for found in dates:
        if waiting and found.on >= waiting.on and _LINK.match(text[waiting.end : found.start]):
            yield Span(found.on, waiting.start, found.end, waiting.on)
            waiting = None
            continue
        if waiting:
            yield Span(waiting.on, waiting.start, waiting.end)
        short = _short_range(text, found)
        if short:
            yield short
        waiting = None if short else found
    if waiting:
        yield Span(waiting.on, waiting.start, waiting.end)


def _short_range(text: str, found: Found) -> Span | None:
    before = max(0, found.start - 40)
    match = _SHORT_START.search(text[before : found.start])
    if match is None:
        return None
    named, last = (match["month"] or "").lower(), found.on
    month = MONTHS.get(named) or (int(named) if named else last.month)
    try:
        first = date(last.year - (month > last.month), month, int(match["day"]))
    except ValueError:
        return None
    return Span(last, before + match.start(), found.end, first) if first <= last else None
