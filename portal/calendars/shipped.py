"""The calendars the product is born with and where their public holidays come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.easter import easter

from portal.calendars.rules import Interval, Kind
from portal.zones import MEXICO_CITY, SANTIAGO

YEARS = range(2015, 2036)
_OFFICE: tuple[Interval, ...] = ((9 * 60, 18 * 60),)
# S1.8: 8:00 to 14:00 and 14:30 to 20:00, Monday to Friday on working days.
_COUNTER: tuple[Interval, ...] = ((8 * 60, 14 * 60), (14 * 60 + 30, 20 * 60))
_BRANCH_MX: tuple[Interval, ...] = ((8 * 60 + 30, 16 * 60),)
_BRANCH_CL: tuple[Interval, ...] = ((9 * 60, 14 * 60),)


@dataclass(frozen=True, slots=True)
class ShippedCalendar:
    """One calendar: Monday to Friday with the same hours."""

    code: str
    label: str
    country: str
    zone: str
    hours: tuple[Interval, ...]
    kind: Kind = Kind.LABOUR


CALENDARS: tuple[ShippedCalendar, ...] = (
    ShippedCalendar("mx-office", "Oficina en México", "MX", MEXICO_CITY, _OFFICE),
    ShippedCalendar("imss-counter", "Ventanilla del IMSS", "MX", MEXICO_CITY, _COUNTER),
    ShippedCalendar("cl-office", "Oficina en Chile", "CL", SANTIAGO, _OFFICE),
    ShippedCalendar("mx-bank", "Bancos en México", "MX", MEXICO_CITY, _BRANCH_MX, Kind.BANK),
    ShippedCalendar("cl-bank", "Bancos en Chile", "CL", SANTIAGO, _BRANCH_CL, Kind.BANK),
)


def public_holidays(country: str, years: Iterable[int], kind: str = Kind.LABOUR.value) -> Iterator[tuple[date, str]]:
    """Days on which a country's offices or banks close, in Spanish, by date (domain 3).

    MX: article 74 of the labour law; its banks also the CNBV's four. CL: `public`; its banks also 31 December.
    """
    if not country:
        return
    import holidays  # only a deployment and the yearly task count holidays: every process would load 25 modules

    banks, span = kind == Kind.BANK, list(years)
    categories = ("public", "bank") if banks and country == "CL" else ("public",)
    found = holidays.country_holidays(country, years=span, language="es", categories=categories)
    closed = {day: str(name) for day, name in found.items()}
    if banks and country == "MX":
        closed = dict(own for year in span for own in _closed_by_the_cnbv(year)) | closed
    yield from sorted(closed.items())


def _closed_by_the_cnbv(year: int) -> Iterator[tuple[date, str]]:
    """What the CNBV's yearly list adds, though the labour law opens those days."""
    sunday = easter(year)
    yield sunday - timedelta(days=3), "Jueves Santo"
    yield sunday - timedelta(days=2), "Viernes Santo"
    yield date(year, 11, 2), "Día de Muertos"
    yield date(year, 12, 12), "Día del empleado bancario"
