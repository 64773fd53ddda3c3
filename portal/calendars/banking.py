"""Days on which banks in Mexico settle: SPEI's operation days. Pure.

A transfer ordered on a Friday evening, or on a weekend, belongs to the operation of the next banking day; which of the
two dates a bank and its customer write down is their habit (domain 1.3).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter

from portal.calendars.shipped import public_holidays

_DAY = timedelta(days=1)
_FRIDAY = 4
# Closed to the public by the CNBV's yearly list, though the labour law opens them.
_ALL_SOULS, _GUADALUPE = (11, 2), (12, 12)


@lru_cache(maxsize=64)
def _closed(year: int) -> frozenset[date]:
    """Banking holidays of one year: the labour law's, Maundy Thursday, Good Friday, 2 November and 12 December."""
    sunday = easter(year)
    own = {sunday - 3 * _DAY, sunday - 2 * _DAY, date(year, *_ALL_SOULS), date(year, *_GUADALUPE)}
    return frozenset(own | {day for day, _name in public_holidays("MX", [year])})


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
