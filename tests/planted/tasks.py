"""What of trips runs by itself."""

from __future__ import annotations

from celery import shared_task

from tests.planted.models import Trip

SCHEDULE: dict[str, float] = {"planted.count": 3600.0}
DAYS = {"planted.count": 70}


@shared_task(name="planted.count")
def count() -> int:
    """How many wait."""
    return Trip.objects.filter(state="asked").count()
