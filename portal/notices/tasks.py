"""The drain that mails notices."""

from celery import shared_task

from portal import queue
from portal.notices import mail
from portal.notices.models import Notice

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float] = {
    "drain.notices": 5.0,
}


@shared_task(name="drain.notices")  # type: ignore[untyped-decorator]
def drain_notices() -> int:
    """Mail what waits; idempotent, since each row is finished once (JB-02)."""
    return queue.drain(Notice, mail.send, limit=20)
