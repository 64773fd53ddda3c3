"""Dates as Mexican banks print them, and which of them closes a statement. Pure (domain 2.6)."""

from __future__ import annotations

import re
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
_DATE = re.compile(
    rf"""(?<![\d])(?:
      (?P<iy>\d{{4}})-(?P<im>\d{{2}})-(?P<id>\d{{2}})
    | (?P<nd>\d{{1,2}})\s?(?P<sep>[/.\-])\s?(?P<nm>\d{{1,2}})\s?(?P=sep)\s?(?P<ny>\d{{4}}|\d{{2}})
    | (?P<td>\d{{1,2}})(?:o|ro)?\s*(?:de\s+|[/.\-]\s?)?(?P<tm>{_MONTH})\.?\s*(?:del?\s+|[/.\-,]\s?)?(?:a[nñ]o\s+)?
      (?P<ty>\d{{4}}|\d{{2}})
    | (?P<mm>{_MONTH})\.?\s+(?P<md>\d{{1,2}}),?\s+(?:del?\s+)?(?P<my>\d{{4}})
    )(?!\d)""",
    re.VERBOSE | re.IGNORECASE,
)
# A next cut or a payment deadline is not this statement's closing date.
_CUT = re.compile(
    r"(?<!pr[oó]xima )(?<!siguiente )(?:fecha\s+(?:de\s+)?corte|corte\s+al|al\s+corte(?:\s+del?)?"
    r"|d[ií]a\s+de\s+corte|saldo\s+(?:final\s+)?al)",
    re.IGNORECASE,
)
_LINK = re.compile(r"^\s*(?:al?|hasta(?:\s+el)?|-|–|—|/|y)\s*(?:el\s+)?$", re.IGNORECASE)
# "del 1 al 31 de octubre de 2026": the first day has no month of its own.
_SHORT_START = re.compile(r"\d{1,2}(?:\s+de\s+(?:" + _MONTH + r"))?\s*(?:al?|-|–|hasta(?:\s+el)?)\s*$", re.IGNORECASE)
NEAR = 90


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
    return int(text) if len(text) > 2 else 2000 + int(text)  # noqa: PLR2004 - two digits


def closing_date(text: str) -> date | None:
    """The statement's closing date: next to "fecha de corte", else the end of its period; None when it names none."""
    dates = find_dates(text)
    cuts = [near for match in _CUT.finditer(text) if (near := _after(dates, match.end())) is not None]
    if cuts:
        return max(cuts)
    ends = [*_range_ends(text, dates), *_labelled_period(text, dates)]
    return max(ends) if ends else None


def _after(dates: list[Found], position: int) -> date | None:
    return next((found.on for found in dates if 0 <= found.start - position <= NEAR), None)


def _range_ends(text: str, dates: list[Found]) -> Iterator[date]:
    for first, second in zip(dates, dates[1:], strict=False):
        if second.on >= first.on and _LINK.match(text[first.end : second.start]):
            yield second.on
    for found in dates:
        if _SHORT_START.search(text[max(0, found.start - 40) : found.start]):
            yield found.on


def _labelled_period(text: str, dates: list[Found]) -> Iterator[date]:
    for match in re.finditer(r"per[ií]odo", text, re.IGNORECASE):
        close = [found.on for found in dates if 0 <= found.start - match.end() <= NEAR]
        if close:
            yield max(close[:2])
