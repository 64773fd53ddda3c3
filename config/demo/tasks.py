"""The demo's clock is moved by a job: a day is played before the next one begins, so that nothing dated is skipped."""

from __future__ import annotations

from celery import shared_task
from django.db.models import Exists, OuterRef, Q

from config.demo import services
from config.demo.models import DemoDay
from portal import queue

# How often it runs, in seconds.
SCHEDULE: dict[str, float] = {"drain.demo_days": 5.0}


@shared_task(name="drain.demo_days")
def play_days() -> int:
    """Play the days that somebody asked for, one after the other: none while the one before it is still played."""
    earlier = DemoDay.objects.filter(pk__lt=OuterRef("pk"), done_at=None)
    return queue.drain(DemoDay, services.play_day, limit=1, ready=Q(~Exists(earlier)))
