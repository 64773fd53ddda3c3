"""Dates and hours as Spanish words; own names, because a locale file may abbreviate with a point or a capital."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal.zones import MEXICO_CITY

MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
SHORT_MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


def as_date(value: date | datetime, zone: str = MEXICO_CITY) -> date:
    """The local date of a date or of an aware instant (a naive one is taken as local already)."""
    if isinstance(value, datetime):
        return as_local(value, zone).date()
    return value


def as_local(value: datetime, zone: str = MEXICO_CITY) -> datetime:
    """An aware instant on the wall clock of `zone`; a naive one stays."""
    return value.astimezone(ZoneInfo(zone)) if value.tzinfo else value


def short(value: date | datetime, zone: str = MEXICO_CITY) -> str:
    """`22 nov 2026`."""
    day = as_date(value, zone)
    return f"{day.day} {SHORT_MONTHS[day.month - 1]} {day.year}"


def long(value: date | datetime, zone: str = MEXICO_CITY) -> str:
    """`domingo 22 de noviembre de 2026`."""
    day = as_date(value, zone)
    return f"{WEEKDAYS[day.weekday()]} {day.day} de {MONTHS[day.month - 1]} de {day.year}"


def instant(value: datetime, zone: str = MEXICO_CITY) -> str:
    """`22 nov 2026, 09:30`; 24 hours."""
    local = as_local(value, zone)
    return f"{short(local, zone)}, {local:%H:%M}"
