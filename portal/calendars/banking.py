"""Days on which banks in Mexico settle: SPEI's operation days. Pure.

A transfer ordered on a Friday evening, or on a weekend, belongs to the operation of the next banking day; which of the
two dates a bank and its customer write down is their habit (domain 1.3).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from portal.calendars.rules import Kind
from portal.calendars.shipped import public_holidays

_DAY = timedelta(days=1)
_FRIDAY = 4


@lru_cache(maxsize=64)
def _closed(year: int) -> frozenset[date]:
    """Banking holidays of one year as they ship (the row `mx-bank` may be edited; a file is judged without it)."""
    return frozenset(day for day, _name in public_holidays("MX", [year], Kind.BANK))


def is_bank_day(day: date) -> bool:
    """Whether banks settle on a date."""
    return day.weekday() <= _FRIDAY and day not in _closed(day.year)


def beside(day: date) -> tuple[date, date]:
    """The banking days before and after a date; what lies between them is one operation away from it at most."""
    before, after = day - _DAY, day + _DAY
    while not is_bank_day(before):
        before -= _DAY
    while not is_bank_day(after):
        after += _DAY
    return before, after
