"""Nightly sweep of old keys and counters."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal import clock
from portal.once import services

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float | crontab] = {
    "once.sweep": crontab(minute="20", hour="3"),
}


@shared_task(name="once.sweep")  # type: ignore[untyped-decorator]
def sweep() -> int:
    """Delete what is too old to matter. Running twice deletes nothing more."""
    return services.sweep(at=clock.real_now())
