"""The drain that seals; beat wakes it every five seconds."""

from __future__ import annotations

from celery import shared_task

from portal.history import services

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float] = {
    "drain.audit": 5.0,
}


@shared_task(name="drain.audit")  # type: ignore[untyped-decorator]
def seal() -> int:
    """Seal what was committed since the last time. Running twice, or twice at once, seals each row once."""
    return services.seal_events()
