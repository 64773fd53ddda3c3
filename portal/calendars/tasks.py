"""Calendars that never end: each year one more."""

from __future__ import annotations

from celery import shared_task

from portal import clock
from portal.calendars import services


@shared_task(name="calendars.extend")
def extend() -> int:
    """Bring the holidays of the years ahead that no calendar knows yet. Returns how many rows came."""
    at = clock.now()
    return services.extend_calendars(on=clock.date_in(at), at=at)
