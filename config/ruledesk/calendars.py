"""Calendars for the commands: each read once a call, told as JSON."""

from __future__ import annotations

from config.ruledesk.lines import Answer
from portal.calendars import rules, selectors
from portal.calendars.rules import Schedule
from portal.text import storable


class Calendars:
    """The calendars of one call of a command, each read from its rows once."""

    def __init__(self) -> None:
        self._read: dict[str, Schedule] = {}

    def __getitem__(self, code: str) -> Schedule:
        """The schedule of a code. Raises RuleBroken (`calendar_unknown`)."""
        if code not in self._read:
            self._read[code] = selectors.calendar(storable(code)[:60])
        return self._read[code]


def described(schedule: Schedule) -> Answer:
    """One calendar: hours of each weekday (0 is Monday), the years its holidays are known for, closings."""
    years = sorted({day.year for day in schedule.holidays})
    return {
        "calendar": schedule.code,
        "label": schedule.label,
        "zone": schedule.zone,
        "hours": rules.week_text(schedule),
        "weekly": {
            str(weekday): [[rules.clock_text(opens), rules.clock_text(closes)] for opens, closes in sorted(intervals)]
            for weekday, intervals in sorted(schedule.weekly.items())
        },
        "holidays": {"count": len(schedule.holidays), "years": [years[0], years[-1]] if years else []},
        "closings": [[first.isoformat(), last.isoformat()] for first, last in sorted(schedule.closings)],
    }
