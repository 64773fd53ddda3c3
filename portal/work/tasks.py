"""The sweep of who looked at what."""

from __future__ import annotations

from celery import shared_task

from portal import clock
from portal.work import services

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float] = {
    "work.sweep": 900.0,
}


@shared_task(name="work.sweep")  # type: ignore[untyped-decorator]
def sweep() -> int:
    """Delete what is older than an hour. Running twice deletes nothing more."""
    return services.sweep_looks(at=clock.real_now())
