"""The drain that mails notices, the mail of the day, and who is told of work."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal import clock, queue
from portal.notices import mail, services
from portal.notices.models import Notice

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float | crontab] = {
    "drain.notices": 5.0,
    "notices.tell_of_work": 60.0,
    "notices.digest": crontab(minute="0", hour="7"),
}
# Those that a day of the portal's asks for, and their place in it.
DAYS = {"notices.tell_of_work": 50, "notices.digest": 60}


@shared_task(name="drain.notices")  # type: ignore[untyped-decorator]
def drain_notices() -> int:
    """Mail what waits; idempotent, since each row is finished once (JB-02)."""
    return queue.drain(Notice, mail.send, limit=20, ready=services.ready())


@shared_task(name="notices.tell_of_work")  # type: ignore[untyped-decorator]
def tell_of_work() -> int:
    """Tell whoever works on a queue that work arrived there; again it tells nothing new (JB-02)."""
    return services.tell_of_work(at=clock.now())


@shared_task(name="notices.digest")  # type: ignore[untyped-decorator]
def digest() -> int:
    """Mail the day's notices to who wants them in one mail; again at once it mails nothing."""
    return services.send_digests(at=clock.now())
