"""The drain of imports: files of more than 5,000 rows or 5 MB are read and applied here, one at a time."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal import clock, queue
from portal.imports import services
from portal.imports.models import ImportTask
from portal.imports.services.long import LEASE

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float | crontab] = {
    "drain.imports": 5.0,
    "imports.sweep": crontab(minute="50", hour="3"),
}


# A file of as many rows as one may have is applied in one transaction, and holds its task meanwhile: minutes.
MOST_MINUTES = 30


@shared_task(name="drain.imports", soft_time_limit=(MOST_MINUTES - 1) * 60, time_limit=MOST_MINUTES * 60)
def work_on_imports() -> int:
    """Read or apply each file that is too long for a request."""
    return queue.drain(ImportTask, lambda task: services.work_on(task=task, at=clock.now()), limit=1, lease=LEASE)


@shared_task(name="imports.sweep")
def sweep() -> int:
    """Delete what a worker that died left in the staging tables."""
    return services.sweep()
