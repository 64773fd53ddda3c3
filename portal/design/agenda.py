"""Weeks of days with what falls on each, as `components/agenda.html` draws them: a grid, on a phone a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.design.dates import SHORT_MONTHS, WEEKDAYS

WEEK = 7


@dataclass(frozen=True, slots=True)
class Entry:
    """Something of a day: what it is called (a sum, a folio), a word about it, and where it leads."""

    title: str
    text: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """One day; `is_out` of one that stands only to fill its week up."""

    on: date
    entries: Sequence[Entry]
    is_today: bool = False
    is_out: bool = False

    @property
    def short(self) -> str:
        """`30 nov`: its year is the page's."""
        return f"{self.on.day} {SHORT_MONTHS[self.on.month - 1]}"


@dataclass(frozen=True, slots=True)
class Agenda:
    """Whole weeks from Monday to Sunday."""

    weeks: Sequence[Sequence[AgendaDay]]

    @property
    def heads(self) -> list[str]:
        """The days of a week."""
        return list(WEEKDAYS)


def agenda_of(entries: Mapping[date, Sequence[Entry]], *, today: date, days: int) -> Agenda:
    """So many days from `today` on, in whole weeks; a day without entries stands there empty."""
    end = today + timedelta(days=days)
    begins = today - timedelta(days=today.weekday())
    count = -(-(end - begins).days // WEEK)
    rows = []
    for week in range(count):
        monday = begins + timedelta(weeks=week)
        of_week = [monday + timedelta(days=number) for number in range(WEEK)]
        rows.append([AgendaDay(one, entries.get(one, ()), one == today, not today <= one < end) for one in of_week])
    return Agenda(rows)
