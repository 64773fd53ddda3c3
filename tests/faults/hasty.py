"""The portal's Celery app, whose watch looks every second: a deaf worker ends in seconds instead of half a minute."""

from __future__ import annotations

from config import celery, pulse

app = celery.app
pulse.LOOK_SECONDS = 1.0
