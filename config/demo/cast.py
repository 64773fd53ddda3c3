"""Whom the scenes of the demo world share, and its calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal import clock
from portal.people.models import Party, User
from portal.zones import MEXICO_CITY


@dataclass
class Cast:
    """Everybody and everything the scenes share."""

    now: datetime
    users: dict[str, User] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    insurers: list[Party] = field(default_factory=list)
    operator: Party | None = None

    def days_ago(self, days: int) -> datetime:
        """11:10 in central Mexico, one day or more before the world began: past at whatever hour it is loaded."""
        day = clock.date_in(self.now) - timedelta(days=days)
        return datetime.combine(day, time(11, 10), tzinfo=ZoneInfo(MEXICO_CITY))
