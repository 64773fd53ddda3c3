"""Banking days of Mexico, against the CNBV's published lists (domain 1.3)."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest

from portal.calendars import banking
from portal.calendars.rules import Kind
from portal.calendars.shipped import public_holidays

# The CNBV's list of days on which banks close, as published each December.
CLOSED = {
    2025: "01-01 02-03 03-17 04-17 04-18 05-01 09-16 11-17 12-12 12-25",
    2026: "01-01 02-02 03-16 04-02 04-03 05-01 09-16 11-02 11-16 12-25",
}


@pytest.mark.parametrize("year", CLOSED)
def test_banks_close_on_the_days_of_the_cnbvs_list_and_on_weekends(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=one) for one in range(365)]
    closed = [f"{day:%m-%d}" for day in days if day.weekday() < 5 and not banking.is_bank_day(day)]
    assert closed == [day for day in CLOSED[year].split() if date.fromisoformat(f"{year}-{day}").weekday() < 5]
    assert not any(banking.is_bank_day(day) for day in days if day.weekday() >= 5)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        ("2026-11-18", "2026-11-17", "2026-11-19"),
        ("2026-11-20", "2026-11-19", "2026-11-23"),
        ("2026-11-21", "2026-11-20", "2026-11-23"),
        ("2026-11-17", "2026-11-13", "2026-11-18"),
        ("2026-04-01", "2026-03-31", "2026-04-06"),
        ("2026-12-24", "2026-12-23", "2026-12-28"),
        ("2027-01-02", "2026-12-31", "2027-01-04"),
    ],
)
def test_the_days_beside_a_date_skip_weekends_and_banking_holidays(day: str, before: str, after: str) -> None:
    found = banking.beside(date.fromisoformat(day))
    assert found == (date.fromisoformat(before), date.fromisoformat(after))


def test_mx_bank_agrees_with_the_exchanges_calendar_on_every_weekday_of_a_decade() -> None:
    """Domain 3: the labour law's days and the CNBV's four, as the package's XMEX has them."""
    years = range(2021, 2031)
    ours = {day for day, _name in public_holidays("MX", years, Kind.BANK) if day.weekday() < 5}
    assert ours == {day for day in holidays.financial_holidays("XMEX", years=years) if day.weekday() < 5}


def test_cl_bank_closes_on_new_years_eve_beside_the_public_holidays() -> None:
    years = range(2021, 2031)
    public, bank = ({day for day, _name in public_holidays("CL", years, kind)} for kind in Kind)
    assert bank - public == {date(year, 12, 31) for year in years} and public < bank
    assert list(public_holidays("", years, Kind.BANK)) == []
