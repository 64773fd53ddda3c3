"""The sweep of what nobody came back for."""

from __future__ import annotations

from celery import shared_task

from portal import clock
from portal.resume import services

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float] = {
    "resume.sweep": 300.0,
}


@shared_task(name="resume.sweep")  # type: ignore[untyped-decorator]
def sweep() -> int:
    """Delete what is older than an hour. Running twice deletes nothing more."""
    return services.sweep(at=clock.real_now())
