"""The drain of imports: files of more than 5,000 rows or 5 MB are read and applied here, one at a time."""

from __future__ import annotations

from celery import shared_task

from portal import clock, queue
from portal.imports import services
from portal.imports.models import ImportTask
from portal.imports.services.long import LEASE

SCHEDULE: dict[str, float] = {"drain.imports": 5.0}


@shared_task(name="drain.imports")
def work_on_imports() -> int:
    """Read or apply each file that is too long for a request."""
    return queue.drain(ImportTask, lambda task: services.work_on(task=task, at=clock.now()), limit=1, lease=LEASE)
