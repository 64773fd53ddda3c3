"""Calendars that never end, and reminders of every deadline of the house."""

from __future__ import annotations

import logging

from celery import shared_task
from celery.schedules import crontab

from portal import clock
from portal.calendars import selectors, services

log = logging.getLogger("cauce.calendars")

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float | crontab] = {
    "calendars.remind": 60.0,
    "calendars.extend": crontab(minute="50", hour="2"),
}
# Those that a day of the portal's asks for, and their place in it.
DAYS = {"calendars.extend": 10, "calendars.remind": 40}


@shared_task(name="calendars.extend")
def extend() -> int:
    """Bring the holidays of the years ahead that no calendar knows yet. Returns how many rows came."""
    at = clock.now()
    return services.extend_calendars(on=clock.date_in(at), at=at)


@shared_task(name="calendars.remind")
def remind() -> int:
    """Send every reminder whose stored day has come, of every room, in order; again it sends nothing new (JB-06)."""
    at = clock.now()
    on = clock.date_in(at)
    sent = 0
    for due in selectors.to_remind(on=on):
        try:
            sent += services.remind(due=due, on=on, at=at)
        except Exception:  # one deadline's trouble is that one's alone; the next run tries again
            log.exception("reminder failed: %s %s", type(due).__name__, due.pk)
    return sent
