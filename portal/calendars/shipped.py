"""The calendars the product is born with and where their public holidays come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import holidays

from portal.calendars.rules import Interval
from portal.zones import MEXICO_CITY, SANTIAGO

YEARS = range(2015, 2036)
_OFFICE: tuple[Interval, ...] = ((9 * 60, 18 * 60),)
# S1.8: 8:00 to 14:00 and 14:30 to 20:00, Monday to Friday on working days.
_COUNTER: tuple[Interval, ...] = ((8 * 60, 14 * 60), (14 * 60 + 30, 20 * 60))


@dataclass(frozen=True, slots=True)
class ShippedCalendar:
    """One calendar: Monday to Friday with the same hours."""

    code: str
    label: str
    country: str
    zone: str
    hours: tuple[Interval, ...]


CALENDARS: tuple[ShippedCalendar, ...] = (
    ShippedCalendar("mx-office", "Oficina en México", "MX", MEXICO_CITY, _OFFICE),
    ShippedCalendar("imss-counter", "Ventanilla del IMSS", "MX", MEXICO_CITY, _COUNTER),
    ShippedCalendar("cl-office", "Oficina en Chile", "CL", SANTIAGO, _OFFICE),
)


def public_holidays(country: str, years: Iterable[int]) -> Iterator[tuple[date, str]]:
    """Public holidays of a country (MX: article 74 of the labour law; CL: `public`), in Spanish, by date."""
    if not country:
        return
    found = holidays.country_holidays(country, years=list(years), language="es")
    yield from sorted((day, str(name)) for day, name in found.items())
