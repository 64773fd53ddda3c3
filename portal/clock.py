"""What "now" is. Read once, in the view, command or task, and passed down as `at` (instant) or `on` (date).

The demo world registers an offset that only moves forward; without it, this is real time.
Sessions, secrets, throttles, leases, locks and audit sealing use `real_now` (docs/domain.md 3).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.zones import MEXICO_CITY

_offset: Callable[[], timedelta] = timedelta


def register_offset(provider: Callable[[], timedelta]) -> None:
    """Let `config.demo` say how far the simulated clock is ahead of the real one."""
    global _offset  # noqa: PLW0603 - one clock a process, registered once at start
    _offset = provider


def real_now() -> datetime:
    """The real instant, UTC."""
    return datetime.now(tz=UTC)


def now() -> datetime:
    """The instant the product lives in, UTC: real time plus the demo's offset."""
    return real_now() + _offset()


def today(zone: str = MEXICO_CITY) -> date:
    """The product's date in a time zone (default: central Mexico)."""
    return now().astimezone(ZoneInfo(zone)).date()


def date_in(at: datetime, zone: str = MEXICO_CITY) -> date:
    """The local date of an instant in a time zone (default: central Mexico)."""
    return at.astimezone(ZoneInfo(zone)).date()
