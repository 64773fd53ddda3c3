"""The sweep of what nobody came back for."""

from __future__ import annotations

from celery import shared_task

from portal import clock
from portal.resume import services


@shared_task(name="resume.sweep")  # type: ignore[untyped-decorator]
def sweep() -> int:
    """Delete what is older than an hour. Running twice deletes nothing more."""
    return services.sweep(at=clock.real_now())
